"""What a checkpoint reads of a text."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests import tiny
from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.calibration import Calibration
from toxic_tweets.model.checkpoint import Checkpoint
from toxic_tweets.policy import Thresholds, WordList
from toxic_tweets.reading import Reader
from toxic_tweets.text.normalize import normalize

LISTS = (WordList("blocked", ("idiot",)), WordList("excused", ("nice day",), kind="allow"))


@pytest.fixture
def checkpoint() -> Checkpoint:
    labels = ("toxic",)
    return Checkpoint(
        folder=Path("nowhere"),
        id="tiny@0",
        name="tiny",
        version="1",
        task="toxicity",
        labels=labels,
        activation="sigmoid",
        outputs=labels,
        max_tokens=12,
        overlap_tokens=4,
        calibration=Calibration.identity(1, "sigmoid"),
        thresholds=Thresholds.make_untuned(labels),
        languages=("en",),
        raw={"parts": {"normalizer": {"version": 1}}},
    )


@pytest.fixture
def reader(checkpoint: Checkpoint) -> Reader:
    return Reader(checkpoint, tiny.make_tokenizer())


@pytest.fixture
def plain_reader(checkpoint: Checkpoint) -> Reader:
    return Reader(dataclasses.replace(checkpoint, raw={}), tiny.make_tokenizer())


def test_only_a_checkpoint_that_wants_it_gets_normalised_texts(
    reader: Reader, plain_reader: Reader
) -> None:
    text = "you i d i o t"
    assert reader.read(text).normalized == normalize(text)
    assert reader.read(text).normalized.text == "you idiot"
    assert plain_reader.read(text).normalized.text == text
    assert plain_reader.read("a\ud800b").normalized.text == "a\ufffdb"


def test_windows_are_cut_as_they_are_explained(reader: Reader) -> None:
    for text in ("", "you", "this is a nice day " * 20, "x" * 100):
        reading = reader.read(text)
        tokens = reader.tokenize(reading)
        framed = [reader.frame(tokens.ids[one.start : one.stop]) for one in tokens.windows]
        assert reader.make_windows(reading) == framed
        assert {place for window in tokens.windows for place in window} == set(
            range(len(tokens.ids))
        )
        assert all(len(window) <= 12 for window in framed)


def test_tokens_know_their_place(reader: Reader) -> None:
    reading = reader.read("you are an  idiot")
    tokens = reader.tokenize(reading)
    pieces = [reading.normalized.text[start:end] for start, end in tokens.char_offsets]
    assert pieces == ["you", "are", "an", "idiot"]


def test_places_are_right_in_a_huge_text(reader: Reader) -> None:
    reading = reader.read("this is a nice day " * 12_000)  # more than one piece for the tokenizer
    tokens = reader.tokenize(reading)
    text = reading.normalized.text
    assert [text[start:end] for start, end in tokens.char_offsets] == text.split()


def test_special_tokens_are_known(reader: Reader) -> None:
    tokenizer = tiny.make_tokenizer()
    assert reader.n_before == 1
    assert reader.mask_id == tokenizer.token_to_id("[MASK]")
    assert reader.frame([7]) == [tokenizer.token_to_id("[CLS]"), 7, tokenizer.token_to_id("[SEP]")]


def test_lists_find_words_in_disguise_whatever_the_checkpoint(
    reader: Reader, plain_reader: Reader
) -> None:
    text = "a nice day, i d i o t"
    for one in (reader, plain_reader):
        reading = one.with_lists(LISTS).read(text)
        found = [(match.list, text[match.start : match.end]) for match in reading.matches]
        assert found == [("excused", "nice day"), ("blocked", "i d i o t")]
        assert "nice day" not in reading.normalized.text
        assert one.read(text).matches == ()


def test_language_is_held_against_the_checkpoint(reader: Reader) -> None:
    german = reader.find_language(reader.read("Das ist schon das zweite Mal in dieser Woche."))
    assert (german.code, german.is_supported) == ("de", False)
    unknown = reader.find_language(reader.read("ok"))
    assert (unknown.code, unknown.is_supported) == (None, None)


def test_a_window_without_room_is_refused_by_short_texts_too(checkpoint: Checkpoint) -> None:
    for overlap in (-1, 10):  # ten tokens fit between the special ones
        broken = dataclasses.replace(checkpoint, overlap_tokens=overlap)
        reader = Reader(broken, tiny.make_tokenizer())
        with pytest.raises(CheckpointError, match="cannot share"):
            reader.make_windows(reader.read("you are kind"))
