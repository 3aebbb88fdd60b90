"""Texts on their way into the Trainer: normalised and tokenised once, padded batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import Dataset as TorchDataset
from transformers.trainer_pt_utils import LengthGroupedSampler

from toxic_tweets.data.dataset import Places
from toxic_tweets.reading import read_as

# Texts that are tokenised in one go; their offsets would otherwise fill the memory.
_BLOCK = 4096


class Rows(TorchDataset[dict[str, Any]]):
    """Tokenised texts with targets and weights, ready for the Trainer.

    Attributes:
        input_ids: token ids of each text.
        targets: (texts, outputs).
        weights: (texts,).
        teacher: a teacher's logits (texts, outputs), NaN where it was not asked; None without one.
        token_targets: of each text, one per token: 1 where the token is toxic, 0 where it is not,
            NaN where nobody said; None where no row has spans, or none were asked for.
    """

    def __init__(
        self,
        texts: Sequence[str],
        targets: NDArray[np.float32],
        weights: NDArray[np.float32],
        tokenizer: Tokenizer,
        max_tokens: int,
        normalizer: int = 0,
        spans: Sequence[Places | None] | None = None,
    ) -> None:
        """Tokenise all texts once; a text longer than `max_tokens` gives its beginning."""
        self.input_ids: list[list[int]] = []
        self.token_targets: list[NDArray[np.float32]] | None = None if spans is None else []
        tokenizer.enable_truncation(max_tokens)
        for start in range(0, len(texts), _BLOCK):
            block = texts[start : start + _BLOCK]
            read = [read_as(normalizer, text) for text in block]
            encodings = tokenizer.encode_batch([one.text for one in read])
            self.input_ids += [item.ids for item in encodings]
            if self.token_targets is None or spans is None:
                continue
            for row, item in enumerate(encodings):
                places = spans[start + row]
                targets_of = np.full(len(item.ids), np.nan, dtype=np.float32)
                if places is not None:
                    offsets = [
                        read[row].to_original(start, end) if end > start else (0, 0)
                        for start, end in item.offsets  # of a special token: (0, 0)
                    ]
                    targets_of = token_targets(offsets, places, len(block[row]))
                self.token_targets.append(targets_of)
        tokenizer.no_truncation()
        self.targets = targets
        self.weights = weights
        self.teacher: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.input_ids)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = {
            "input_ids": self.input_ids[index],
            "labels": self.targets[index],
            "weights": self.weights[index],
        }
        if self.token_targets is not None:
            row["token_labels"] = self.token_targets[index]
        if self.teacher is not None:
            row["teacher"] = self.teacher[index]
        return row

    @property
    def known_tokens(self) -> float:
        """Give how many tokens of a text somebody judged, on average over all texts."""
        if not self.token_targets:
            return 0.0
        return float(np.mean([(~np.isnan(row)).sum() for row in self.token_targets]))


def token_targets(
    offsets: Sequence[tuple[int, int]], places: Places, length: int
) -> NDArray[np.float32]:
    """Tell for each token whether it is toxic: most of its characters are, or half of them.

    Args:
        offsets: start and end of each token in the original text, in code points.
        places: the toxic places of that text.
        length: its length.

    Returns:
        1, 0, or NaN for a token that stands for no character (tokens,).
    """
    toxic = np.zeros(length + 1, dtype=np.int64)
    for start, end in places:
        toxic[start + 1 : end + 1] = 1
    before = np.cumsum(toxic)  # toxic characters before each place
    starts, ends = np.array(offsets, dtype=np.int64).reshape(-1, 2).T
    size = ends - starts
    hits = 2 * (before[ends] - before[starts]) >= size
    return np.where(size > 0, hits, np.nan).astype(np.float32)


class BatchesOfOneLength(LengthGroupedSampler):
    """Draw batches of texts of about one length, the batches in any order.

    The sampler of transformers goes from long texts to short ones, over and over, and so from some
    sources to others: that costs `tiny` 0.002 of the ROC AUC of toxic comments.
    """

    def __iter__(self) -> Iterator[int]:
        """Yield each row once, batch after batch; a batch that is not full comes last."""
        rows = torch.tensor(list(super().__iter__()))  # type: ignore[no-untyped-call]
        n_batches = len(rows) // self.batch_size
        full, rest = rows[: n_batches * self.batch_size], rows[n_batches * self.batch_size :]
        order = torch.randperm(n_batches, generator=self.generator)
        yield from full.view(n_batches, self.batch_size)[order].flatten().tolist()
        yield from rest.tolist()


@dataclass(frozen=True, slots=True)
class Collate:
    """Pad a batch to its own longest text, rounded up to a multiple of `multiple`.

    Every new shape costs oneDNN about a second to prepare: 16 lengths are cheap, 128 are not.
    """

    pad_id: int
    multiple: int = 8

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Tensor]:
        """Give input_ids and attention_mask (texts, tokens), labels (texts, outputs), weights.

        Where rows have them, token_labels (texts, tokens) too, NaN at the padding.
        """
        longest = max(len(row["input_ids"]) for row in rows)
        longest = -(-longest // self.multiple) * self.multiple
        input_ids = torch.full((len(rows), longest), self.pad_id, dtype=torch.long)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        token_labels = torch.full((len(rows), longest), torch.nan)
        for index, row in enumerate(rows):
            n_tokens = len(row["input_ids"])
            input_ids[index, :n_tokens] = torch.tensor(row["input_ids"])
            mask[index, :n_tokens] = 1
            if "token_labels" in row:
                token_labels[index, :n_tokens] = torch.from_numpy(row["token_labels"])
        batch = {
            "input_ids": input_ids,
            "attention_mask": mask,
            "labels": torch.from_numpy(np.stack([row["labels"] for row in rows])),
            "weights": torch.tensor([float(row["weights"]) for row in rows]),
        }
        if "token_labels" in rows[0]:
            batch["token_labels"] = token_labels
        if "teacher" in rows[0]:
            batch["teacher"] = torch.from_numpy(np.stack([row["teacher"] for row in rows]))
        return batch
