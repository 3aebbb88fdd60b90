"""Start the page: a free port, and Streamlit with a configuration that keeps to itself."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toxic_tweets.errors import ToxicTweetsError
from toxic_tweets.web.settings import PageSettings, use_settings

SCRIPT = Path(__file__).with_name("app.py")
# How many ports after a taken one are tried; whoever has more pages than that names one.
_TRIES = 20


def run_page(
    settings: PageSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 8501,
    open_browser: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Serve the page until SIGINT or SIGTERM.

    Args:
        settings: what the page does.
        host: address to listen on.
        port: the port to listen on, or the next one that is free.
        open_browser: also show the page in the browser of this machine.
        say: takes one line at a time for whoever started it.

    Raises:
        ToxicTweetsError: nothing can listen there.
    """
    free = find_port(host, port)
    if free != port:
        say(f"Port {port} is in use; the page takes {free}.")
    use_settings(settings)
    from streamlit.web import bootstrap

    options = make_options(settings, host, free, open_browser)
    bootstrap.load_config_options(options)
    say(f"The page is at {make_url(host, free)} (Ctrl-C ends it).")
    bootstrap.run(str(SCRIPT), False, [], options)


def find_port(host: str, port: int) -> int:
    """Return the first free port from this one on.

    Raises:
        ToxicTweetsError: none of the next ones is free, or the address is not of this machine.
    """
    for candidate in range(port, min(port + _TRIES, 65_536)):
        try:
            with socket.create_server((host, candidate), family=_family(host)):
                return candidate
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ToxicTweetsError(
                    f"Nothing can listen on {host!r} ({error.strerror}). Give an address of this "
                    "machine, such as --host 127.0.0.1."
                ) from error
    last = min(port + _TRIES, 65_536) - 1
    raise ToxicTweetsError(
        f"The ports {port} to {last} of {host} are all in use or reserved. Give another one with "
        "--port."
    )


def make_url(host: str, port: int) -> str:
    """Return the address to type into a browser on this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - it is read here, not bound
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def make_options(
    settings: PageSettings, host: str, port: int, open_browser: bool = False
) -> dict[str, Any]:
    """Return the options of Streamlit, which go before any file or variable of its own."""
    options: dict[str, Any] = {
        "global.developmentMode": False,  # Streamlit guesses it from where it is installed
        "server.address": host,
        "server.port": port,
        "server.headless": not open_browser,
        "server.showEmailPrompt": False,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": settings.max_upload_mb,
        "server.enableStaticServing": False,
        # In a frame of another site browsers keep the cookie back that this check needs. The page
        # knows no accounts: nobody else's rights could be used through a visitor's browser.
        "server.enableXsrfProtection": not settings.in_frame,
        # Nothing is told to anybody: no counts, no texts in logs or in error messages.
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "viewer",
        "logger.level": "error",
        "logger.hideWelcomeMessage": True,
        **_THEME,
    }
    if is_loopback(host):  # no other name may lead a browser here
        options["server.allowedHosts"] = ["localhost", "127.0.0.1", "::1", "[::1]"]
    # Streamlit wants underscores where its command line has points.
    return {name.replace(".", "_"): value for name, value in options.items()}


_THEME = {
    "theme.light.primaryColor": "#2557a7",
    "theme.light.linkColor": "#2557a7",
    "theme.dark.primaryColor": "#7fb0ff",
    "theme.dark.linkColor": "#9cc1ff",
}


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
