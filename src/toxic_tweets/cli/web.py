"""`toxic-tweets web`: the page for people who do not write code."""

from typing import Annotated

import typer

from toxic_tweets.errors import MissingExtraError


def show_web_page(
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port; the next free one if it is in use.")
    ] = 8501,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this machine's.")
    ] = "127.0.0.1",
    server: Annotated[
        str, typer.Option(envvar="TOXIC_TWEETS_WEB_SERVER", help="Score with the server at a URL.")
    ] = "",
    api_key: Annotated[
        str,
        typer.Option(
            envvar="TOXIC_TWEETS_WEB_API_KEY",
            show_envvar=True,
            help="The key that the server asks for; better in the environment, where no list of "
            "processes shows it.",
        ),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            envvar="TOXIC_TWEETS_WEB_MODEL",
            help="The model shown first: a name, a folder, a Hub id, or one of the server.",
        ),
    ] = "",
    any_model: Annotated[
        bool | None,
        typer.Option(
            "--any-model/--fixed-models",
            help="Let visitors name folders and Hub ids; default: only if nobody else can visit.",
        ),
    ] = None,
    in_frame: Annotated[
        bool,
        typer.Option(
            "--in-frame",
            envvar="TOXIC_TWEETS_WEB_IN_FRAME",
            help="Work inside a frame of another site, such as a Hugging Face Space.",
        ),
    ] = False,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Also show it in this machine's browser.")
    ] = False,
) -> None:
    """Show the page: try a text, a table of texts, compare models (needs the extra web)."""
    import dataclasses

    try:
        import streamlit  # noqa: F401 - so that its absence is told before anything is said
    except ModuleNotFoundError as error:
        raise MissingExtraError("web", error.name or "streamlit") from error
    from toxic_tweets.web.launch import is_loopback, run_page
    from toxic_tweets.web.settings import read_settings

    settings = dataclasses.replace(
        read_settings(),
        server=server.rstrip("/"),
        api_key=api_key,
        model=model,
        any_model=is_loopback(host) if any_model is None else any_model,
        in_frame=in_frame,
    )
    run_page(settings, host=host, port=port, open_browser=open_browser, say=typer.echo)
