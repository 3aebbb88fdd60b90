"""`toxic-tweets push` and `pull`: checkpoints to and from the Hugging Face Hub."""

from typing import Annotated

import typer

RepositoryId = Annotated[str, typer.Argument(help="The Hub id, owner/name.")]
Revision = Annotated[str | None, typer.Option(help="Branch, tag or commit; default: main.")]


def push_checkpoint(
    checkpoint: Annotated[str, typer.Argument(help="The folder, or an embedded name.")],
    repo_id: RepositoryId,
    private: Annotated[
        bool, typer.Option("--private", help="Make a new repository private.")
    ] = False,
    revision: Annotated[
        str | None, typer.Option(help="The branch to write to; default: main.")
    ] = None,
) -> None:
    """Publish a checkpoint: its card, checkpoint.json and the files it names, in one commit."""
    from toxic_tweets.model.checkpoint import find_checkpoint
    from toxic_tweets.model.hub import push

    commit = push(find_checkpoint(checkpoint), repo_id, private=private, revision=revision)
    typer.echo(f"{repo_id} is at {commit} now.")
    typer.echo(f"Use it: toxic-tweets score --model {repo_id} --revision {commit}")


def pull_checkpoint(repo_id: RepositoryId, revision: Revision = None) -> None:
    """Fetch a checkpoint into the cache, pinned to a commit, and print its folder."""
    from toxic_tweets.model.hub import pull

    folder = pull(repo_id, revision)
    typer.echo(str(folder))
    typer.echo(f"{repo_id} is at {folder.name}.", err=True)
