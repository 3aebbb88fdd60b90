"""An average of the weights of two runs: what the second learned, without what it forgot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

WEIGHTS_FILE = "model.safetensors"


def blend(classifier: Any, first: Path, first_share: float) -> None:
    """Move the weights of a model towards those of the model that it was fine-tuned from.

    Args:
        classifier: the fine-tuned model of Hugging Face; changed in place.
        first: the folder of the model that it started from.
        first_share: how much the older weights count, in [0, 1]; the newer ones count the rest.
            Weights that the older model lacks, or has in another shape, stay as they are.

    Source:
        Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".
    """
    older = load_file(first / WEIGHTS_FILE)
    with torch.no_grad():
        for name, weights in classifier.state_dict().items():
            before = older.get(name)
            if before is not None and before.shape == weights.shape and weights.is_floating_point():
                weights.lerp_(before.to(weights), first_share)
