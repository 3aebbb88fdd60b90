"""The package's one door: `toxic_tweets/__init__.py` and `__main__.py`."""

import importlib.metadata
import subprocess
import sys

import pytest

import toxic_tweets


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_all_is_the_door() -> None:
    assert toxic_tweets.__all__ == [
        "Classifier",
        "Policy",
        "Prediction",
        "Span",
        "ToxicTweetsError",
        "WordList",
        "__version__",
        "load",
    ]
    for name in toxic_tweets.__all__:
        assert getattr(toxic_tweets, name) is not None
        assert name in dir(toxic_tweets)


def test_star_import_gives_the_door() -> None:
    code = "from toxic_tweets import *; print(load.__name__, Policy().name, Span(0, 1, 0.5).end)"
    assert run_python(code) == "load balanced 1"


def test_version_is_the_installed_one() -> None:
    assert toxic_tweets.__version__ == importlib.metadata.version("toxic-tweets")


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="'toxic_tweets' has no attribute 'classify'"):
        toxic_tweets.classify  # noqa: B018


def test_import_is_cheap() -> None:
    heavy = "{'onnxruntime', 'numpy', 'tokenizers', 'huggingface_hub', 'rich', 'typer'}"
    code = f"import sys, toxic_tweets; print(sorted({heavy} & set(sys.modules)))"
    assert run_python(code) == "[]"  # benchmarks/speed.py says how long it takes


def test_values_need_no_numpy() -> None:
    code = (
        "import sys; from toxic_tweets import Policy, Prediction, Span, WordList\n"
        "print('numpy' in sys.modules)"
    )
    assert run_python(code) == "False"
