"""The labels: what each one means, where it comes from, and what foreign APIs call it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toxic_tweets.errors import LabelError

_JIGSAW = "Jigsaw Toxic Comment Classification Challenge (Wikipedia talk pages, 2018)"
_SEMEVAL = "SemEval-2017 Task 4, Sentiment Analysis in Twitter"


@dataclass(frozen=True, slots=True)
class Label:
    """Describe one named output of a model.

    Attributes:
        name: the name in scores, policies and files.
        meaning: what a text with this label does, in a user's words.
        source: the dataset whose definition is followed.
        perspective: attributes of the Perspective API that ask for it, the main one first.
        openai: categories of OpenAI's moderation endpoint that ask for it, the main one first.
    """

    name: str
    meaning: str
    source: str
    perspective: tuple[str, ...] = ()
    openai: tuple[str, ...] = ()


TOXICITY: tuple[Label, ...] = (
    Label(
        "toxic",
        "rude, disrespectful or likely to make people leave a discussion",
        _JIGSAW,
        perspective=("TOXICITY",),
    ),
    Label(
        "severe_toxic",
        "very hateful, aggressive or disrespectful; mild swearing is not enough",
        _JIGSAW,
        perspective=("SEVERE_TOXICITY",),
    ),
    Label(
        "obscene",
        "swear words, curse words or other obscene language",
        _JIGSAW,
        perspective=("PROFANITY", "OBSCENE"),
    ),
    Label(
        "threat",
        "an intention to hurt, kill or do violence to a person or a group",
        _JIGSAW,
        perspective=("THREAT",),
        openai=("harassment/threatening",),
    ),
    Label(
        "insult",
        "an insulting or inflammatory remark about a person or a group",
        _JIGSAW,
        perspective=("INSULT",),
        openai=("harassment",),
    ),
    Label(
        "identity_hate",
        "hate against people for what they are: origin, religion, gender, orientation, disability",
        _JIGSAW,
        perspective=("IDENTITY_ATTACK",),
        openai=("hate",),
    ),
)
"""The six types of toxicity, in the order that every score, file and table follows."""

SENTIMENT: tuple[Label, ...] = (
    Label("negative", "the author feels bad about what the text is about", _SEMEVAL),
    Label("neutral", "the text reports, or its feelings balance", _SEMEVAL),
    Label("positive", "the author feels good about what the text is about", _SEMEVAL),
)
"""The three sentiments; exactly one fits a text."""

TOXICITY_NAMES: tuple[str, ...] = tuple(label.name for label in TOXICITY)
SENTIMENT_NAMES: tuple[str, ...] = tuple(label.name for label in SENTIMENT)


def check_labels(names: Iterable[str], known: Sequence[str]) -> None:
    """Refuse a label that the checkpoint in use does not have.

    Raises:
        LabelError: a name is not among the known ones; the message lists those.
    """
    unknown = [name for name in names if name not in known]
    if unknown:
        listed = ", ".join(repr(name) for name in unknown)
        raise LabelError(f"Unknown label {listed}. The known labels are: {', '.join(known)}.")
