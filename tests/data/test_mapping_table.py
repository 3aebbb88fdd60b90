from __future__ import annotations

from pathlib import Path

from toxic_tweets.data.mapping_table import make_page, write_page
from toxic_tweets.data.registry import READERS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "label-mapping.md"


def test_the_page_in_the_documentation_is_the_one_that_the_readers_make() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(), (
        "write it anew: python -m toxic_tweets.data.mapping_table docs/reference/label-mapping.md"
    )


def test_every_rule_has_one_row_of_four_cells() -> None:
    rows = [line for line in make_page().splitlines() if line.startswith("| `")]
    n_rules = sum(len(reader.card.rules) for reader in READERS.values())
    assert len(rows) == n_rules + len(READERS)
    assert {row.count(" | ") for row in rows} == {3}


def test_write_page(tmp_path: Path) -> None:
    write_page(tmp_path / "page.md")
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == make_page()
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]
