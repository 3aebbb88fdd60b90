"""The page of the documentation that is made from the code."""

from __future__ import annotations

from pathlib import Path

from toxic_tweets.serve.reference import make_page, write_page
from toxic_tweets.serve.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "server.md"


def test_the_page_is_what_the_code_says() -> None:
    command = "python -m toxic_tweets.serve.reference docs/reference/server.md"
    assert PAGE.read_text(encoding="utf-8") == make_page(), f"Write it anew: {command}"


def test_it_names_every_setting() -> None:
    page = make_page()
    assert all(f"| `{name}` |" in page for name in Settings.model_fields)


def test_it_is_written_whole(tmp_path: Path) -> None:
    write_page(tmp_path / "server.md")
    assert [path.name for path in tmp_path.iterdir()] == ["server.md"]
