"""The launch page in a real browser, as wide as a phone, a tablet and a desk."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest
from tests.e2e.conftest import BROWSERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# For every element with text of its own: its contrast with what is behind it, by WCAG 2.2. Colours
# are painted on a canvas, so that every way of writing them is understood.
CONTRASTS = """
() => {
  const brush = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const read = colour => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(part => {
      part /= 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = element => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const colour = read(getComputedStyle(one).backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 255) break;
    }
    return layers.reverse().reduce((below, layer) =>
      below.map((part, i) => part + (layer[i] - part) * layer[3] / 255), [255, 255, 255]);
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const isText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!isText || !element.checkVisibility() || element.closest("video, script")) continue;
    const front = luminance(read(getComputedStyle(element).color));
    const [low, high] = [front, luminance(behind(element))].sort((a, b) => a - b);
    found.push([element.textContent.trim().slice(0, 40), (high + 0.05) / (low + 0.05)]);
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def address(built: Path) -> Iterator[str]:
    handler = functools.partial(QuietHandler, directory=str(built))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the tests do."""


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="misses playwright: the launch page was not opened"
    )
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        pytest.skip("misses a browser (Debian: apt install chromium): no launch page was opened")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1280])
def test_it_fits_is_readable_and_complains_of_nothing(
    browser: Browser, address: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.goto(address)
    page.locator("picture img").scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('picture img').naturalWidth > 0")
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
    assert complaints == []
    assert {urlsplit(one).netloc for one in asked} == {urlsplit(address).netloc}
    shown = page.evaluate("document.querySelector('picture img').currentSrc")
    assert shown.endswith(f"{'phone' if width == 375 else 'page'}-{scheme}.png")
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 80
    assert [one for one in contrasts if one[1] < 4.5] == []
    context.close()


def test_the_keyboard_reaches_everything(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    box = page.locator(".skip").bounding_box()
    assert box is not None
    assert box["x"] >= 0, "the link to the content is not shown when it has the focus"
    unreachable = page.evaluate(
        "[...document.querySelectorAll('pre')].filter(one => one.tabIndex !== 0).length"
    )
    assert unreachable == 0, "code that scrolls sideways needs the focus to be scrolled"
    page.close()


def test_it_works_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert page.get_by_role("button").count() == 0
    assert page.get_by_role("heading", level=2).count() >= 6
    context.close()


def test_code_can_be_copied(browser: Browser, address: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "make run" in page.evaluate("navigator.clipboard.readText()")
    context.close()
