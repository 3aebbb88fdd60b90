from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.data import context_toxicity
from toxic_tweets.errors import DataError

WriteCsv = Callable[[str, Sequence[Sequence[object]]], Path]
NAN = float("nan")
HEADER = ("id", "text", "label", "api")


def test_labels_and_api_scores(write_csv: WriteCsv) -> None:
    path = write_csv("gc.csv", [HEADER, ("7", "bah", 1, 0.9), ("8", "kind", 0, 0.1)])
    dataset = context_toxicity.read(path, split="gc")
    assert dataset.labels[-1] == "perspective:TOXICITY"
    expected = [[1, NAN, NAN, NAN, NAN, NAN, 0.9], [0, 0, 0, 0, 0, 0, 0.1]]
    np.testing.assert_allclose(dataset.targets, expected, rtol=1e-6)
    assert dataset.ids == ("7", "8")
    assert not dataset.natural.any()


def test_both_files_of_a_folder(write_csv: WriteCsv) -> None:
    write_csv("gc.csv", [HEADER, ("7", "bah", 1, 0.9)])
    folder = write_csv("gn.csv", [HEADER, ("8", "kind", 0, 0.1)]).parent
    assert context_toxicity.read(folder).texts == ("bah", "kind")
    assert context_toxicity.read(folder, split="gn").texts == ("kind",)


@pytest.mark.parametrize(("label", "api", "column"), [(2, 0.5, "label"), (1, 1.5, "api")])
def test_malformed(write_csv: WriteCsv, label: int, api: float, column: str) -> None:
    path = write_csv("gc.csv", [HEADER, ("7", "bah", label, api)])
    with pytest.raises(DataError, match=rf"gc\.csv, row 1, column '{column}'"):
        context_toxicity.read(path)
