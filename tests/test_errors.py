import copy
import pickle

import pytest

from toxic_tweets import errors
from toxic_tweets.errors import DataError, MissingExtraError, TextError, ToxicTweetsError

SAMPLES: list[ToxicTweetsError] = [
    ToxicTweetsError("m"),
    TextError("m", 3),
    errors.LabelError("m"),
    errors.PolicyError("m"),
    errors.CheckpointError("m"),
    DataError("m", file="train.csv", row=7, column="toxic"),
    errors.RecipeError("m"),
    errors.TrainingError("m"),
    errors.HubError("m"),
    errors.RemoteError("m"),
    errors.StoreError("m"),
    errors.BulkError("m"),
    MissingExtraError("train", "torch"),
]


def test_every_class_is_in_the_tree_and_in_the_samples() -> None:
    classes = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    }
    assert classes == {type(sample) for sample in SAMPLES}
    assert all(issubclass(one, ToxicTweetsError) for one in classes)


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_errors_travel_between_processes(error: ToxicTweetsError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert vars(other) == vars(error)


def test_data_error_names_the_place() -> None:
    error = DataError("is '7', but must be 0 or 1.", file="train.csv", row=7, column="toxic")
    assert str(error) == "train.csv, row 7, column 'toxic': is '7', but must be 0 or 1."
    assert str(DataError("is empty.")) == "is empty."


def test_missing_extra_names_the_command() -> None:
    error = MissingExtraError("train", "torch")
    assert str(error) == 'torch is not installed. Type: pip install "toxic-tweets[train]"'
