"""Record the demo video again, and take the pictures of the launch page: `make video`.

The film is made picture by picture: the page and the terminal are real, and so is what they
answer, but the film stands still while they work. It lasts as long on a slow machine as on a fast
one, and nothing of it depends on when it was made but the scores of the checkpoint.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

from film import Film, write_captions
from pictures import take_pictures
from playwright.sync_api import sync_playwright
from stage import SCALE_FLAG, Booth, Shell, Visitor
from story import ROOT, SCENES, Set
from terminal import Terminal

MEDIA = ROOT / "site" / "media"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What has to be there, and the package of Debian that brings it.
FONTS = {
    "DejaVu Sans Mono": "fonts-dejavu",
    "Liberation Sans": "fonts-liberation",
    "Noto Color Emoji": "fonts-noto-color-emoji",
    "P052": "fonts-urw-base35",
}
LARGEST_MB = 10
# A picture for the README and for players that wait: the marked words, near the end of this scene.
POSTER_AFTER = "try_a_text"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=MEDIA, help="the folder to write to")
    parser.add_argument("--scene", action="append", help="only these, to try something")
    options = parser.parse_args()
    missing = find_missing()
    if missing:
        print(f"The film needs more (Debian): apt install {' '.join(missing)}")
        return 1
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="toxic-tweets-video-") as folder:
        made = Path(folder) / "out"
        made.mkdir()
        record(made, Path(folder), options.scene)
        for path in sorted(made.iterdir()):
            shutil.move(path, options.output / path.name)
    if options.output == MEDIA:
        shutil.copyfile(MEDIA / "page-light.png", ROOT / "docs" / "images" / "page.png")
    return 0


def find_missing() -> list[str]:
    """Return the packages of Debian that would bring what is missing."""
    missing = [] if find_browser() else ["chromium"]
    missing += [name for name in ("curl", "ffmpeg", "git") if shutil.which(name) is None]
    if shutil.which("fc-list") is None:
        return [*missing, "fontconfig"]
    fonts = subprocess.run(["fc-list"], capture_output=True, text=True, check=True).stdout
    return [*missing, *(package for font, package in FONTS.items() if font not in fonts)]


def find_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def record(made: Path, folder: Path, only: list[str] | None) -> None:
    """Play the story before the camera, and write film, captions and poster."""
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HF_HUB_OFFLINE": "1",
        "GIT_PAGER": "cat",
        "MAKEFLAGS": "",  # as in a terminal of its own, though a make is above
        "MAKELEVEL": "",
    }
    with ExitStack() as stack:
        first = stack.enter_context(closing(Terminal(ROOT, environment)))
        second = stack.enter_context(closing(Terminal(folder, environment)))
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=find_browser(),
            args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars", SCALE_FLAG],
        )
        booth = Booth(browser)
        with Film(made / "demo.mp4", booth.make_frame) as film:
            scene = Set(
                film=film,
                booth=booth,
                browser=browser,
                visitor=Visitor(browser, film),
                shell=Shell(browser, film, first),
                terminal=first,
                second=Shell(browser, film, second),
                folder=folder,
            )
            for play in SCENES:
                if only and play.__name__ not in only:
                    continue
                print(f"{film.seconds:6.1f} s  {play.__name__}", flush=True)
                play(scene)
                if play.__name__ == POSTER_AFTER:
                    film.save_poster(made / "demo-poster.jpg")
        if scene.page:
            take_pictures(browser, scene.page, made)
    write_captions(film.cues, made / "demo.vtt")
    size_mb = (made / "demo.mp4").stat().st_size / 1e6
    print(f"{film.seconds:6.1f} s, {size_mb:.1f} MB")
    if size_mb > LARGEST_MB:
        raise SystemExit(
            f"The film has {size_mb:.1f} MB, more than {LARGEST_MB}. Nothing was kept."
        )


if __name__ == "__main__":
    sys.exit(main())
