"""Measure how quickly the page answers in a real browser, and print a Markdown table.

Needs the extra web, playwright and Chromium. Each figure is the median of several runs on a warm
page, from the click until the browser has painted the answer.
"""

from __future__ import annotations

import argparse
import http.client
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RUNS = 7
ROWS = 10_000
PATIENCE_MS = 180_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--model", default="small")
    arguments = parser.parse_args()
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        print("No browser is here (Debian: apt install chromium): nothing was measured.")
        return 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    command = [sys.executable, "-m", "toxic_tweets", "web", "--port", str(port)]
    process = subprocess.Popen([*command, "--model", arguments.model], stdout=subprocess.DEVNULL)
    try:
        wait_until_healthy(port)
        measured = measure(f"http://127.0.0.1:{port}", executable, arguments)
    finally:
        process.terminate()
        process.wait()
    print("| figure | measured | bar |\n|---|---|---|")
    for figure, seconds, bar in measured:
        print(f"| {figure} | {seconds:.2f} s | ≤ {bar} s |")
    print(f"\nMedian of {arguments.runs} runs, {arguments.model}, {executable}.")
    return 0


def wait_until_healthy(port: int) -> None:
    for _ in range(1800):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The page did not answer in time.")


def measure(
    url: str, executable: str, arguments: argparse.Namespace
) -> list[tuple[str, float, float]]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        figures = [
            ("score after Submit", median(arguments.runs, lambda n: submit(page, url, n)), 0.3),
            ("threshold moved, repainted", median(arguments.runs, lambda n: move(page, n)), 0.5),
            (
                f"{arguments.rows:,} rows uploaded, progress shown",
                median(min(3, arguments.runs), lambda n: upload(page, url, arguments.rows, n)),
                1.0,
            ),
        ]
        browser.close()
    return figures


def median(runs: int, once: Callable[[int], float]) -> float:
    once(0)  # the first one warms up
    return statistics.median(once(number) for number in range(1, runs + 1))


def submit(page: Page, url: str, number: int) -> float:
    if number == 0:
        page.goto(url)
    text = f"Shut up, you fool number {number}."
    page.get_by_label("Text", exact=True).fill(text)
    start = time.perf_counter()
    page.get_by_role("button", name="Submit").click()
    wait_for(page, f"document.querySelector('.tt-text')?.textContent === {text!r}")
    return time.perf_counter() - start


def move(page: Page, number: int) -> float:
    if number == 0:
        page.locator("[data-testid=stSidebar]").get_by_text("Thresholds").click()
    page.locator("[data-testid=stSlider]").first.get_by_role("slider").first.focus()
    before = page.locator(".tt-mark").first.get_attribute("style")
    start = time.perf_counter()
    page.keyboard.press("ArrowRight")
    wait_for(page, f"document.querySelector('.tt-mark').getAttribute('style') !== {before!r}")
    return time.perf_counter() - start


def upload(page: Page, url: str, rows: int, number: int) -> float:
    page.goto(f"{url}/table")
    page.get_by_role("radio", name="A file").click()
    lines = "".join(f"This is line {line} of run {number}.\n" for line in range(rows))
    content = {"name": "many.csv", "mimeType": "text/csv", "buffer": f"text\n{lines}".encode()}
    files = page.locator("[data-testid=stMain] input[type=file]")
    files.wait_for(state="attached")
    start = time.perf_counter()
    files.set_input_files(content)  # type: ignore[arg-type]
    wait_for(page, "document.querySelector('[data-testid=stProgress]') !== null")
    return time.perf_counter() - start


def wait_for(page: Page, condition: str) -> None:
    page.wait_for_function(condition, polling="raf")


if __name__ == "__main__":
    sys.exit(main())
