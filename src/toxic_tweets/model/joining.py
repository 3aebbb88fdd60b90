"""From the logits of windows to those of the whole text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.model.calibration import Activation


def join_windows(
    rows: Sequence[NDArray[np.float32]], activation: Activation
) -> NDArray[np.float32]:
    """Return the logits (1, outputs) of a text from those of its windows, (1, outputs) each.

    Per label the highest counts: one insult at the end of a long text is still an insult. Where
    exactly one label fits, it is the mean: there the whole text counts.
    """
    if len(rows) == 1:
        return rows[0]
    windows = np.concatenate(rows)
    if activation == "softmax":
        means = windows.mean(axis=0, keepdims=True, dtype=np.float64)
        return np.asarray(means, dtype=np.float32)
    # Calibration is strictly monotone, so the highest logit is the highest score.
    return np.asarray(windows.max(axis=0, keepdims=True))
