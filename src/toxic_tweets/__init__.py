"""Score texts for toxicity: the one door to import from.

Everything behind it is imported when it is first used, so that `import toxic_tweets` costs next to
nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toxic_tweets.classifier import Classifier, load
    from toxic_tweets.errors import ToxicTweetsError
    from toxic_tweets.policy import Policy, WordList
    from toxic_tweets.prediction import Prediction, Span

    __version__: str

__all__ = [
    "Classifier",
    "Policy",
    "Prediction",
    "Span",
    "ToxicTweetsError",
    "WordList",
    "__version__",
    "load",
]

_MODULES = {
    "load": "toxic_tweets.classifier",
    "Classifier": "toxic_tweets.classifier",
    "Prediction": "toxic_tweets.prediction",
    "Span": "toxic_tweets.prediction",
    "Policy": "toxic_tweets.policy",
    "WordList": "toxic_tweets.policy",
    "ToxicTweetsError": "toxic_tweets.errors",
}


def __getattr__(name: str) -> object:
    """Import the module behind a name when the name is first used."""
    value: object
    if name == "__version__":
        from importlib.metadata import version

        value = version("toxic-tweets")
    elif name in _MODULES:
        from importlib import import_module

        value = getattr(import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the names of the door, imported already or not."""
    return sorted({*globals(), *__all__})
