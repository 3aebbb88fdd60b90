"""The checkpoint that ships: whole, small enough, and in its right mind on mild examples."""

import subprocess
import sys

import pytest

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.checkpoint import embedded_names

# Mild on purpose. The left one of each pair must be scored lower.
PAIRS = [
    ("You are kind", "You are a stupid idiot"),
    ("I disagree with you", "I disagree with you, you moron"),
    ("What a lovely day", "What a damn crappy day"),
    ("This film was boring", "You are pathetic and dumb"),
    ("Thank you for your help!", "Shut up, loser"),
    ("The meeting starts at nine.", "Go to hell, you fool"),
]


@pytest.fixture(scope="module")
def small() -> Classifier:
    return load()


def test_small_is_the_default(small: Classifier) -> None:
    assert "small" in embedded_names()
    assert small.checkpoint.name == "small"
    assert small.labels == TOXICITY_NAMES
    assert small.activation == "sigmoid"


def test_it_is_small_and_complete(small: Classifier) -> None:
    assert small.checkpoint.size_bytes <= 26_000_000
    names = {path.name for path in small.checkpoint.folder.iterdir()}
    weights = {"checkpoint.json", "model.onnx", "tokenizer.json"}
    assert names == weights | {"README.md", "metrics.json"}
    assert small.checkpoint.licence == "Apache-2.0"
    assert small.checkpoint.languages == ("en",)


@pytest.mark.parametrize(("kind", "nasty"), PAIRS)
def test_kind_is_below_nasty(small: Classifier, kind: str, nasty: str) -> None:
    low, high = small.predict([kind, nasty])
    assert low.scores["toxic"] < 0.5 < high.scores["toxic"]
    assert low.scores["insult"] < high.scores["insult"]
    assert (low.flagged, low.verdict) == ((), "allow")
    assert "toxic" in high.flagged
    assert high.verdict in ("review", "block")


def test_nastier_is_higher(small: Classifier) -> None:
    texts = ["You are kind", "You are wrong", "You are stupid", "You are a stupid damn idiot"]
    scores = small.score_array(texts)[:, TOXICITY_NAMES.index("toxic")]
    assert max(scores[:2]) < 0.01  # no order is right between two texts that are both innocent
    assert list(scores[1:]) == sorted(scores[1:])
    assert len(set(scores)) == len(texts)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("You are such an idiot", "insult"),
        ("damn this crap", "obscene"),
        ("I will hurt you, watch your back", "threat"),
    ],
)
def test_type_is_told(small: Classifier, text: str, label: str) -> None:
    plain, typed = small.predict(["See you at the station at noon", text])
    assert typed.scores[label] > 10 * plain.scores[label]


def test_long_text_with_one_insult(small: Classifier) -> None:
    filler = "The weather was fine and the trains were on time that day. " * 60
    prediction = small.predict_one(filler + "You are a stupid idiot. " + filler)
    assert prediction.windows > 3
    assert prediction.scores["toxic"] > small.predict_one(filler).scores["toxic"]
    assert "toxic" in prediction.flagged


def test_same_bits_alone_in_a_list_and_in_another_order(small: Classifier) -> None:
    texts = [text for pair in PAIRS for text in pair]
    alone = [small.predict_one(text) for text in texts]
    assert small.predict(texts) == alone
    assert small.predict(texts[::-1]) == alone[::-1]
    assert load(threads=1).predict(texts) == alone


def test_peak_memory_of_one_text() -> None:
    # VmHWM and not ru_maxrss: the latter starts at the peak of the process that forked.
    code = (
        "import re, pathlib\n"
        "from toxic_tweets import load\n"
        "load().predict(['You are a stupid idiot'])\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+) kB', status)[1]) / 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) <= 160


def test_sentiment_ships_too_and_tells_moods_apart() -> None:
    sentiment = load("sentiment")
    assert embedded_names() == ("cascade", "sentiment", "small", "tiny")
    assert sentiment.checkpoint.size_bytes <= 26_000_000
    assert sentiment.activation == "softmax"
    texts = ["I love this, what a wonderful day", "The train leaves at nine", "This is awful"]
    predictions = sentiment.predict(texts)
    assert [p.top.label for p in predictions] == ["positive", "neutral", "negative"]
    assert all(p.flagged == () for p in predictions)
    assert sum(predictions[0].scores.values()) == pytest.approx(1.0)


def test_tiny_is_tiny_and_tells_kind_from_nasty(small: Classifier) -> None:
    tiny = load("tiny")
    assert tiny.checkpoint.size_bytes <= 4_000_000
    assert tiny.checkpoint.outputs == small.checkpoint.outputs
    for kind, nasty in PAIRS:
        low, high = tiny.score_array([kind, nasty])[:, TOXICITY_NAMES.index("toxic")]
        assert low < 0.5 < high


def test_the_cascade_runs_the_stages_that_ship(small: Classifier) -> None:
    cascade, tiny = load("cascade"), load("tiny")
    assert cascade.checkpoint.stages == (tiny.checkpoint.id, small.checkpoint.id)
    assert cascade.thresholds == small.thresholds
    assert {path.name for path in cascade.checkpoint.folder.iterdir()} == {
        "checkpoint.json",
        "README.md",
    }


def test_what_the_cascade_flags_is_what_small_says(small: Classifier) -> None:
    texts = [text for pair in PAIRS for text in pair]
    cascade = load("cascade").predict(texts)
    for one, other in zip(cascade, small.predict(texts), strict=True):
        assert one.flagged == other.flagged
        if one.flagged:
            assert one.scores == other.scores
    assert any(
        one.scores != other.scores for one, other in zip(cascade, small.predict(texts), strict=True)
    ), "tiny settles none of them"


def test_the_cascade_scores_a_text_the_same_alone_and_in_any_list() -> None:
    texts = [text for pair in PAIRS for text in pair]
    alone = [load("cascade", threads=1).predict_one(text) for text in texts]
    shared = load("cascade", threads=4)
    assert shared.predict(texts) == alone
    assert shared.predict(texts[:5]) + shared.predict(texts[5:]) == alone


def test_the_cascade_marks_the_words_that_small_marks(small: Classifier) -> None:
    cascade = load("cascade")
    for _, nasty in PAIRS:
        assert cascade.explain(nasty) == small.explain(nasty)
