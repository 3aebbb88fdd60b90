"""Which attributes of the Perspective API are measured here, on which scale, in which languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.errors import MissingExtraError
from toxic_tweets.labels import TOXICITY
from toxic_tweets.model.scales import WORDS, Scale, read_scales, read_words
from toxic_tweets.serve.perspective_errors import refuse_languages, refuse_no_language
from toxic_tweets.text.normalize import normalize

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier

PRODUCTION = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")
_TWIN = "_EXPERIMENTAL"
KNOWN = frozenset(
    (
        *PRODUCTION,
        *(f"{name}{_TWIN}" for name in PRODUCTION),
        "SEXUALLY_EXPLICIT",
        "FLIRTATION",
        *(
            f"{name}{_TWIN}"
            for name in (
                "AFFINITY",
                "COMPASSION",
                "CURIOSITY",
                "NUANCE",
                "PERSONAL_STORY",
                "REASONING",
                "RESPECT",
            )
        ),
        "ATTACK_ON_AUTHOR",
        "ATTACK_ON_COMMENTER",
        "INCOHERENT",
        "INFLAMMATORY",
        "LIKELY_TO_REJECT",
        "OBSCENE",
        "SPAM",
        "UNSUBSTANTIAL",
    )
)
"""Every attribute that the API had."""

# The API was hated for taking short English for Italian or Thai and refusing it. A text counts as
# foreign only when the detector is sure and has something to go by.
_SURE = 0.9
_MIN_FOREIGN_BYTES = 24  # of UTF-8, white space left out: about five words of a Latin script

_Logits = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold what was found about one text.

    Attributes:
        measured: raw outputs (1, outputs), then what its words say.
        scores: by attribute, as it was asked for.
    """

    measured: _Logits
    scores: Mapping[str, float]


class Attributes:
    """Know what a model measures; a score of anything else is never made up."""

    def __init__(
        self, classifier: Classifier, scale: Literal["perspective", "calibrated"] = "perspective"
    ) -> None:
        """Look at what the checkpoint carries.

        Args:
            classifier: the model.
            scale: `perspective` where the checkpoint has a map to that scale, for attributes that
                it has one for; `calibrated` for the scores that all other APIs give.

        Raises:
            CheckpointError: its scales are malformed.
        """
        self.languages = classifier.checkpoint.languages
        self._classifier = classifier
        self._outputs = classifier.checkpoint.outputs
        self._words = read_words(classifier.checkpoint) if scale == "perspective" else None
        if self._words is not None:
            self._outputs = (*self._outputs, WORDS)
        self._readers: dict[str, Callable[[_Logits], float]] = {}
        if classifier.activation != "sigmoid":
            return
        for label in TOXICITY:
            if label.name in classifier.labels:
                for name in label.perspective:
                    self._readers[name] = _calibrated(classifier, label.name)
        if scale == "perspective":
            self._add_scales(classifier)

    def _add_scales(self, classifier: Classifier) -> None:
        scales = read_scales(classifier.checkpoint)
        for label in TOXICITY:
            for name in label.perspective[1:]:  # a lesser name goes by the scale of the main one
                if label.perspective[0] in scales:
                    scales.setdefault(name, scales[label.perspective[0]])
        for name, scale in scales.items():
            self._readers[name] = self._scaled(scale)

    def _scaled(self, scale: Scale) -> Callable[[_Logits], float]:
        return lambda measured: scale.apply(measured, self._outputs)[0]

    def score(self, names: Sequence[str], text: str) -> Scored:
        """Return the scores of a text by these names, which must be measured; takes a while.

        A score is the shortest decimal that is the same number in 32 bits, as in the API's answers.
        """
        measured = self._measure(text)
        plain = {plain_name(name) for name in names}
        scores = {one: float(str(np.float32(self._readers[one](measured)))) for one in plain}
        return Scored(measured, {name: scores[plain_name(name)] for name in names})

    def _measure(self, text: str) -> _Logits:
        """Return all that the scores of a text are made of (1, outputs)."""
        logits = self._classifier.logits([text])
        if self._words is None:
            return logits
        return np.column_stack([logits, [self._words.weigh(normalize(text).text)]])

    @property
    def names(self) -> tuple[str, ...]:
        """Return the attributes that are measured."""
        return tuple(self._readers)

    def is_measured(self, name: str) -> bool:
        """Tell whether an attribute is measured, under any name that a request may give it."""
        return plain_name(name) in self._readers


def plain_name(name: str) -> str:
    """Return an attribute's name without a version and, for a production one, `_EXPERIMENTAL`."""
    bare = name.partition("@")[0]
    twin = bare.removesuffix(_TWIN)
    return twin if twin in PRODUCTION else bare


def is_known(name: str) -> bool:
    """Tell whether the API had an attribute of this name."""
    return name.partition("@")[0] in KNOWN


def find_label(name: str) -> str | None:
    """Return our label for an attribute, None where there is none."""
    for label in TOXICITY:
        if plain_name(name) in label.perspective:
            return label.name
    return None


def detect_languages(text: str, supported: Sequence[str]) -> list[str]:
    """Return the language of a text; in doubt one that is supported.

    Raises:
        WireError: the text is long enough to tell, but one cannot.
    """
    from toxic_tweets.text.language import detect_language

    default = [supported[0]] if supported else ["und"]
    try:
        found = detect_language(text)
    except MissingExtraError:
        return default
    if found.code in supported:
        return [found.code] if found.code else default
    size_bytes = len("".join(text.split()).encode("utf-8", "replace"))
    if size_bytes < _MIN_FOREIGN_BYTES:
        return default
    if found.code is None:
        if found.confidence > 0 and _is_other_script(text):
            raise refuse_no_language()
        return default
    return [found.code] if found.confidence >= _SURE else default


def check_languages(
    requested: Sequence[str], detected: Sequence[str], supported: Sequence[str], attribute: str
) -> None:
    """Refuse a text in no language that a model reads.

    Args:
        requested: as in the request; may be empty.
        detected: see `detect_languages`.
        supported: codes of the model's languages.
        attribute: the one that is named in the refusal.

    Raises:
        WireError: none of the requested languages, else of the detected ones, is supported.
    """
    codes = requested or detected
    if not any(code.replace("_", "-").split("-")[0].lower() in supported for code in codes):
        raise refuse_languages(attribute, codes, detected=not requested)


def _calibrated(classifier: Classifier, label: str) -> Callable[[_Logits], float]:
    column, calibration = classifier.labels.index(label), classifier.checkpoint.calibration
    return lambda logits: calibration.apply_one(logits[0].tolist())[column]


def _is_other_script(text: str) -> bool:
    """Tell whether most letters are of another script than Latin."""
    letters = [sign for sign in text if sign.isalpha()]
    return sum(sign > "\u024f" for sign in letters) > len(letters) / 2


def measured_labels(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores by our labels; of two attributes of one label the main one counts."""
    found: dict[str, float] = {}
    for label in TOXICITY:
        for name in reversed(label.perspective):
            for given, score in scores.items():
                if plain_name(given) == name:
                    found[label.name] = score
    return found
