from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.scored import (
    Scored,
    align_targets,
    read_scored,
    text_keys,
    write_scored,
)

MakeScored = Callable[..., Scored]
NAN = float("nan")


def test_keys_tell_texts_apart_and_hold_none() -> None:
    keys = text_keys(["you are kind", "you are kind ", "you are kind", "\ud800"])
    assert keys.shape == (4, 16)
    assert (keys[0] == keys[2]).all()
    assert not (keys[0] == keys[1]).all()
    assert text_keys([]).shape == (0, 16)


def test_targets_are_put_in_the_order_of_the_system() -> None:
    targets = np.array([[1, 0], [0, NAN]], dtype=np.float32)
    aligned = align_targets(targets, ("insult", "toxic"), ("toxic", "threat", "insult"))
    np.testing.assert_array_equal(aligned, [[0, NAN, 1], [NAN, NAN, 0]])


def test_what_is_written_is_read(tmp_path: Path, make_scored: MakeScored) -> None:
    scored = make_scored(
        [[0.1, 0.2], [0.3, 0.4]],
        [[1, NAN], [0, 1]],
        identities={"middle/eastern": np.array([1, NAN], dtype=np.float32)},
        groups={"functionality": np.array(["a_h", ""])},
        views={"leet 1": np.array([[0.5, 0.5], [NAN, NAN]])},
        is_made_up=True,
    )
    write_scored(tmp_path, [scored, scored])
    write_scored(tmp_path, [scored])
    (read,) = read_scored(tmp_path)
    assert (read.name, read.sha256, read.labels) == ("forum", "0" * 64, ("toxic", "insult"))
    assert read.is_made_up
    np.testing.assert_array_equal(read.targets, scored.targets)
    np.testing.assert_array_equal(read.keys, scored.keys)
    for kind in ("identities", "groups", "views"):
        assert list(getattr(read, kind)) == list(getattr(scored, kind))
    np.testing.assert_array_equal(read.views["leet 1"], scored.views["leet 1"])


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "00.npz").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(DataError, match=r"00\.npz: these are no stored scores"):
        read_scored(tmp_path)
