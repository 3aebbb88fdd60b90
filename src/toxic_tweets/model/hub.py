"""Fetch checkpoints from the Hugging Face Hub, and publish them there.

Where the Hub is and who asks are the business of `huggingface_hub`: it reads HF_ENDPOINT, HF_TOKEN,
HF_HOME and HF_HUB_OFFLINE by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toxic_tweets.errors import HubError, ToxicTweetsError

# What is read is never a pickle and never code. Nothing from below the top folder: there lie copies
# for other runtimes, often gigabytes.
_WANTED = ["*.json", "*.onnx", "*.safetensors", "*.txt", "*.md"]
_UNWANTED = ["*/*"]


@dataclass(frozen=True, slots=True)
class CachedCheckpoint:
    """Name one checkpoint that was fetched before.

    Attributes:
        repo_id: its hub id.
        revision: the commit that was fetched.
        folder: where its files are.
        size_bytes: what they take on the disk.
    """

    repo_id: str
    revision: str
    folder: Path
    size_bytes: int


def pull(
    repo_id: str,
    revision: str | None = None,
    *,
    endpoint: str | None = None,
    cache_folder: Path | None = None,
) -> Path:
    """Fetch a checkpoint and return its folder, whose name is the commit it was pinned to.

    A branch or a tag is resolved to its commit first, and every file is taken from that commit. A
    commit that is in the cache needs no network; without network a branch means the commit that
    was fetched last.

    Args:
        repo_id: hub id, `owner/name`.
        revision: branch, tag or commit; None means the main branch.
        endpoint: address of the Hub, if it is not the usual one.
        cache_folder: where to keep it, if not where `huggingface_hub` keeps all.

    Raises:
        HubError: there is no such repository, revision, permission or connection, or it holds
            nothing that can be loaded.
    """
    with _translated(repo_id, revision):
        from huggingface_hub import snapshot_download

        folder = Path(
            snapshot_download(
                repo_id,
                revision=revision,
                endpoint=endpoint,
                cache_dir=cache_folder,
                allow_patterns=_WANTED,
                ignore_patterns=_UNWANTED,
            )
        )
    if not folder.is_dir() or not any(folder.iterdir()):
        raise HubError(
            f"{repo_id} holds no JSON, ONNX or safetensors file that could be loaded. "
            "Pickled weights are refused; convert them to safetensors first."
        )
    return folder


def push(
    folder: Path,
    repo_id: str,
    *,
    private: bool = False,
    revision: str | None = None,
    message: str | None = None,
    endpoint: str | None = None,
    token: str | None = None,
) -> str:
    """Publish a checkpoint in one commit and return the commit's hash.

    Only the card, `metrics.json`, `checkpoint.json` and the files it names are sent.

    Args:
        folder: a checkpoint of ours.
        repo_id: hub id, `owner/name`; made if it does not exist.
        private: whether a repository that is made is private.
        revision: the branch to write to; None means the main branch.
        message: the commit's message.
        endpoint: address of the Hub, if it is not the usual one.
        token: a token with the right to write, if not the one that is logged in.

    Raises:
        CheckpointError: the folder is not a whole checkpoint.
        HubError: the Hub refuses it, or cannot be reached.
    """
    from toxic_tweets.model.card import CARD_FILE
    from toxic_tweets.model.checkpoint import (
        CHECKPOINT_FILE,
        METRICS_FILE,
        check_files,
        read_checkpoint,
    )

    checkpoint = read_checkpoint(folder)
    check_files(checkpoint)
    names = [CHECKPOINT_FILE, *checkpoint.files]
    names += [name for name in (CARD_FILE, METRICS_FILE) if (folder / name).is_file()]
    with _translated(repo_id, revision):
        from huggingface_hub import CommitOperationAdd, HfApi

        api = HfApi(endpoint=endpoint, token=token)
        api.create_repo(repo_id, private=private, exist_ok=True)
        commit = api.create_commit(
            repo_id,
            [CommitOperationAdd(name, folder / name) for name in names],
            commit_message=message or f"Publish {checkpoint.id}",
            revision=revision,
        )
        return str(commit.oid)


def cached_checkpoints(cache_folder: Path | None = None) -> tuple[CachedCheckpoint, ...]:
    """Return the checkpoints that were fetched before, ours and sequence classifiers of others.

    Args:
        cache_folder: where to look, if not where `huggingface_hub` keeps all.
    """
    from huggingface_hub import CacheNotFound, scan_cache_dir

    try:
        cache = scan_cache_dir(cache_folder)
    except CacheNotFound:
        return ()
    return tuple(
        CachedCheckpoint(repo.repo_id, one.commit_hash, one.snapshot_path, one.size_on_disk)
        for repo in sorted(cache.repos, key=lambda repo: repo.repo_id)
        if repo.repo_type == "model"
        for one in sorted(repo.revisions, key=lambda one: one.commit_hash)
        if _is_classifier(one.snapshot_path)
    )


def _is_classifier(folder: Path) -> bool:
    if (folder / "checkpoint.json").is_file():
        return True
    config = folder / "config.json"
    return config.is_file() and b"ForSequenceClassification" in config.read_bytes()


@contextmanager
def _translated(repo_id: str, revision: str | None) -> Iterator[None]:
    """Turn every failure of the Hub's client into one sentence and its way out."""
    try:
        yield
    except ToxicTweetsError:
        raise
    except Exception as error:  # its HTTP client's errors are classes of yet another library
        raise HubError(_explain(repo_id, revision, error)) from error


def _explain(repo_id: str, revision: str | None, error: Exception) -> str:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return f"{repo_id} asks for its terms to be accepted on its page first, and for HF_TOKEN."
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"There is no {repo_id} on the Hub, or it is private. Check the name, or set HF_TOKEN "
            "to a token that may read it."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repo_id} has no revision {revision!r}. Give a branch, a tag or a commit of it."
    if isinstance(error, errors.HFValidationError):
        return f"{repo_id!r} is not a hub id. Hub ids look like owner/name."
    if isinstance(error, errors.HfHubHTTPError):
        return (
            f"The Hub refused {repo_id} with HTTP status {error.response.status_code}. "
            "Check HF_TOKEN and its rights, or try later."
        )
    return (
        f"{repo_id} could not be fetched or sent ({type(error).__name__}) and is not in the cache. "
        "Check the connection, HF_ENDPOINT and HF_HUB_OFFLINE, or give a folder instead."
    )
