from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.evaluate.conftest import make_dataset, make_templates

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.datasets import draw, make_names_unique, read_datasets, rename

TEMPLATES = "template,toxicity,phrase\n" + "".join(
    f"t,{toxicity},a {group} neighbour is {toxicity} {day}\n"
    for group in ("muslim", "jewish")
    for toxicity in ("toxic", "nontoxic")
    for day in range(3)
)
FORUM = "post,abusive,key\nyou are kind,no,a\nyou idiot,yes,b\nwhat a day,,c\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates.csv").write_text(TEMPLATES, encoding="utf-8")
    (tmp_path / "forum.csv").write_text(FORUM, encoding="utf-8")
    return tmp_path


def test_readers_are_guessed_or_named(folder: Path) -> None:
    path = folder / "templates.csv"
    guessed, named = read_datasets([str(path), f"bias_templates={path}"])
    assert list(guessed.identities) == ["muslim", "jewish"]
    assert guessed.is_made_up
    assert (guessed.dataset.name, named.dataset.name) == ("bias_templates", "bias_templates-2")
    with pytest.raises(DataError, match="no such file or folder"):
        read_datasets([str(folder / "none.csv")])


def test_a_list_maps_columns_of_any_file(folder: Path) -> None:
    listed = folder / "suite.toml"
    listed.write_text(
        """
[[data]]
name = "our forum"
path = "forum.csv"
text = "post"
id = "key"
labels.toxic = { column = "abusive", positive = "yes", negative = ["no"] }

[[data]]
path = "templates.csv"
max_texts = 5
""",
        encoding="utf-8",
    )
    forum, templates = read_datasets([str(listed)])
    assert forum.dataset.name == "our forum"
    assert forum.dataset.ids == ("a", "b", "c")
    np.testing.assert_array_equal(forum.dataset.column("toxic"), [0, 1, np.nan])
    assert len(templates.dataset) == 5
    assert all(len(marks) == 5 for marks in templates.identities.values())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[data", "cannot be read as TOML"),
        ("", r"expected a table \[\[data\]\] for each dataset"),
        ("[[data]]\nname = 'a'", "needs a path"),
        ("[[data]]\npath = 'forum.csv'\nsplit = 'val'", "has the keys split"),
        ("[[data]]\npath = 'forum.csv'\nmax_texts = 'all'", "max_texts must be a number"),
        ("[[data]]\npath = 'forum.csv'\nlabels = 3", "must map labels to columns"),
        ("[[data]]\npath = 'forum.csv'\nlabels.toxic = 3", "the mapping of toxic must be"),
        ("[[data]]\npath = 'forum.csv'\ntext = 3\nlabels.toxic = 'abusive'", "text and id must be"),
        ("[[data]]\npath = 'forum.csv'\ntext = 'post'\nlabels.toxic = 'abusive'", "row 1, column"),
    ],
)
def test_a_wrong_list_is_named(folder: Path, content: str, message: str) -> None:
    listed = folder / "suite.toml"
    listed.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_datasets([str(listed)])


def test_texts_are_drawn_in_their_order() -> None:
    annotated = make_templates()
    drawn = draw(annotated, 20, seed=3)
    places = [annotated.dataset.texts.index(text) for text in drawn.dataset.texts]
    assert places == sorted(places)
    assert len(places) == 20
    for group, marks in drawn.identities.items():
        np.testing.assert_array_equal(marks, annotated.identities[group][places])
    assert draw(annotated, 20, seed=3).dataset.texts == drawn.dataset.texts
    assert draw(annotated, 0, seed=3) is annotated
    assert draw(annotated, 10_000, seed=3) is annotated


def test_no_two_datasets_have_one_name() -> None:
    data = [Annotated(make_dataset(3, name)) for name in ("a", "a", "b/c", "a")]
    assert [one.dataset.name for one in make_names_unique(data)] == ["a", "a-2", "b-c", "a-3"]


def test_another_name_keeps_all_else() -> None:
    annotated = make_templates()
    named = rename(annotated, "other")
    assert named.dataset.name == "other"
    assert named.is_made_up
    assert named.dataset.sha256 == annotated.dataset.sha256
