"""What a visitor does, in a real browser. All texts are mild and made for the purpose."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="misses playwright: no browser test was run")

from playwright.sync_api import Page, expect
from tests.e2e.conftest import PATIENCE_MS, Site

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "src" / "toxic_tweets" / "checkpoints" / "small" / "checkpoint.json"
RUDE = "Shut up, you fool."

pytestmark = pytest.mark.skipif(
    not SMALL.is_file(), reason="misses checkpoints/small: no browser test was run"
)
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def page(site: Site) -> Iterator[Page]:
    opened = site.open()
    yield opened
    opened.close()


def submit(page: Page, text: str) -> None:
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator(".tt-banner")).to_be_visible()


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("radio", name="A file").click()
    files = page.locator("[data-testid=stMain] input[type=file]")
    files.set_input_files({"name": name, "mimeType": "text/plain", "buffer": content})


def test_a_text_gets_its_verdict_and_its_words(page: Page) -> None:
    submit(page, RUDE)
    expect(page.locator(".tt-banner")).to_contain_text("Blocked")
    expect(page.locator(".tt-bar")).to_have_count(6)
    expect(page.locator(".tt-text mark").first).to_be_visible()
    submit(page, "You are kind.")
    expect(page.locator(".tt-banner")).to_contain_text("Allowed")


def test_types_and_presets_change_the_verdict_and_the_address(page: Page) -> None:
    submit(page, RUDE)
    sidebar = page.locator("[data-testid=stSidebar]")
    for name in ("toxic", "obscene", "insult"):
        sidebar.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(".tt-off", has_text=name).first).to_be_visible()
    expect(page.locator(".tt-banner")).to_contain_text("Allowed")
    assert "types=severe_toxic" in page.url
    sidebar.get_by_role("radio", name="strict").click()
    expect(page.locator(".tt-off")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"policy=strict$"))


def test_thresholds_move_with_the_keyboard(page: Page) -> None:
    submit(page, RUDE)
    sidebar = page.locator("[data-testid=stSidebar]")
    sidebar.get_by_text("Thresholds").click()
    for name in ("toxic", "obscene", "insult"):
        box = sidebar.locator("[data-testid=stSlider]", has=page.get_by_text(name, exact=True))
        for handle in (1, 0):  # the right one first: the left one cannot pass it
            box.get_by_role("slider").nth(handle).focus()
            page.keyboard.press("End")
            expect(page).to_have_url(re.compile(f"{('flag', 'block')[handle]}.{name}="))
    expect(page.locator(".tt-banner")).to_contain_text("Allowed")


def test_the_keyboard_is_enough_for_a_text(page: Page) -> None:
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(RUDE)
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.locator(".tt-banner")).to_contain_text("Blocked")


def test_another_model_is_one_choice_away(page: Page) -> None:
    submit(page, "What a lovely, happy day!")
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=re.compile("^vader")).click()
    expect(page.locator(".tt-banner")).to_contain_text("positive")
    expect(page.locator(".tt-bar")).to_have_count(3)
    expect(page).to_have_url(re.compile("model=vader"))


def test_a_file_is_scored_opened_and_taken_along(site: Site) -> None:
    page = site.open("/table")
    upload(page, "a.csv", f"id,text\n1,You are kind.\n2,{RUDE!r}\n".replace("'", '"').encode())
    veiled = page.locator("details.tt-veiled")
    expect(veiled).to_have_count(1)
    expect(veiled.locator("div")).to_be_hidden()
    veiled.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(veiled.locator("div")).to_have_text(RUDE)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download 2 rows as CSV").click()
    content = started.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["verdict"] for row in rows] == ["allow", "block"]
    page.close()


def test_a_broken_file_is_a_sentence(site: Site) -> None:
    page = site.open("/table?model=vader")
    upload(page, "a.csv", b"id,text\n1,2,3\n")
    alert = page.locator("[data-testid=stAlert]")
    expect(alert).to_contain_text("a.csv, row 1: there are 3 cells, but the header names 2 columns")
    expect(page.get_by_text("Traceback")).to_have_count(0)
    page.close()


def test_many_rows_show_progress_and_come_in_pages(site: Site) -> None:
    page = site.open("/table?model=vader")
    lines = (
        f"{'All is well in the garden. ' * 10}This is line {number}." for number in range(10_000)
    )
    content = "\n".join(["text", *lines])
    upload(page, "many.csv", content.encode())
    expect(page.locator("[data-testid=stProgress]")).to_be_visible()
    expect(page.get_by_text("10,000 texts:")).to_be_visible()
    expect(page.locator(".tt-table tbody tr")).to_have_count(50)
    page.get_by_role("button", name=re.compile("^(Page )?200$|Go to page 200")).click()
    expect(page.locator(".tt-table")).to_contain_text("This is line 9999.")
    page.close()


def test_dark_mode_is_dark_and_readable(site: Site) -> None:
    page = site.open(scheme="dark")
    submit(page, RUDE)
    background = find_colour(page, "[data-testid=stApp]", "backgroundColor")
    assert luminance(background) < 0.1
    for selector in (".tt-verdict", ".tt-name", ".tt-over .tt-score"):
        colour = find_colour(page, selector, "color")
        assert contrast(colour, background) >= 4.5, selector
    page.close()


@pytest.mark.parametrize("path", ["/", "/table", "/compare?model=vader", "/quality"])
def test_a_phone_needs_no_sideways_scrolling(site: Site, path: str) -> None:
    page = site.open(path, width=390, height=844)
    if path == "/":
        submit(page, RUDE)
    if path == "/table":
        expect(page.locator(".tt-table")).to_be_visible()
    main = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{main}.scrollWidth - {main}.clientWidth") <= 0
    page.close()


def test_nobody_else_was_asked_for_anything(site: Site) -> None:
    page = site.open()
    submit(page, RUDE)
    page.close()
    assert site.strangers == []


def find_colour(page: Page, selector: str, name: str) -> tuple[float, ...]:
    """Return red, green and blue in [0, 1]."""
    script = f"element => getComputedStyle(element).{name}"
    value = page.locator(selector).first.evaluate(script)
    numbers = re.findall(r"[\d.]+", value)[:3]
    scale = 1 if "srgb" in value else 255
    return tuple(float(number) / scale for number in numbers)


def luminance(colour: tuple[float, ...]) -> float:
    """Return the relative luminance. Source: WCAG 2.2."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    ]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast ratio. Source: WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
