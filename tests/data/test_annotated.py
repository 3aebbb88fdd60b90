from __future__ import annotations

import numpy as np
import pytest

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import DataError

DATASET = Dataset(
    "d", ("a", "b"), np.zeros((2, 0), np.float32), (), ("", ""), np.zeros(2, np.bool_)
)


def test_there_is_one_mark_per_text() -> None:
    marks = {"old": np.array([1, 0], dtype=np.float32)}
    assert list(Annotated(DATASET, marks, {"kind": ("x", "")}).identities) == ["old"]
    with pytest.raises(DataError, match="d has 1 marks for 'kind', expected 2"):
        Annotated(DATASET, marks, {"kind": ("x",)})
    with pytest.raises(DataError, match="d has 3 marks for 'old', expected 2"):
        Annotated(DATASET, {"old": np.zeros(3, dtype=np.float32)})
