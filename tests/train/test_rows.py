"""Texts on their way into the Trainer."""

from __future__ import annotations

import numpy as np
from tests import tiny

from toxic_tweets.train.rows import Collate, Rows


def test_rows_are_cut_at_the_limit_and_padded_to_a_multiple() -> None:
    tokenizer = tiny.make_tokenizer()
    texts = ["you are nice", "the day is good " * 20]
    rows = Rows(texts, np.zeros((2, 6), np.float32), np.ones(2, np.float32), tokenizer, 16)
    assert [row["length"] for row in (rows[0], rows[1])] == [5, 16]
    assert tokenizer.truncation is None
    batch = Collate(pad_id=0)([rows[0]])
    assert tuple(batch["input_ids"].shape) == (1, 8)
    assert batch["attention_mask"].sum().item() == 5
    assert batch["input_ids"][0, 5:].tolist() == [0, 0, 0]
    assert tuple(batch["labels"].shape) == (1, 6)
