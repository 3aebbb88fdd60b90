"""What every backend can do: turn token ids into logits."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Backend(Protocol):
    """Run a model, whatever runs it underneath.

    Attributes:
        n_outputs: number of logit columns.
        takes_many: whether several windows run at once, and so quickly that threads would wait for
            the GIL more than they work.
    """

    n_outputs: int
    takes_many: bool

    def run(self, input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return logits (texts, outputs) for token ids (texts, tokens).

        Must be safe to call from several threads at once.
        """
        ...

    def run_each(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return the logits (1, outputs) of each window, the same alone as in any list.

        Must be safe to call from several threads at once.

        Args:
            windows: token ids, special ones included.
        """
        ...
