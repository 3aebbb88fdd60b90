"""Pictures of the page for the launch page: wide and on a phone, in light and dark colours."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser
from stage import PATIENCE_MS

TEXT = "Thanks for nothing, you clumsy fool. I hope your cat is well, though."
SIZES = {"page": (1280, 700, 1.5), "phone": (390, 780, 2.0)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Few enough for a small file, enough that no edge shows steps.
_COLOURS = 200


def take_pictures(browser: Browser, address: str, folder: Path) -> None:
    """Write one PNG file per size and colour scheme, such as `page-dark.png`."""
    for name, (width, height, scale) in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=scale,
                color_scheme=scheme,
            )
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto(address)
            page.get_by_label("Text", exact=True).fill(TEXT)
            page.get_by_role("button", name="Submit").click()
            page.locator(".tt-text mark").first.wait_for()
            page.mouse.move(width - 5, height - 5)
            if name == "phone":
                main = page.locator("[data-testid=stMain]")
                main.evaluate("element => element.scrollBy(0, 90)")
            page.wait_for_timeout(2000)  # until what fades has faded
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            few = picture.quantize(_COLOURS, dither=Image.Dither.NONE)
            few.save(folder / f"{name}-{scheme}.png", optimize=True)
            context.close()
