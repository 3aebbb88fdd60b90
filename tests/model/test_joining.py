import numpy as np
import pytest

from toxic_tweets.model.joining import join_windows

ROWS = [np.array([[1.0, -2.0]], dtype=np.float32), np.array([[0.0, 3.0]], dtype=np.float32)]


def test_the_highest_counts_where_labels_are_independent() -> None:
    assert join_windows(ROWS, "sigmoid").tolist() == [[1.0, 3.0]]


def test_the_mean_counts_where_one_label_fits() -> None:
    assert join_windows(ROWS, "softmax").tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_one_window_is_the_text(activation: str) -> None:
    assert join_windows(ROWS[:1], activation) is ROWS[0]  # type: ignore[arg-type]
