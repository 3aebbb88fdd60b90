"""`toxic-tweets models`: the checkpoints that can be named, and how good they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from toxic_tweets.model.checkpoint import Checkpoint

# Names of the metrics that say in one number how good a checkpoint is.
_QUALITY = {"mean_auc": "mean AUC", "macro_recall": "macro-recall"}


def list_models() -> None:
    """List the checkpoints that ship inside, those fetched before, and what else can be named."""
    from rich.console import Console

    from toxic_tweets.model.checkpoint import EMBEDDED, embedded_names, is_checkpoint
    from toxic_tweets.model.hub import cached_checkpoints

    table = _make_table()
    n_rows = 0
    for name in embedded_names():
        _add(table, name, "embedded", EMBEDDED / name)
        n_rows += 1
    for cached in cached_checkpoints():
        if is_checkpoint(cached.folder):
            _add(table, cached.repo_id, f"cached {cached.revision[:12]}", cached.folder)
            n_rows += 1
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = 160  # nobody sees the edge of a pipe, and folded rows are hard to grep
    console.print(table if n_rows else "No checkpoint is embedded in this copy or cached.")
    console.print(
        "Reachable as well: the path of a checkpoint folder, and any Hub id such as owner/name,\n"
        "which is fetched once: toxic-tweets score --model owner/name",
        markup=False,
    )


def _make_table() -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading in ("name", "where", "version", "size", "labels", "scores", "licence"):
        table.add_column(heading, overflow="fold")
    return table


def _add(table: Table, name: str, where: str, folder: Path) -> None:
    from rich.text import Text

    from toxic_tweets.errors import CheckpointError
    from toxic_tweets.model.checkpoint import read_checkpoint

    try:
        checkpoint = read_checkpoint(folder)
    except CheckpointError as error:  # one broken folder must not hide the others
        table.add_row(Text(name), Text(where), "", "", "", Text(str(error), "red"), "")
        return
    table.add_row(
        Text(name),
        Text(where),
        Text(checkpoint.version),
        _describe_size(checkpoint),
        Text(", ".join(checkpoint.labels)),
        Text(describe_quality(checkpoint.metrics)),
        Text(checkpoint.licence or "unknown"),
    )


def _describe_size(checkpoint: Checkpoint) -> str:
    size = f"{checkpoint.size_bytes / 1e6:.1f} MB"
    stages = [stage.partition("@")[0] for stage in checkpoint.stages]
    return f"{size} beside {' and '.join(stages)}" if stages else size


def describe_quality(metrics: Mapping[str, float]) -> str:
    """Return the metrics that sum a checkpoint up, such as `jigsaw mean AUC 0.9875`.

    Metrics are named `validation.<source>.mean_auc`, or `validation.macro_recall`.
    """
    found = []
    for key, value in metrics.items():
        *path, last = key.split(".")
        if path[:1] == ["validation"] and last in _QUALITY and isinstance(value, int | float):
            found.append(" ".join([*path[1:], _QUALITY[last], f"{value:.4f}"]))
    return "\n".join(found) or "not measured"
