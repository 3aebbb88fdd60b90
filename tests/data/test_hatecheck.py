from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import hatecheck
from toxic_tweets.data.hatecheck import read, read_annotated
from toxic_tweets.data.registry import guess_reader
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
HEADER = ("", "functionality", "case_id", "test_case", "label_gold", "target_ident", "direction")
ORIGINAL = [
    HEADER,
    (0, "derog_h", 1, "I dislike women.", "hateful", "women", "general"),
    (1, "derog_h", 2, "I dislike women", "hateful", "women", "general"),
    (2, "ident_nh", 3, "I like women.", "non-hateful", "women", ""),
    (3, "profanity_nh", 4, "Damn, it rains.", "non-hateful", "", ""),
]


def test_the_original_format(write_csv: WriteCsv) -> None:
    path = write_csv("test_suite_cases.csv", ORIGINAL)
    for place in (path, path.parent):
        cases = read_annotated(place)
        assert cases.is_made_up
        assert cases.dataset.ids == ("1", "2", "3", "4")  # cases that read alike stay apart
        assert cases.groups["functionality"] == ("derog_h", "derog_h", "ident_nh", "profanity_nh")
        assert cases.groups["target"] == ("women", "women", "women", "")
        assert cases.groups["gold"] == ("hateful", "hateful", "non-hateful", "non-hateful")
        nan = np.nan
        np.testing.assert_array_equal(cases.dataset.column("toxic"), [1, 1, nan, nan])
        np.testing.assert_array_equal(cases.dataset.column("identity_hate"), [1, 1, 0, 0])
    assert guess_reader(path) == "hatecheck"
    assert len(read(path)) == 3
    assert hatecheck.MAPPING.measure_only


def test_the_multilingual_format(write_csv: WriteCsv) -> None:
    rows = [
        ("mhc_case_id", "functionality", "test_case", "label_gold", "target_ident", "templ_id"),
        ("dutch-1", "derog_h", "Ik haat vrouwen", "hateful", "women", 1),
    ]
    cases = read_annotated(write_csv("hatecheck_cases_final_dutch.csv", rows))
    assert cases.dataset.ids == ("dutch-1",)
    assert cases.groups["gold"] == ("hateful",)


def test_the_emoji_format(write_csv: WriteCsv) -> None:
    rows = [
        ("case_id", "templ_id", "text", "target", "functionality", "set", "label_gold"),
        (1, "1.0", "I would 🔪 women", "women", "F1", "orig", 1),
        (2, "1.2", "I would 💐 women", "women", "F1", "polarity", 0),
    ]
    path = write_csv("HatemojiCheck.csv", rows)
    cases = read_annotated(path.parent)
    assert cases.groups["gold"] == ("hateful", "non-hateful")
    assert cases.groups["target"] == ("women", "women")
    assert guess_reader(path) == "hatecheck"


def test_malformed(write_csv: WriteCsv, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 1, column 'label_gold'"):
        read(write_csv("a.csv", [HEADER, (0, "f", 1, "text", "maybe", "", "")]))
    with pytest.raises(DataError, match="the file holds no cases"):
        read(write_csv("b.csv", [HEADER]))
    with pytest.raises(DataError, match=r"test_suite_cases\.csv"):
        read(tmp_path)
