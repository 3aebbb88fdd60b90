"""Scores kept on disk: a killed evaluation goes on where it was, the next one scores only news.

```text
FOLDER/<hash of the system>.scores    a line of JSON, then one record per text: its key, its scores
```

A file holds hashes and numbers, never a text. Records are appended whole blocks at a time; what a
kill left of the last one is cut off.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toxic_tweets.evaluate.scored import KEY_BYTES, text_keys
from toxic_tweets.evaluate.system import System

# One block is scored in well under a second, so that little is lost and progress is smooth.
BLOCK_TEXTS = 128
Progress = Callable[[int, int], None]


class ScoreCache:
    """Scores of one system by the hash of the text."""

    def __init__(self, system: System, folder: Path | None) -> None:
        """Read what is there; with no folder, or for a function, all stays in memory."""
        self._system = system
        self._known: dict[bytes, NDArray[np.float64]] = {}
        self._path: Path | None = None
        if folder is not None and system.is_cached:
            head = json.dumps([system.id, list(system.labels), dict(system.facts)]).encode()
            self._path = folder / f"{hashlib.sha256(head).hexdigest()[:24]}.scores"
            self._head = head + b"\n"
            self._read()

    def __len__(self) -> int:
        return len(self._known)

    def fill(self, texts: Iterable[str], progress: Progress | None = None) -> None:
        """Score the texts that are new, each once.

        Args:
            texts: may repeat.
            progress: is told how many of how many are done after each block.
        """
        wanted = list(dict.fromkeys(texts))
        keys = [key.tobytes() for key in text_keys(wanted)]
        new = [place for place, key in enumerate(keys) if key not in self._known]
        done = len(wanted) - len(new)
        if progress is not None:
            progress(done, len(wanted))
        for start in range(0, len(new), BLOCK_TEXTS):
            places = new[start : start + BLOCK_TEXTS]
            scores = self._system.scores([wanted[place] for place in places])
            self._keep([keys[place] for place in places], scores)
            done += len(places)
            if progress is not None:
                progress(done, len(wanted))

    def get(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the scores (texts, labels) of texts that were filled in before."""
        rows = [self._known[key.tobytes()] for key in text_keys(texts)]
        return np.array(rows).reshape(-1, len(self._system.labels))

    def _keep(self, keys: Sequence[bytes], scores: NDArray[np.float64]) -> None:
        self._known.update(zip(keys, scores, strict=True))
        if self._path is None:
            return
        numbers = np.ascontiguousarray(scores, dtype="<f8")
        block = b"".join(key + row.tobytes() for key, row in zip(keys, numbers, strict=True))
        with self._path.open("ab") as stream:
            stream.write(block)
            stream.flush()

    def _read(self) -> None:
        """Read the records; a file of something else begins anew."""
        path = self._path
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.is_file() else b""
        if not content.startswith(self._head):
            aside = path.with_name(f".{path.name}.partial")
            aside.write_bytes(self._head)
            os.replace(aside, path)
            return
        size = KEY_BYTES + 8 * len(self._system.labels)
        n_records = (len(content) - len(self._head)) // size
        whole = len(self._head) + n_records * size
        if whole < len(content):
            os.truncate(path, whole)
        records = np.frombuffer(content, np.uint8, n_records * size, len(self._head))
        records = records.reshape(n_records, size)
        scores = np.ascontiguousarray(records[:, KEY_BYTES:]).view("<f8").astype(np.float64)
        # A block that was never flushed by the disk reads as zeros or worse: scores are in [0, 1].
        sound = np.isnan(scores) | ((scores >= 0) & (scores <= 1))
        for row in np.flatnonzero(sound.all(axis=1)):
            self._known[records[row, :KEY_BYTES].tobytes()] = scores[row]
