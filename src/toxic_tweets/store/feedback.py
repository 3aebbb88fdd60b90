"""Feedback: what people say a text is, from the moment it is sent to a row to train on."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Row, delete, func, insert, select

from toxic_tweets.errors import DataError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.store.audit import add_record
from toxic_tweets.store.database import Database
from toxic_tweets.store.tables import feedback
from toxic_tweets.text.normalize import replace_surrogates

HEADER = ("id", "comment_text", *TOXICITY_NAMES)
"""The columns of the Jigsaw challenge, which the reader `jigsaw` takes."""

_BLOCK = 1000


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """Hold one person's word about one text.

    Attributes:
        text: the text.
        targets: what the person says, in [0, 1] per label; a label without a word is left out.
        source: by which API it came, `native` or `perspective`.
        community: where the text was written, as the caller names it.
        reference: what the caller calls the text.
        key_id: public part of the API key that sent it.
        checkpoint: id of the checkpoint whose score it is about.
        created_at: when it came.
    """

    text: str
    targets: Mapping[str, float]
    source: str
    community: str = ""
    reference: str = ""
    key_id: str | None = None
    checkpoint: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class KeptFeedback(FeedbackItem):
    """Hold a piece of feedback as it was read back, with its number."""

    id: int = 0


def add_feedback(database: Database, items: Sequence[FeedbackItem]) -> list[int]:
    """Write pieces of feedback in one transaction, and return their numbers.

    Raises:
        StoreError: the database does not take them; then none of them is kept.
    """
    with database.begin() as connection:
        wanted = insert(feedback).returning(feedback.c.id)
        return [
            int(connection.execute(wanted.values(**_make_values(item))).scalar_one())
            for item in items
        ]


def read_feedback(database: Database, since: datetime | None = None) -> Iterator[KeptFeedback]:
    """Yield every piece, the oldest first, in bounded memory."""
    last = 0
    while True:
        wanted = select(feedback).where(feedback.c.id > last).order_by(feedback.c.id).limit(_BLOCK)
        if since is not None:
            wanted = wanted.where(feedback.c.created_at >= since)
        with database.begin() as connection:
            rows = connection.execute(wanted).all()
        for row in rows:
            yield _make_item(row)
        if len(rows) < _BLOCK:
            return
        last = rows[-1].id


def count_feedback(database: Database) -> int:
    """Return how many pieces are kept."""
    with database.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(feedback)).scalar_one())


def prune_feedback(database: Database, retention_days: int, actor: str) -> int:
    """Delete what is older than so many days, and return how many pieces that were."""
    before = datetime.now(UTC) - timedelta(days=retention_days)
    with database.begin() as connection:
        gone = connection.execute(delete(feedback).where(feedback.c.created_at < before)).rowcount
        if gone:
            details = {"deleted": gone, "retention_days": retention_days}
            add_record(connection, actor, "feedback.prune", "feedback", details)
    return int(gone)


def write_training_rows(items: Iterable[KeptFeedback], path: Path) -> int:
    """Write feedback as rows that `toxic-tweets train` reads with its reader `jigsaw`.

    Each text becomes one row. A label is 1 where people's mean is over one half, 0 where it is
    under, and -1, which training leaves out, where nobody said anything or both sides are equal.

    Returns:
        How many rows were written.

    Raises:
        DataError: the file cannot be written.
    """
    sums: dict[str, dict[str, list[float]]] = {}
    first: dict[str, int] = {}
    for item in items:
        if not item.text.strip():
            continue
        first.setdefault(item.text, item.id)
        by_label = sums.setdefault(item.text, {})
        for label, target in item.targets.items():
            by_label.setdefault(label, []).append(target)
    aside = path.with_name(f".{path.name}.partial")
    try:
        with aside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for text, by_label in sums.items():
                cells = [_decide(by_label.get(label, [])) for label in TOXICITY_NAMES]
                writer.writerow([f"feedback-{first[text]}", text, *cells])
        os.replace(aside, path)
    except OSError as error:
        raise DataError(
            f"cannot be written ({error.strerror}). Give another path.", file=path
        ) from error
    return len(sums)


def _decide(targets: list[float]) -> int:
    """Return 1, 0, or -1 for nobody knows."""
    if not targets:
        return -1
    mean = sum(targets) / len(targets)
    return -1 if mean == 0.5 else int(mean > 0.5)


def _make_values(item: FeedbackItem) -> dict[str, object]:
    return {
        "created_at": item.created_at,
        "text": _clean(item.text),
        "targets": dict(item.targets),
        "source": item.source[:20],
        "community": _clean(item.community)[:500],
        "reference": _clean(item.reference)[:500],
        "key_id": item.key_id,
        "checkpoint": item.checkpoint[:200],
    }


def _make_item(row: Row[tuple[object, ...]]) -> KeptFeedback:
    return KeptFeedback(**row._asdict())


def _clean(text: str) -> str:
    """Replace what no database takes: lone surrogates, and NUL, which PostgreSQL refuses."""
    return replace_surrogates(text).replace("\x00", "\ufffd")
