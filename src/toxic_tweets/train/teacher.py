"""A finished checkpoint that a smaller model learns from: its logits, kept on disk.

```text
FOLDER/<checkpoint id>.logits    one record per text: the hash of its token ids, its logits
```

A file holds hashes and numbers, never a text. Whole blocks are appended; what a kill left of the
last one is cut off.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from toxic_tweets.errors import RecipeError, TrainingError
from toxic_tweets.model.checkpoint import (
    MODEL_FILE,
    TOKENIZER_FILE,
    check_files,
    find_checkpoint,
    read_checkpoint,
)
from toxic_tweets.model.onnx_backend import OnnxBackend
from toxic_tweets.model.tokenizer import open_tokenizer
from toxic_tweets.train.config import Recipe
from toxic_tweets.train.rows import Rows

_KEY_BYTES = 16
# A block is a second or two of work: little is lost by a kill.
_BLOCK_TEXTS = 256
_SAY_EVERY_S = 15.0


class Teacher:
    """Give the logits of one checkpoint for token ids, each text scored once in all runs."""

    def __init__(self, name: str, folder: Path) -> None:
        """Open a checkpoint, and what is known of it already.

        Args:
            name: an embedded name, the path of a folder, or a hub id.
            folder: where logits are kept, made if need be.

        Raises:
            CheckpointError: there is no such checkpoint, or it is not whole.
        """
        self.checkpoint = read_checkpoint(find_checkpoint(name))
        check_files(self.checkpoint)
        self._backend = OnnxBackend(self.checkpoint.folder / MODEL_FILE)
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{self.checkpoint.id}.logits"
        self._record = np.dtype(
            [("key", f"V{_KEY_BYTES}"), ("logits", "<f4", (len(self.checkpoint.outputs),))]
        )
        self._known = self._read()

    def check_student(self, recipe: Recipe, tokenizer: Tokenizer) -> None:
        """Check that token ids and outputs mean the same to a student.

        Raises:
            RecipeError: they do not.
        """
        given = (self.checkpoint.outputs, self.checkpoint.normalizer)
        if given != (recipe.outputs, recipe.normalizer):
            raise RecipeError(
                f"The teacher {self.checkpoint.id} gives {', '.join(self.checkpoint.outputs)} from "
                f"texts of normaliser {self.checkpoint.normalizer}, expected the outputs and the "
                f"normaliser ({recipe.normalizer}) of the recipe. Make them equal."
            )
        own = open_tokenizer(self.checkpoint.folder / TOKENIZER_FILE)
        if own.get_vocab() != tokenizer.get_vocab():
            raise RecipeError(
                f"The tokenizer of the base is not that of the teacher {self.checkpoint.id}. "
                "Choose the base that the teacher was made from."
            )

    def score(
        self, rows: Sequence[Sequence[int]], say: Callable[[str], None]
    ) -> NDArray[np.float32]:
        """Return the teacher's logits (texts, outputs), asking it where they are not known.

        Args:
            rows: token ids of each text, special tokens included; one text is one run.
            say: who is told about progress.
        """
        keys = [_key(row) for row in rows]
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in self._known}
        items = list(new.items())
        began_s = said_s = time.monotonic()
        for start in range(0, len(items), _BLOCK_TEXTS):
            self._keep(items[start : start + _BLOCK_TEXTS])
            done, now_s = min(start + _BLOCK_TEXTS, len(items)), time.monotonic()
            if now_s - said_s >= _SAY_EVERY_S or done == len(items):
                said_s = now_s
                left_s = (now_s - began_s) / done * (len(items) - done)
                say(f"{self.checkpoint.id}: {done:,}/{len(items):,} · {left_s / 60:.1f} min left")
        return np.array([self._known[key] for key in keys], dtype=np.float32).reshape(
            -1, len(self.checkpoint.outputs)
        )

    def _keep(self, items: Sequence[tuple[bytes, Sequence[int]]]) -> None:
        block = np.empty(len(items), dtype=self._record)
        logits = self._backend.run_each([row for _, row in items])
        for place, ((key, _), found) in enumerate(zip(items, logits, strict=True)):
            block[place] = (key, found[0])
            self._known[key] = block["logits"][place]
        with self._path.open("ab") as stream:
            stream.write(block.tobytes())

    def _read(self) -> dict[bytes, NDArray[np.float32]]:
        content = self._path.read_bytes() if self._path.is_file() else b""
        n_records = len(content) // self._record.itemsize
        whole = n_records * self._record.itemsize
        if whole < len(content):
            os.truncate(self._path, whole)
        records = np.frombuffer(content, self._record, n_records)
        # A block that the disk never got reads as zeros: no text has those logits.
        sound = records["logits"].any(axis=1) & np.isfinite(records["logits"]).all(axis=1)
        return {record["key"].tobytes(): record["logits"] for record in records[sound]}


def ask_teacher(
    recipe: Recipe,
    rows: Rows,
    tokenizer: Tokenizer,
    folder: Path,
    say: Callable[[str], None],
) -> NDArray[np.float32]:
    """Return the logits of the recipe's teacher (texts, outputs), NaN for texts over its cap.

    Args:
        recipe: names the teacher and how many texts it is asked about.
        rows: the tokenised texts.
        tokenizer: the student's.
        folder: where logits are kept.
        say: who is told about progress.

    Raises:
        CheckpointError: there is no such teacher.
        RecipeError: teacher and student read texts differently, or give other outputs.
        TrainingError: several processes would all ask and write to one file.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise TrainingError(
            f"{os.environ['WORLD_SIZE']} workers were started, but a teacher is asked by one. "
            "Start the command without torchrun."
        )
    teacher = Teacher(recipe.teacher.checkpoint, folder)
    teacher.check_student(recipe, tokenizer)
    order = np.random.default_rng(recipe.training.seed).permutation(len(rows))
    asked = order[: recipe.teacher.max_texts or len(rows)]
    logits = np.full(rows.targets.shape, np.nan, dtype=np.float32)
    logits[asked] = teacher.score([rows.input_ids[row] for row in asked], say)
    return logits


def _key(ids: Sequence[int]) -> bytes:
    return hashlib.sha256(np.array(ids, dtype="<i4").tobytes()).digest()[:_KEY_BYTES]
