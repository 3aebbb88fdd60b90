"""What a visitor can score with, all of one shape: in this process, VADER, or a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from toxic_tweets.labels import SENTIMENT_NAMES
from toxic_tweets.policy import Policy, Thresholds
from toxic_tweets.prediction import Prediction, Span
from toxic_tweets.web.vader import Vader

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what the page says about a model.

    Attributes:
        id: names the weights, such as `small@0123456789ab`.
        labels: names of the scores, in order.
        is_single_choice: exactly one label fits a text.
        thresholds: the cuts that were fitted for it.
        languages: codes of those it was trained on.
        licence: of the weights.
        metrics: its figures, by dotted name.
        card: what its card says, in Markdown without front matter; empty where there is none.
        folder: where its files are, for those in this process.
    """

    id: str
    labels: tuple[str, ...]
    is_single_choice: bool
    thresholds: Thresholds
    languages: tuple[str, ...] = ()
    licence: str = ""
    metrics: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    card: str = ""
    folder: Path | None = None

    @property
    def is_toxicity(self) -> bool:
        """Tell a model whose texts get a verdict."""
        return not self.is_single_choice


class Scorer(Protocol):
    """Score texts; shared between all visitors, so safe to use from several threads."""

    @property
    def facts(self) -> Facts:
        """Return what the page says about it."""
        ...

    def predict_iter(self, texts: Iterable[str], policy: Policy) -> Iterator[Prediction]:
        """Yield one prediction per text, in order.

        Of the policy only its lists matter for the scores; flags and verdicts are made anew by
        `judging`, so that a threshold can move without scoring again.
        """
        ...

    def find_spans(self, text: str, label: str, policy: Policy) -> tuple[Span, ...]:
        """Return the pieces of a text that cause a label."""
        ...


class LocalScorer:
    """Score in this process."""

    def __init__(self, classifier: Classifier) -> None:
        """Take a classifier over any checkpoint."""
        self._classifier = classifier
        checkpoint = classifier.checkpoint
        self._facts = Facts(
            id=checkpoint.id,
            labels=classifier.labels,
            is_single_choice=classifier.activation == "softmax",
            thresholds=classifier.thresholds,
            languages=checkpoint.languages,
            licence=checkpoint.licence,
            metrics=checkpoint.metrics,
            card=read_card(checkpoint.folder),
            folder=checkpoint.folder,
        )
        # The first text loads what tells languages; no visitor has to wait for that.
        list(classifier.predict(["Good morning."], explain=True))

    @property
    def facts(self) -> Facts:
        """See `Scorer`."""
        return self._facts

    def predict_iter(self, texts: Iterable[str], policy: Policy) -> Iterator[Prediction]:
        """See `Scorer`."""
        return self._with_lists(policy).predict_iter(texts)

    def find_spans(self, text: str, label: str, policy: Policy) -> tuple[Span, ...]:
        """See `Scorer`."""
        return self._with_lists(policy).explain(text, label)

    def _with_lists(self, policy: Policy) -> Classifier:
        return self._classifier.with_policy(Policy("lists", lists=policy.lists))


class VaderScorer:
    """Score with VADER."""

    def __init__(self) -> None:
        """Open it."""
        self._vader = Vader()
        self._facts = Facts(
            id=self._vader.id,
            labels=SENTIMENT_NAMES,
            is_single_choice=True,
            thresholds=Thresholds.make_untuned(SENTIMENT_NAMES),
            languages=("en",),
            licence="MIT",
            card=_VADER_CARD,
        )

    @property
    def facts(self) -> Facts:
        """See `Scorer`."""
        return self._facts

    def predict_iter(self, texts: Iterable[str], policy: Policy) -> Iterator[Prediction]:
        """See `Scorer`."""
        return self._vader.predict_iter(texts)

    def find_spans(self, text: str, label: str, policy: Policy) -> tuple[Span, ...]:
        """Return the words on VADER's list that pull towards a label, all of them for neutral."""
        signs = {"negative": -1, "positive": 1}
        sign = signs.get(label, 0)
        return tuple(span for span in self._vader.find_spans(text) if span.weight * sign >= 0)


def read_card(folder: Path) -> str:
    """Return the card of a checkpoint without its front matter; empty where there is none."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = text.splitlines()
    if lines[:1] == ["---"] and "---" in lines[1:]:
        lines = lines[lines.index("---", 1) + 1 :]
    return "\n".join(lines).strip()


def make_prediction(values: Mapping[str, Any]) -> Prediction:
    """Return the prediction that `Prediction.to_dict` wrote, without matches and spans."""
    return Prediction(
        scores=values["scores"],
        flagged=tuple(values["flagged"]),
        verdict=values["verdict"],
        windows=int(values["windows"]),
        checkpoint=str(values["checkpoint"]),
        language=values.get("language"),
        language_supported=values.get("language_supported"),
        spans={
            label: tuple(Span(one["start"], one["end"], one["weight"]) for one in spans)
            for label, spans in (values.get("spans") or {}).items()
        },
    )


_VADER_CARD = """\
VADER (Hutto and Gilbert, 2014) is a list of 7,500 words with rules for negation, capitals and
exclamation marks. It learned nothing from data: it is the baseline that a sentiment model has to
beat.

## Limits

- Its numbers are a scale, not calibrated scores: 0.5 is where its rule changes its mind.
- English only, and blind to words that are not on its list, to irony and to context.
"""
