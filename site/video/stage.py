"""What is filmed: a browser's tabs, and hands that use them as a visitor would."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from film import BAR, FRAMES_PER_S, HEIGHT, SCALE, STAGE, STRIP, WIDTH, Film
from playwright.sync_api import Browser, Error, Locator
from terminal import Terminal

PATIENCE_MS = 180_000
# Pictures in this scale are quick to take only where the whole browser has it.
SCALE_FLAG = f"--force-device-scale-factor={SCALE}"
_FRAME = f"""
<style>
  body {{ margin: 0; width: {WIDTH}px; height: {HEIGHT}px; background: #14161b; color: #fff;
    font: 16px/1.3 "Liberation Sans", Arial, sans-serif; display: grid;
    grid-template-rows: {BAR}px 1fr {STRIP}px; }}
  #title {{ font-size: 15px; color: #b9bec9; line-height: {BAR}px; padding: 0 20px; }}
  #caption {{ grid-row: 3; display: grid; place-content: center; text-align: center;
    font-size: 25px; text-wrap: balance; padding: 0 60px; }}
</style>
<div id="title"></div><div id="caption"></div>
"""
_SHELL = """
<style>
  body { margin: 0; background: #1b1e24; color: #e8e6e1; }
  pre { margin: 0; padding: 12px 24px; font: 18px/24px "DejaVu Sans Mono", monospace; }
</style>
<pre></pre>
"""


class Tab:
    """A tab of the browser, and pictures of it."""

    def __init__(self, browser: Browser, width: int, height: int) -> None:
        # Without a viewport, for Playwright's own would undo the browser's scale; see SCALE_FLAG.
        context = browser.new_context(
            no_viewport=True, color_scheme="light", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        self.page = context.new_page()
        self._session = context.new_cdp_session(self.page)
        size = {"width": width, "height": height, "deviceScaleFactor": SCALE, "mobile": False}
        self._session.send("Emulation.setDeviceMetricsOverride", size)

    def take(self) -> bytes:
        """Return what is shown as a PNG file, in a fraction of the time that Playwright takes."""
        how = {"format": "png", "optimizeForSpeed": True}
        for is_last in (False, False, False, True):
            try:
                answer = self._session.send("Page.captureScreenshot", how)
                break
            except Error:  # the tab has nothing to show yet
                if is_last:
                    raise
                self.page.wait_for_timeout(500)
        return base64.b64decode(answer["data"])


class Booth:
    """Draws bars, captions and cards in a tab that is never on the stage itself."""

    def __init__(self, browser: Browser) -> None:
        self._frame, self._card = Tab(browser, WIDTH, HEIGHT), Tab(browser, WIDTH, HEIGHT)
        self._frame.page.set_content(_FRAME)

    def make_frame(self, title: str, caption: str) -> bytes:
        """Return the bar and the strip around the stage as a PNG file of the full size."""
        self._frame.page.evaluate(
            "([title, caption]) => { document.querySelector('#title').textContent = title;"
            " document.querySelector('#caption').textContent = caption; }",
            [title, caption],
        )
        return self._frame.take()

    def make_card(self, path: Path) -> bytes:
        """Return a card, which covers everything, as a PNG file."""
        self._card.page.goto(path.resolve().as_uri())
        return self._card.take()


class Shell:
    """A terminal on the stage."""

    def __init__(self, browser: Browser, film: Film, terminal: Terminal) -> None:
        self._film, self._terminal = film, terminal
        self._tab = Tab(browser, *STAGE)
        self._tab.page.set_content(_SHELL)

    def snap(self, fade_s: float = 0.0) -> None:
        """Show what the terminal shows now."""
        self._film.name("Terminal")
        drawn = self._terminal.to_html()
        self._tab.page.evaluate(
            "drawn => { document.querySelector('pre').innerHTML = drawn }", drawn
        )
        self._film.show(self._tab.take(), fade_s)

    def enter(
        self, command: str, until: str = "", longest_s: float = 0.5, speed: float = 1.0
    ) -> None:
        """Type a command, and show what it prints; no wait is longer than `longest_s`."""
        for start in range(0, len(command), 3):
            self._terminal.send(command[start : start + 3])
            while self._terminal.read():
                pass
            self.snap()
            self._film.hold(2 / FRAMES_PER_S)
        self._film.hold(0.5)
        self._terminal.send("\n")
        for elapsed_s in self._terminal.wait(until):
            self._film.hold(min(elapsed_s, longest_s) / speed)
            self.snap()

    def clear(self) -> None:
        """Begin with an empty screen."""
        self._terminal.send("\x0c")
        for _ in self._terminal.wait():
            pass
        self.snap()


class Visitor:
    """Hands in a browser: they move the mouse, press it, type and scroll."""

    def __init__(self, browser: Browser, film: Film, title: str = "") -> None:
        """Open a tab; the bar says its address, or a title where there is one."""
        self._tab = Tab(browser, *STAGE)
        self.page = self._tab.page
        self._film, self._title = film, title

    def go(self, address: str, ready: str, fade_s: float = 0.4) -> None:
        """Open an address, and show it once something is there."""
        self.page.goto(address)
        self.page.locator(ready).first.wait_for()
        self.settle()
        self.snap(fade_s)

    def snap(self, fade_s: float = 0.0) -> None:
        """Show what the tab shows now."""
        self._film.name(self._title or unquote(self.page.url))
        self._film.show(self._tab.take(), fade_s)

    def settle(self) -> None:
        """Wait until a page of Streamlit has run, and its pictures stand still."""
        self.page.wait_for_function(
            "() => { const app = document.querySelector('[data-testid=stApp]');"
            " return !app || app.dataset.testScriptState === 'notRunning'; }"
        )
        before = b""
        for _ in range(40):
            self.page.wait_for_timeout(150)
            now = self._tab.take()
            if now == before:
                return
            before = now
        raise TimeoutError("The page does not stand still.")

    def point(self, place: Locator) -> None:
        """Move the mouse to something, and not far from where its words begin."""
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        if box is None:
            raise LookupError(f"{place} is not on the page.")
        x, y = box["x"] + min(box["width"] / 2, 120), box["y"] + box["height"] / 2
        self._film.move(x, y)
        self.page.mouse.move(x, y)

    def click(self, place: Locator, settles: bool = True) -> None:
        """Press the mouse on something, and show what follows."""
        self.snap()
        self.point(place)
        self._film.press()
        place.click()
        if settles:
            self.settle()
        self.snap()

    def type(self, place: Locator, text: str) -> None:
        """Type a text in place of what stands there."""
        self.click(place)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.press("Delete")
        for start in range(0, len(text), 2):
            self.page.keyboard.type(text[start : start + 2])
            self.snap()
            self._film.hold(2 / FRAMES_PER_S)
        self._film.hold(0.3)

    def press(self, key: str, times: int) -> None:
        """Press a key several times, and show each."""
        for _ in range(times):
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(40)
            self.snap()
            self._film.hold(2 / FRAMES_PER_S)
        self.settle()
        self.snap()

    def scroll(self, selector: str, pixels: int, seconds: float = 0.8) -> None:
        """Scroll something down, or up where `pixels` is negative."""
        n_steps = round(seconds * FRAMES_PER_S)
        box = self.page.locator(selector).first
        start = box.evaluate("element => element.scrollTop")
        for step in range(1, n_steps + 1):
            part = step / n_steps
            top = start + pixels * part * part * (3 - 2 * part)
            box.evaluate("(element, top) => element.scrollTo(0, top)", top)
            self.snap()
            self._film.hold(1 / FRAMES_PER_S)

    def watch(self, is_done: Callable[[], bool], longest_s: float) -> None:
        """Show what happens until it is done, in at most so many seconds of film."""
        end_s = self._film.seconds + longest_s
        deadline_s = time.monotonic() + PATIENCE_MS / 1000
        while not is_done():
            if time.monotonic() > deadline_s:
                raise TimeoutError("What was to happen on the page did not happen in time.")
            self.snap()
            if self._film.seconds < end_s:
                self._film.hold(0.2)
        self.settle()
        self.snap()
