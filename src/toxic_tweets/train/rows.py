"""Texts on their way into the Trainer: tokenised once, padded batch by batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset


class Rows(TorchDataset[dict[str, Any]]):
    """Tokenised texts with targets and weights, ready for the Trainer."""

    def __init__(
        self,
        texts: Sequence[str],
        targets: NDArray[np.float32],
        weights: NDArray[np.float32],
        tokenizer: Tokenizer,
        max_tokens: int,
    ) -> None:
        """Tokenise all texts once; a text longer than `max_tokens` gives its beginning."""
        tokenizer.enable_truncation(max_tokens)
        self.input_ids = [item.ids for item in tokenizer.encode_batch(list(texts))]
        tokenizer.no_truncation()
        self.targets = targets
        self.weights = weights

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {
            "input_ids": self.input_ids[index],
            "labels": self.targets[index],
            "weights": self.weights[index],
            "length": len(self.input_ids[index]),
        }


@dataclass(frozen=True, slots=True)
class Collate:
    """Pad a batch to its own longest text, rounded up to a multiple of `multiple`.

    Every new shape costs oneDNN about a second to prepare: 16 lengths are cheap, 128 are not.
    """

    pad_id: int
    multiple: int = 8

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """Give input_ids and attention_mask (texts, tokens), labels (texts, outputs), weights."""
        longest = max(len(row["input_ids"]) for row in rows)
        longest = -(-longest // self.multiple) * self.multiple
        input_ids = torch.full((len(rows), longest), self.pad_id, dtype=torch.long)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for index, row in enumerate(rows):
            n_tokens = len(row["input_ids"])
            input_ids[index, :n_tokens] = torch.tensor(row["input_ids"])
            mask[index, :n_tokens] = 1
        return {
            "input_ids": input_ids,
            "attention_mask": mask,
            "labels": torch.from_numpy(np.stack([row["labels"] for row in rows])),
            "weights": torch.tensor([float(row["weights"]) for row in rows]),
        }
