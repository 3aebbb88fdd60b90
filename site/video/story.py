"""What the film tells, scene by scene. All texts are mild and made for the purpose."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from film import Film
from playwright.sync_api import Browser, expect
from stage import PATIENCE_MS, Booth, Shell, Visitor
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
MAIN, SIDE = "[data-testid=stMain]", "[data-testid=stSidebarContent]"
N_ROWS = 400
_READ_CHARACTERS_PER_S = 17
_ADDRESS = re.compile(r"The (page|API): (http://\S+)")


@dataclass
class Set:
    """Everything that the scenes share.

    Attributes:
        film: the film that grows.
        booth: draws cards.
        browser: where tabs are opened.
        visitor: hands on the page.
        shell: the terminal in which `make run` runs.
        terminal: what is behind `shell`.
        second: another terminal, for calls to the server.
        folder: an empty folder for files of the film.
        page: address of the page, once it runs.
        api: address of the server, once it runs.
        said: the caption that is shown.
        said_at_s: since when it is.
    """

    film: Film
    booth: Booth
    browser: Browser
    visitor: Visitor
    shell: Shell
    terminal: Terminal
    second: Shell
    folder: Path
    page: str = ""
    api: str = ""
    said_at_s: float = 0.0
    said: str = ""

    def say(self, caption: str) -> None:
        """Change the caption, once people had the time to read the one before."""
        self.film.hold(self.said_at_s + len(self.said) / _READ_CHARACTERS_PER_S - self.film.seconds)
        self.film.say(caption)
        self.said, self.said_at_s = caption, self.film.seconds


def open_film(scene: Set) -> None:
    """Say what it is about."""
    scene.film.show(scene.booth.make_card(HERE / "opening.html"))
    scene.film.hold(6.5)


def start(scene: Set) -> None:
    """Start page and server by one command."""
    scene.say("One command in a clone. It shows sample texts first. (Waiting times are cut.)")
    scene.shell.snap(fade_s=0.5)
    scene.film.hold(0.6)
    scene.shell.enter("make run", until="Ctrl-C ends both", longest_s=0.8)
    found = dict(_ADDRESS.findall("\n".join(scene.terminal.lines)))
    scene.page, scene.api = found["page"], found["API"]
    scene.say("Then it starts a page for people and a server for programs.")
    scene.film.hold(3.5)


def try_a_text(scene: Set) -> None:
    """Score one text on the page."""
    visitor = scene.visitor
    scene.say("The page. What you type is scored on this machine, and not kept.")
    visitor.go(scene.page, f"{MAIN} h2")
    text = visitor.page.get_by_label("Text", exact=True)
    visitor.type(text, "Thanks for nothing, you clumsy fool. I hope your cat is well.")
    visitor.click(visitor.page.get_by_role("button", name="Submit"))
    visitor.scroll(MAIN, 90)
    scene.say(
        "A verdict, the highest type, a score for each of six types, and the words that did it."
    )
    visitor.point(visitor.page.locator(".tt-text mark").first)
    scene.film.hold(2.5)


def choose(scene: Set) -> None:
    """Choose which types count, and from which score on."""
    visitor = scene.visitor
    side = visitor.page.locator(SIDE)
    scene.say("You choose which types count: without «toxic» and «insult» the text is allowed.")
    for name in ("toxic", "insult"):
        visitor.click(side.get_by_role("button", name=name, exact=True))
    scene.film.hold(2.5)
    scene.say("And from which score on. The left handle asks for a review, the right one blocks.")
    visitor.click(side.get_by_role("radio", name="balanced"))
    visitor.click(side.get_by_text("Thresholds"))
    visitor.scroll(SIDE, 330)
    slider = side.locator("[data-testid=stSlider]").first.get_by_role("slider").nth(1)
    visitor.point(slider)
    scene.film.press()
    slider.focus()
    visitor.press("ArrowRight", 26)
    scene.film.hold(2.5)


def see_through_disguise(scene: Set) -> None:
    """Score a word in disguise."""
    visitor = scene.visitor
    scene.say("Words in disguise are read as what they mean, and marked where they stand.")
    visitor.scroll(MAIN, -90, 0.4)
    text = visitor.page.get_by_label("Text", exact=True)
    visitor.type(text, "you are a total 1d10t, delete your account")
    visitor.click(visitor.page.get_by_role("button", name="Submit"))
    visitor.scroll(MAIN, 90, 0.6)
    visitor.point(visitor.page.locator(".tt-text mark").first)
    scene.film.hold(2.5)


def judge_a_table(scene: Set) -> None:
    """Upload a file, sort it, open a veiled text."""
    visitor = scene.visitor
    page = visitor.page
    scene.say(f"A whole table: CSV, JSON lines or Parquet. Here {N_ROWS} made-up comments.")
    visitor.click(page.get_by_role("link", name="A table of texts"))
    visitor.click(page.get_by_role("radio", name="A file"))
    visitor.point(page.locator(f"{MAIN} [data-testid=stFileUploaderDropzone] button"))
    scene.film.press()
    page.locator(f"{MAIN} input[type=file]").set_input_files(make_table(scene.folder))
    counts = page.get_by_text(f"{N_ROWS} texts:")
    visitor.watch(counts.is_visible, longest_s=5.0)
    scene.film.hold(1.5)
    scene.say("Whatever is not allowed stays blurred until you open it.")
    visitor.click(page.get_by_role("combobox", name="Sort by"), settles=False)
    visitor.click(page.get_by_role("option", name="highest score"))
    visitor.scroll(MAIN, 330)
    scene.film.hold(1.0)
    visitor.click(page.locator(".tt-fold summary").nth(1))
    scene.film.hold(2.0)


def change_the_model(scene: Set) -> None:
    """Ask for the mood instead, then compare models."""
    visitor = scene.visitor
    page = visitor.page
    scene.say("Another model tells the mood of a text: negative, neutral or positive.")
    visitor.click(page.get_by_role("link", name="Try a text"))
    visitor.type(page.get_by_label("Text", exact=True), "The new library is lovely, thank you all!")
    visitor.click(page.get_by_role("button", name="Submit"))
    visitor.click(page.get_by_role("combobox", name="Model"), settles=False)
    visitor.click(page.get_by_role("option", name=re.compile("^sentiment")))
    visitor.point(page.locator(".tt-verdict"))
    scene.film.hold(2.5)
    scene.say("Models side by side, on the same texts, with the time that each takes.")
    visitor.click(page.get_by_role("link", name="Compare models"))
    visitor.click(page.get_by_role("button", name="Compare"))
    expect(page.locator(".tt-table")).to_be_visible(timeout=PATIENCE_MS)
    visitor.settle()
    visitor.snap()
    visitor.scroll(MAIN, 380)
    scene.film.hold(3.0)


def call_the_server(scene: Set) -> None:
    """Ask the server as clients of Perspective do."""
    scene.film.cursor = None
    scene.say("The server answers requests in the form of the Perspective API.")
    scene.second.snap(fade_s=0.5)
    body = '{"comment": {"text": "you are kind"}, "requestedAttributes": {"TOXICITY": {}}}'
    scene.second.enter(f"curl {scene.api}/v1alpha1/comments:analyze --json '{body}'")
    scene.film.hold(4.0)
    before, after = make_clients(scene.folder, scene.api)
    scene.say("Google's client for Python needs one changed line: the address.")
    scene.second.clear()
    scene.second.enter(f"git diff --no-index -U5 {before} {after}")
    scene.film.hold(2.5)
    scene.second.enter(f"python {after}")
    scene.film.hold(3.0)


def score_a_file(scene: Set) -> None:
    """Score a file with the command for many texts."""
    scene.say("Whole files come back with a score in each row, from all cores or a Ray cluster.")
    scene.second.clear()
    table = make_table(scene.folder).name
    scene.second.enter(f"toxic-tweets bulk {table} scored.csv", speed=5)
    scene.second.enter("head -n 6 scored.csv | cut -d, -f 2,7,10")
    scene.film.hold(4.0)


def show_the_report(scene: Set) -> None:
    """Show how good it is, by the report that is in the repository."""
    report = ROOT / "docs" / "reports" / "small" / "report.html"
    visitor = Visitor(scene.browser, scene.film, title=str(report.relative_to(ROOT)))
    scene.say(
        "How good is it, and for whom? One command measures any model and writes this report."
    )
    visitor.go(report.as_uri(), "h1")
    scene.film.hold(2.5)
    for part in ("Calibration", "Bias", "Robustness"):
        visitor.page.evaluate("scrollTo(0, 0)")
        link = visitor.page.get_by_role("link", name=part, exact=True)
        visitor.click(link)
        scene.film.hold(2.8)


def close_film(scene: Set) -> None:
    """Say what it cannot do, and where to go on."""
    scene.say("")
    scene.film.cursor = None
    scene.film.show(scene.booth.make_card(HERE / "closing.html"), fade_s=0.5)
    scene.film.hold(7.0)


SCENES: tuple[Callable[[Set], None], ...] = (
    open_film,
    start,
    try_a_text,
    choose,
    see_through_disguise,
    judge_a_table,
    change_the_model,
    call_the_server,
    score_a_file,
    show_the_report,
    close_film,
)


def make_table(folder: Path) -> Path:
    """Write a table of made-up comments, the same each time."""
    starts = ("The bus", "This recipe", "The new library", "My neighbour's garden", "The film")
    ends = ("was lovely today.", "took longer than I thought.", "is better than last year.")
    rude = ("You are such a fool.", "What a stupid idea.", "Only an idiot would park like that.")
    source = random.Random(13)  # noqa: S311 - nothing secret
    rows = [
        source.choice(rude)
        if source.random() < 0.1
        else f"{source.choice(starts)} {source.choice(ends)}"
        for _ in range(N_ROWS)
    ]
    path = folder / "comments.csv"
    lines = [f'{number},"{row}"' for number, row in enumerate(rows, start=1)]
    path.write_text("\n".join(["id,text", *lines, ""]), encoding="utf-8")
    return path


def make_clients(folder: Path, api: str) -> tuple[str, str]:
    """Write a client of Perspective before and after the change; return the names of both."""
    before = (HERE / "perspective_client.py").read_text(encoding="utf-8")
    after = before.replace("https://commentanalyzer.googleapis.com", api)
    if after == before:
        raise ValueError("perspective_client.py does not name Google's address any more.")
    (folder / "before.py").write_text(before, encoding="utf-8")
    (folder / "after.py").write_text(after, encoding="utf-8")
    return "before.py", "after.py"
