import dataclasses
import gc
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import tiny
from toxic_tweets.classifier import Classifier, load
from toxic_tweets.errors import (
    CheckpointError,
    LabelError,
    PolicyError,
    TextError,
    ToxicTweetsError,
)
from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.model.tokenizer import open_tokenizer
from toxic_tweets.policy import Policy, WordList
from toxic_tweets.prediction import Match, Prediction

KIND, NASTY = "you are kind", "you are an idiot"
LONG = " ".join(f"{word} {other}" for word, other in itertools.product(tiny.WORDS, tiny.NASTY))
TEXTS = [
    KIND,
    NASTY,
    "",
    LONG,
    "this is a nice day",
    "damn stupid",
    "x" * 500,
    "vermin hurt you",
    "😀",
]
ODD = [
    "",
    " ",
    "\t\n\r\u00a0\u2003",
    "\0",
    "\0" * 1000,
    "\ud800",
    "you \udfff are \ud83d an idiot",
    "😀😀😀",
    "👩‍👩‍👧‍👦" * 50,
    "אתה טיפש",
    "أنت غبي",
    "你是个白痴",
    "ты идиот",
    "\u202eyou are\u202c",
    "a" + "\u0301" * 10_000,
    "[CLS] [SEP] [PAD] [MASK] [UNK]",
    "\ufeff\ufffe\uffff",
    "\U0010ffff",
    "x" * 100_000,
    "<script>alert(1)</script>",
]


@pytest.fixture(scope="module")
def one_thread(tiny_checkpoint: Path) -> Classifier:
    return load(tiny_checkpoint, threads=1)


def test_shape_of_a_prediction(tiny_classifier: Classifier) -> None:
    kind, nasty = tiny_classifier.predict([KIND, NASTY])
    assert tuple(nasty.scores) == TOXICITY_NAMES
    assert all(0 < score < 1 for score in nasty.scores.values())
    assert nasty.scores["insult"] > 0.9 > 0.5 > kind.scores["insult"]
    assert (kind.flagged, kind.verdict) == ((), "allow")
    assert nasty.flagged == ("toxic", "insult")
    assert nasty.verdict == "block"
    assert nasty.windows == 1
    assert nasty.checkpoint == tiny_classifier.checkpoint.id


def test_no_texts(tiny_classifier: Classifier) -> None:
    assert tiny_classifier.predict([]) == []
    assert list(tiny_classifier.predict_iter([])) == []
    assert tiny_classifier.score_array([]).shape == (0, 6)
    assert tiny_classifier.logits([]).shape == (0, 6)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_score_depends_on_its_text_alone(tiny_checkpoint: Path, threads: int) -> None:
    classifier = load(tiny_checkpoint, threads=threads)
    alone = [classifier.predict_one(text) for text in TEXTS]
    assert classifier.predict(TEXTS) == alone
    assert classifier.predict(TEXTS[::-1]) == alone[::-1]
    assert classifier.predict(TEXTS * 20) == alone * 20
    assert list(classifier.predict_iter(iter(TEXTS * 3))) == alone * 3
    scores = classifier.score_array(TEXTS)
    assert scores.dtype == np.float64
    assert scores.tolist() == [list(prediction.scores.values()) for prediction in alone]


def test_threads_do_not_change_a_bit(tiny_classifier: Classifier, one_thread: Classifier) -> None:
    assert tiny_classifier.predict(TEXTS) == one_thread.predict(TEXTS)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.lists(st.text(st.characters(codec=None), max_size=60), max_size=6),
    second=st.lists(st.text(max_size=60), max_size=6),
    data=st.data(),
)
def test_predict_is_additive_and_follows_permutations(
    tiny_classifier: Classifier, first: list[str], second: list[str], data: st.DataObject
) -> None:
    together = tiny_classifier.predict(first + second)
    assert together == tiny_classifier.predict(first) + tiny_classifier.predict(second)
    order = data.draw(st.permutations(range(len(together))))
    texts = first + second
    assert tiny_classifier.predict([texts[i] for i in order]) == [together[i] for i in order]


def test_many_threads_share_one_classifier(tiny_classifier: Classifier) -> None:
    expected = tiny_classifier.predict(TEXTS)
    wrong: list[int] = []

    def work(number: int) -> None:
        wrong.extend(number for _ in range(3) if tiny_classifier.predict(TEXTS) != expected)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_any_input_is_answered(tiny_classifier: Classifier, text: str) -> None:
    prediction = tiny_classifier.predict_one(text)
    assert all(0 <= score <= 1 for score in prediction.scores.values())
    assert prediction.windows >= 1


def test_nothing_to_read_is_scored_alike(tiny_classifier: Classifier) -> None:
    nothing = tiny_classifier.predict_one("")
    assert tiny_classifier.predict(["   ", "\n\t", "\0"]) == [nothing] * 3


def test_a_megabyte_is_answered(tiny_classifier: Classifier) -> None:
    prediction = tiny_classifier.predict_one("you are kind " * 80_000 + "idiot")
    assert prediction.windows == pytest.approx(240_001 / 22, abs=2)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_long_text_is_not_cut(one_thread: Classifier, place: str) -> None:
    filler = ["this is a nice day"] * 40
    at = {"first": 0, "middle": 20, "last": 40}[place]
    prediction = one_thread.predict_one(" ".join([*filler[:at], NASTY, *filler[at:]]))
    assert prediction.windows > 5
    assert prediction.scores["insult"] > 0.5
    assert one_thread.predict_one(" ".join(filler)).scores["insult"] < 0.5


def test_windows_are_joined_by_the_highest_score(one_thread: Classifier) -> None:
    words = ["nice", "kind", "idiot", "damn", "hurt"]
    text = " ".join(word for word in words for _ in range(30))
    ids = one_thread._reader.tokenize(one_thread._reader.read(text)).ids
    starts = [*range(0, 150 - 30, 22), 150 - 30]
    rows = [
        one_thread._backend.run(np.array([one_thread._reader.frame(ids[start : start + 30])]))
        for start in starts
    ]
    assert one_thread.predict_one(text).windows == len(starts)
    assert (one_thread.logits([text]) == np.concatenate(rows).max(axis=0)).all()
    calibrate = one_thread.checkpoint.calibration.apply_one
    scores = np.array([calibrate(row[0].tolist()) for row in rows])
    assert (one_thread.score_array([text]) == scores.max(axis=0)).all()


def test_single_choice(tiny_sentiment_checkpoint: Path) -> None:
    classifier = load(tiny_sentiment_checkpoint, policy="strict")
    assert (classifier.labels, classifier.activation) == (SENTIMENT_NAMES, "softmax")
    good, sad, plain = classifier.predict(["good day", "sad day", "the day"])
    assert [one.top.label for one in (good, sad, plain)] == ["positive", "negative", "neutral"]
    for prediction in (good, sad, plain):
        assert (prediction.flagged, prediction.verdict) == ((), "allow")
        assert sum(prediction.scores.values()) == pytest.approx(1)
    long = classifier.predict_one("good day " * 100)
    assert long.windows > 1
    assert long.top.label == "positive"
    assert sum(long.scores.values()) == pytest.approx(1)


def test_explaining_points_at_the_words(tiny_classifier: Classifier) -> None:
    text = "this is a nice day , you are an idiot"
    (span,) = tiny_classifier.explain(text)
    assert text[span.start : span.end] == "idiot"
    assert 0.5 <= span.weight <= 1
    assert tiny_classifier.explain(text, label="insult") == tiny_classifier.explain(text, "insult")
    assert [(one.start, one.end) for one in tiny_classifier.explain(text, "insult")] == [(32, 37)]
    assert tiny_classifier.explain(text, "threat") == ()
    assert tiny_classifier.explain(KIND) == ()
    assert tiny_classifier.explain("") == ()


def test_predictions_can_carry_spans(tiny_classifier: Classifier) -> None:
    kind, nasty = tiny_classifier.predict([KIND, NASTY], explain=True)
    assert kind.spans == {}
    assert nasty.spans is not None
    assert tuple(nasty.spans) == nasty.flagged == ("toxic", "insult")
    assert nasty.spans["insult"] == tiny_classifier.explain(NASTY, "insult")
    assert tiny_classifier.predict_one(NASTY).spans is None
    assert tiny_classifier.predict_one(NASTY, explain=True) == nasty
    assert dataclasses.replace(nasty, spans=None) == tiny_classifier.predict_one(NASTY)


@pytest.mark.parametrize("threads", [1, 3])
def test_explained_predictions_keep_their_order(tiny_checkpoint: Path, threads: int) -> None:
    classifier = load(tiny_checkpoint, threads=threads)
    texts = [NASTY, KIND, "damn stupid", "", LONG, "😀", "vermin hurt you"] * 2
    together = list(classifier.predict_iter(iter(texts), explain=True))
    assert together == [classifier.predict_one(text, explain=True) for text in texts]


@pytest.mark.parametrize("text", ODD[:-2], ids=range(len(ODD[:-2])))
def test_any_input_is_explained(tiny_classifier: Classifier, text: str) -> None:
    places = [(span.start, span.end) for span in tiny_classifier.explain(text, "insult")]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)


def test_explaining_what_cannot_be(tiny_classifier: Classifier) -> None:
    with pytest.raises(LabelError, match=r"'rude'.*toxic, severe_toxic"):
        tiny_classifier.explain(NASTY, label="rude")
    with pytest.raises(TextError, match="NoneType"):
        tiny_classifier.explain(None)  # type: ignore[arg-type]


def test_a_single_choice_is_explained_too(tiny_sentiment_checkpoint: Path) -> None:
    classifier = load(tiny_sentiment_checkpoint)
    text = "this is a sad day"
    (span,) = classifier.explain(text, label="negative")
    assert text[span.start : span.end] == "sad"
    assert classifier.explain(text) == classifier.explain(text, label="negative")
    assert classifier.predict_one(text, explain=True).spans == {"negative": (span,)}


def test_language_is_said(tiny_classifier: Classifier) -> None:
    english, german, short = tiny_classifier.predict(
        [
            "This is the second time that the train was late.",
            "Das ist schon das zweite Mal, dass der Zug zu spät kommt.",
            "ok",
        ]
    )
    assert (english.language, english.language_supported) == ("en", True)
    assert (german.language, german.language_supported) == ("de", False)
    assert (short.language, short.language_supported) == (None, None)
    never = dict.fromkeys(TOXICITY_NAMES, 1.0)
    careful = Policy(thresholds=never, unsupported_language="review")
    text = "Das ist schon das zweite Mal hier."
    assert (
        tiny_classifier.with_policy(Policy(thresholds=never)).predict_one(text).verdict == "allow"
    )
    assert tiny_classifier.with_policy(careful).predict_one(text).verdict == "review"


def test_languages_of_a_foreign_folder_are_not_known(tiny_hf_folder: Path) -> None:
    prediction = load(tiny_hf_folder).predict_one("This is the second time that it was late.")
    assert (prediction.language, prediction.language_supported) == ("en", None)


def test_block_lists_are_reported_apart(tiny_classifier: Classifier) -> None:
    mine = Policy(lists=(WordList("mine", ("nice day",)),))
    text = "this is a nice day"
    prediction = tiny_classifier.with_policy(mine).predict_one(text)
    assert prediction.matches == (Match("mine", "nice day", 10, 18, "block"),)
    assert (prediction.flagged, prediction.verdict) == ((), "block")
    assert prediction.scores == tiny_classifier.predict_one(text).scores
    assert tiny_classifier.predict_one(text).matches == ()


def test_what_is_allowed_is_not_scored(tiny_checkpoint: Path, tiny_classifier: Classifier) -> None:
    mine = Policy(lists=(WordList("excused", ("stupid",), kind="allow"),))
    text = "you are a stupid idiot"
    allowing = tiny_classifier.with_policy(mine)
    prediction = allowing.predict_one(text, explain=True)
    assert [match.kind for match in prediction.matches] == ["allow"]
    assert prediction.scores == tiny_classifier.predict_one("you are a idiot").scores
    assert prediction.spans is not None
    assert [(span.start, span.end) for span in prediction.spans["toxic"]] == [(17, 22)]
    assert load(tiny_checkpoint, policy=mine).predict_one(text, explain=True) == prediction
    assert allowing.with_policy(None).predict_one(text) == tiny_classifier.predict_one(text)
    assert tiny_classifier.predict_one(text).matches == ()


def test_a_bad_pattern_is_refused(tiny_checkpoint: Path, tiny_classifier: Classifier) -> None:
    hostile = Policy(lists=(WordList("hostile", (r"/(a)\1/",)),))
    with pytest.raises(PolicyError, match="hostile"):
        load(tiny_checkpoint, policy=hostile)
    with pytest.raises(PolicyError, match="hostile"):
        tiny_classifier.with_policy(hostile)


def test_lists_count_where_one_label_fits(tiny_sentiment_checkpoint: Path) -> None:
    mine = Policy(lists=(WordList("mine", ("sad",), verdict="review"),))
    prediction = load(tiny_sentiment_checkpoint, policy=mine).predict_one("so sad")
    assert (prediction.flagged, prediction.verdict) == ((), "review")


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", 1.5, float("nan"), ["nested"]])
def test_wrong_item_names_its_index(tiny_classifier: Classifier, wrong: Any) -> None:
    for verb in (tiny_classifier.predict, tiny_classifier.score_array, tiny_classifier.logits):
        with pytest.raises(TextError, match=f"index 1 is of type {type(wrong).__name__}") as caught:
            verb([KIND, wrong, NASTY])
        assert caught.value.index == 1
    with pytest.raises(TextError, match=type(wrong).__name__):
        tiny_classifier.predict_one(wrong)


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", {"text": "x"}])
def test_wrong_list(tiny_classifier: Classifier, wrong: Any) -> None:
    for verb in (tiny_classifier.predict, tiny_classifier.predict_iter):
        with pytest.raises(TextError, match=f"of type {type(wrong).__name__}"):
            verb(wrong)


def test_bare_text_is_told_of_predict_one(tiny_classifier: Classifier) -> None:
    for verb in (tiny_classifier.predict, tiny_classifier.predict_iter):
        with pytest.raises(TextError, match="predict_one"):
            verb(NASTY)


@pytest.mark.parametrize("texts", [(KIND, NASTY), np.array([KIND, NASTY]), iter([KIND, NASTY])])
def test_any_collection_of_texts_is_taken(
    tiny_classifier: Classifier, texts: Iterable[str]
) -> None:
    assert tiny_classifier.predict(texts) == tiny_classifier.predict([KIND, NASTY])


@pytest.mark.parametrize("threads", [1, 3])
def test_iter_raises_at_the_wrong_text_after_all_before_it(
    tiny_checkpoint: Path, threads: int
) -> None:
    texts: list[Any] = [KIND] * 50 + [None] + [KIND]
    predictions: list[Prediction] = []
    with pytest.raises(TextError, match="index 50"):
        predictions.extend(load(tiny_checkpoint, threads=threads).predict_iter(texts))
    assert len(predictions) == 50


@pytest.mark.parametrize("threads", [1, 3])
def test_iter_pulls_lazily_and_stops_early(tiny_checkpoint: Path, threads: int) -> None:
    pulled = 0

    def texts() -> Iterator[str]:
        nonlocal pulled
        while True:
            pulled += 1
            yield KIND

    before = threading.active_count()
    predictions = load(tiny_checkpoint, threads=threads).predict_iter(texts())
    assert pulled == 0
    assert len(list(itertools.islice(predictions, 300))) == 300
    assert pulled < 300 + 3 * 64 + 2 * threads * 16  # blocks of three stages, and the threads'
    del predictions
    gc.collect()
    assert threading.active_count() == before


def test_iter_memory_is_bounded(tiny_checkpoint: Path) -> None:
    classifier = load(tiny_checkpoint, threads=2)
    texts = (f"{KIND} {number}" for number in range(12_000))
    process = psutil.Process()
    sizes = []
    for number, _ in enumerate(classifier.predict_iter(texts)):
        if number % 2_000 == 1_999:
            sizes.append(process.memory_info().rss / 2**20)
    assert sizes[-1] - sizes[0] < 10


def test_breaking_off_a_huge_text_drops_the_rest(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = load(tiny_checkpoint, threads=2)
    run, n_runs = classifier._backend.run, itertools.count()

    def count_runs(input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        next(n_runs)
        return run(input_ids)

    monkeypatch.setattr(classifier._backend, "run", count_runs)
    predictions = classifier.predict_iter([KIND, "you are kind " * 8_000])
    assert next(predictions).windows == 1
    del predictions
    gc.collect()
    assert next(n_runs) < 200  # of more than a thousand windows


def test_policies(tiny_checkpoint: Path, tiny_classifier: Classifier) -> None:
    assert load(tiny_checkpoint, policy="profanity-ok").predict_one("damn day").flagged == ()
    mine = Policy("mine", labels=("insult",), thresholds={"insult": 0.0}, block={"insult": 1.0})
    other = tiny_classifier.with_policy(mine)
    prediction = other.predict_one(KIND)
    assert (prediction.flagged, prediction.verdict) == (("insult",), "review")
    assert prediction.scores == tiny_classifier.predict_one(KIND).scores
    assert other._backend is tiny_classifier._backend
    assert tiny_classifier.policy.name == "balanced"
    assert tiny_classifier.with_policy(None).policy.name == "balanced"


def test_policies_that_do_not_fit(tiny_checkpoint: Path, tiny_classifier: Classifier) -> None:
    with pytest.raises(LabelError, match=r"'rude'.*toxic, severe_toxic"):
        load(tiny_checkpoint, policy=Policy(labels=("rude",)))
    with pytest.raises(LabelError, match="'rude'"):
        tiny_classifier.with_policy(Policy(block={"rude": 0.1}))
    with pytest.raises(PolicyError, match="The presets are"):
        load(tiny_checkpoint, policy="mild")


def test_threads(tiny_checkpoint: Path) -> None:
    assert 1 <= load(tiny_checkpoint).threads <= 32
    assert load(tiny_checkpoint, threads=7).threads == 7
    for wrong in (0, -1):
        with pytest.raises(ToxicTweetsError, match="at least 1"):
            load(tiny_checkpoint, threads=wrong)


def test_parts_that_do_not_fit(tiny_checkpoint: Path, tiny_sentiment_checkpoint: Path) -> None:
    facts = load(tiny_checkpoint).checkpoint
    backend = OnnxBackend(tiny_sentiment_checkpoint / "model.onnx")
    tokenizer = open_tokenizer(tiny_checkpoint / "tokenizer.json")
    with pytest.raises(CheckpointError, match="names 6 outputs but its graph gives 3 logits"):
        Classifier(facts, backend, tokenizer)


def test_torn_checkpoint_is_not_loaded(tiny_checkpoint: Path, tmp_path: Path) -> None:
    for path in tiny_checkpoint.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "model.onnx").open("ab") as file:
        file.write(b"?")
    with pytest.raises(CheckpointError, match="is not the file"):
        load(tmp_path)


def test_repr_names_the_checkpoint(tiny_classifier: Classifier) -> None:
    assert repr(tiny_classifier).startswith("Classifier('tiny@")


def test_scoring_imports_no_heavy_package(tiny_checkpoint: Path) -> None:
    code = (
        "import sys; from toxic_tweets import load\n"
        "load(sys.argv[1]).predict(['you are kind', 'you are an idiot'])\n"
        "heavy = {'torch', 'transformers', 'fastapi', 'huggingface_hub', 'onnx', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tiny_checkpoint)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_forked_process_can_score(tiny_checkpoint: Path) -> None:
    code = (
        "import os, sys; from toxic_tweets import load\n"
        "classifier = load(sys.argv[1], threads=2); texts = ['you are kind'] * 9\n"
        "expected = classifier.predict(texts); child = os.fork()\n"
        "if child == 0: os._exit(0 if classifier.predict(texts) == expected else 3)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    command = [sys.executable, "-c", code, str(tiny_checkpoint)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
