"""Texts on their way into the Trainer."""

from __future__ import annotations

import numpy as np
import torch
from tests import tiny

from toxic_tweets.reading import read_as
from toxic_tweets.train.rows import BatchesOfOneLength, Collate, Rows, token_targets

NAN = float("nan")


def test_rows_are_cut_at_the_limit_and_padded_to_a_multiple() -> None:
    tokenizer = tiny.make_tokenizer()
    texts = ["you are nice", "the day is good " * 20]
    rows = Rows(texts, np.zeros((2, 6), np.float32), np.ones(2, np.float32), tokenizer, 16)
    assert [len(row["input_ids"]) for row in (rows[0], rows[1])] == [5, 16]
    assert tokenizer.truncation is None
    batch = Collate(pad_id=0)([rows[0]])
    assert tuple(batch["input_ids"].shape) == (1, 8)
    assert batch["attention_mask"].sum().item() == 5
    assert batch["input_ids"][0, 5:].tolist() == [0, 0, 0]
    assert tuple(batch["labels"].shape) == (1, 6)


def test_a_token_is_toxic_where_half_of_its_characters_are() -> None:
    offsets = [(0, 0), (0, 3), (4, 6), (6, 9), (10, 12), (12, 12)]
    found = token_targets(offsets, ((0, 3), (5, 7), (10, 11)), 12)
    np.testing.assert_array_equal(found, [NAN, 1, 1, 0, 1, NAN])
    np.testing.assert_array_equal(token_targets([(0, 0), (0, 2)], (), 2), [NAN, 0])
    assert token_targets([], (), 0).shape == (0,)


def test_places_are_found_again_behind_the_normaliser() -> None:
    text = "you i.d.i.o.t nice"
    assert read_as(1, text).text == "you idiot nice"
    assert read_as(0, text).text == text
    tokenizer = tiny.make_tokenizer()
    zeros, ones = np.zeros((2, 6), np.float32), np.ones(2, np.float32)
    rows = Rows([text, "you"], zeros, ones, tokenizer, 16, 1, [((4, 13),), None])
    batch = Collate(pad_id=0)([rows[0], rows[1]])
    np.testing.assert_array_equal(batch["token_labels"][0], [NAN, 0, 1, 0, NAN, NAN, NAN, NAN])
    assert batch["token_labels"][1].isnan().all()
    assert rows.known_tokens == 1.5


def test_rows_without_spans_carry_no_token_targets() -> None:
    rows = Rows(
        ["you"], np.zeros((1, 6), np.float32), np.ones(1, np.float32), tiny.make_tokenizer(), 16
    )
    assert "token_labels" not in Collate(pad_id=0)([rows[0]])
    assert rows.known_tokens == 0.0


def test_a_lone_surrogate_is_no_obstacle() -> None:
    assert read_as(0, "a\ud800").text == read_as(1, "a\ud800").text == "a\ufffd"


def test_batches_hold_one_length_and_come_in_any_order() -> None:
    lengths = np.random.default_rng(0).permutation(np.arange(1, 831)).tolist()
    sampler = BatchesOfOneLength(8, lengths=lengths, generator=torch.Generator().manual_seed(1))
    drawn = list(sampler)
    assert sorted(drawn) == list(range(830))  # each row once, the two that fill no batch too
    batches = [[lengths[row] for row in drawn[at : at + 8]] for at in range(0, 824, 8)]
    # Sorted among 200 of 830 lengths; drawn at random, eight would be 650 apart.
    assert np.median([max(batch) - min(batch) for batch in batches]) < 60
    rises = sum(a < b for a, b in zip(map(max, batches), map(max, batches[1:]), strict=False))
    assert 30 < rises < 73  # of 102; sorted, there would be four
    assert list(sampler) != drawn
