"""The page in a real browser: Debian's Chromium, or whichever one is on the PATH."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Request

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# On a machine with nothing else to do every step takes well under a second.
PATIENCE_MS = 90_000


@dataclass
class Site:
    """Where the page is, and what a browser asked for from anywhere else."""

    url: str
    context: BrowserContext
    strangers: list[str] = field(default_factory=list)

    def open(
        self, path: str = "/", width: int = 1280, height: int = 900, scheme: str = "light"
    ) -> Page:
        """Open the page in a new tab, as wide and in the colours of some visitor."""
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(self.url + path)
        page.locator("[data-testid=stMain] h2").wait_for()
        return page


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """Return the address of a page that runs in a process of its own."""
    pytest.importorskip("streamlit", reason="misses the extra web: no browser test was run")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "toxic_tweets", "web", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        wait_until_healthy(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_healthy(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1800):
        if process.poll() is not None:
            raise RuntimeError("The page did not start; its last words are above.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("The page did not answer in time.")


@pytest.fixture(scope="module")
def site(page_url: str) -> Iterator[Site]:
    """Return the page in a browser that notes whoever else is asked for something."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="misses playwright: no browser test was run"
    )
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("misses a browser (Debian: apt install chromium): no browser test was run")
    with playwright.sync_playwright() as driver:
        # Without its sandbox, for a container may not have one; it sees this page only.
        browser = driver.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(accept_downloads=True)
        context.set_default_timeout(PATIENCE_MS)
        found = Site(page_url, context)

        def note(request: Request) -> None:
            if urlsplit(request.url).hostname not in ("127.0.0.1", None, ""):
                found.strangers.append(request.url)

        context.on("request", note)
        yield found
        browser.close()
