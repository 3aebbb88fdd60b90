"""Which checkpoint and which calibration stand behind an answer."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier
    from toxic_tweets.model.checkpoint import Checkpoint

CHECKPOINT_HEADER = "X-Toxic-Tweets-Checkpoint"
CALIBRATION_HEADER = "X-Toxic-Tweets-Calibration"


def find_calibration(classifier: Classifier) -> str:
    """Return the version of a calibration: a digest of its numbers and of the thresholds.

    The id of a checkpoint is made of its weights; fitted anew, the same weights give other scores.
    """
    return _digest(classifier.checkpoint.id, _canonical(classifier.checkpoint))


def make_headers(classifier: Classifier) -> dict[str, str]:
    """Return the headers that say what scored."""
    return {
        # An id may hold any sign of a folder's name, a header may not.
        CHECKPOINT_HEADER: quote(classifier.checkpoint.id, safe="@/ "),
        CALIBRATION_HEADER: find_calibration(classifier),
    }


def _canonical(facts: Checkpoint) -> str:
    numbers = [facts.calibration.to_dict(facts.labels), facts.thresholds.to_dict()]
    return json.dumps(numbers, sort_keys=True)


@lru_cache(maxsize=64)
def _digest(checkpoint: str, numbers: str) -> str:
    return hashlib.sha256(numbers.encode()).hexdigest()[:12]
