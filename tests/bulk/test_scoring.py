from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from tests.bulk.conftest import make_texts

from toxic_tweets.bulk.scoring import Opening, describe_model, score_block
from toxic_tweets.classifier import Classifier
from toxic_tweets.errors import CheckpointError, LabelError
from toxic_tweets.policy import PRESETS, Policy, WordList


def test_a_block_gets_what_predict_says(tiny_classifier: Classifier) -> None:
    texts = [*make_texts(30), "du bist ein netter Mensch und das ist schön", "nice \ud800 day"]
    scored = score_block(tiny_classifier, texts)
    for place, one in enumerate(tiny_classifier.predict(texts)):
        assert scored.scores[place] == [one.scores[label] for label in tiny_classifier.labels]
        assert tuple(scored.flagged[place]) == one.flagged
        assert scored.verdicts[place] == one.verdict
        assert scored.languages[place] == one.language
        assert scored.supported[place] == one.language_supported
    assert score_block(tiny_classifier, []).scores == []


def test_what_is_sent_to_a_worker_opens_the_same(tiny_checkpoint: Path) -> None:
    policy = Policy(name="ours", labels=("insult",), lists=(WordList("ours", ("kind",)),))
    sent = pickle.loads(pickle.dumps(Opening(str(tiny_checkpoint), policy)))  # noqa: S301
    classifier = sent.open()
    assert classifier.threads == 1
    assert classifier.predict_one("you are kind").verdict == "block"


def test_a_checkpoint_is_described_before_any_worker_starts(
    tiny_checkpoint: Path, tiny_classifier: Classifier
) -> None:
    facts = describe_model(Opening(str(tiny_checkpoint), PRESETS["balanced"]))
    assert (facts.id, facts.labels) == (tiny_classifier.checkpoint.id, tiny_classifier.labels)
    with pytest.raises(LabelError):
        describe_model(Opening(str(tiny_checkpoint), Policy(labels=("kindness",))))
    with pytest.raises(CheckpointError):
        describe_model(Opening("no-such-checkpoint", PRESETS["balanced"]))


def test_a_hugging_face_folder_is_described_too(tiny_hf_folder: Path) -> None:
    facts = describe_model(Opening(str(tiny_hf_folder), PRESETS["balanced"]))
    assert "insult" in facts.labels
