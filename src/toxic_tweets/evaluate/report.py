"""What an evaluation found, and the folder it is kept in.

```text
OUTPUT/report.html     one page for people, nothing fetched from anywhere
OUTPUT/metrics.json    every figure, for programs
OUTPUT/report.md       the main figures, for a model card
OUTPUT/scores/         per dataset scores, targets and hashes of texts, to compare reports with
OUTPUT/cache/          scores by hash of the text, unless they are kept elsewhere
```
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

from toxic_tweets.errors import DataError
from toxic_tweets.evaluate.figures import Figure
from toxic_tweets.evaluate.scored import Scored, read_scored, write_scored

FORMAT = 1
METRICS_FILE, PAGE_FILE, MARKDOWN_FILE = "metrics.json", "report.html", "report.md"
SCORES_FOLDER = "scores"
_PACKAGES = ("toxic-tweets", "numpy", "onnxruntime", "tokenizers")


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What a dataset is, without its texts."""

    name: str
    n_texts: int
    n_scored: int
    sha256: str
    n_positive: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, eq=False)
class Report:
    """What an evaluation found.

    Attributes:
        system: id, labels, activation and thresholds of what was judged.
        figures: every figure.
        data: what it was measured on.
        settings: how: command, time, seed, resamples, versions, machine.
        scored: per-text scores and targets, one per dataset.
    """

    system: Mapping[str, Any]
    figures: tuple[Figure, ...]
    data: tuple[DataFacts, ...]
    settings: Mapping[str, Any]
    scored: tuple[Scored, ...] = ()

    def find(self, **wanted: str) -> list[Figure]:
        """Return the figures whose attributes are these, such as `part="bias"`."""
        return [
            figure
            for figure in self.figures
            if all(getattr(figure, key) == value for key, value in wanted.items())
        ]

    def __getitem__(self, path: str) -> Figure:
        """Return the figure with this path, such as `ranking/jigsaw/toxic/roc_auc`."""
        for figure in self.figures:
            if figure.path == path:
                return figure
        raise KeyError(path)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of `metrics.json`."""
        return {
            "format": FORMAT,
            "system": dict(self.system),
            "settings": dict(self.settings),
            "data": [
                {
                    "name": one.name,
                    "n_texts": one.n_texts,
                    "n_scored": one.n_scored,
                    "sha256": one.sha256,
                    "n_positive": dict(one.n_positive),
                }
                for one in self.data
            ],
            "figures": [figure.to_dict() for figure in self.figures],
        }


def describe_machine() -> dict[str, Any]:
    """Say where and with what an evaluation ran."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # run from a folder that was never installed
            versions[package] = "unknown"
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "versions": versions,
        "machine": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
    }


def write_report(report: Report, output: Path) -> None:
    """Write page, metrics, Markdown and scores; each file appears whole or not at all."""
    from toxic_tweets.evaluate.markdown import make_markdown
    from toxic_tweets.evaluate.page import make_page

    output.mkdir(parents=True, exist_ok=True)
    write_scored(output / SCORES_FOLDER, report.scored)
    _write(output / MARKDOWN_FILE, make_markdown(report))
    _write(output / PAGE_FILE, make_page(report))
    write_metrics(report, output)


def write_metrics(report: Report, folder: Path) -> None:
    """Write `metrics.json` alone, whole or not at all."""
    _write(folder / METRICS_FILE, _make_json(report.to_dict()))


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.partial")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)


def _make_json(values: Mapping[str, Any]) -> str:
    """Return JSON with a figure a line: easy to search, and differences are easy to read."""
    figures = [
        json.dumps(figure, ensure_ascii=False, allow_nan=False) for figure in values["figures"]
    ]
    head = {key: value for key, value in values.items() if key != "figures"}
    start = json.dumps(head, indent=1, ensure_ascii=False, allow_nan=False).removesuffix("\n}")
    return f'{start},\n "figures": [\n' + ",\n".join(f"  {one}" for one in figures) + "\n ]\n}\n"


def read_report(folder: Path) -> Report:
    """Read what `write_report` wrote.

    Args:
        folder: a report's folder, or its `metrics.json` alone, without scores of texts then.

    Raises:
        DataError: it is no report, or one of a newer format.
    """
    path = folder / METRICS_FILE if folder.is_dir() else folder
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(
            "there is no report here. Make one: toxic-tweets evaluate DATA --output FOLDER",
            file=path,
        ) from error
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read as JSON: {error}.", file=path) from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise DataError(
            f"the format is {found!r}, but this version of Toxic Tweets reads {FORMAT}. "
            "Evaluate again.",
            file=path,
        )
    scores = path.parent / SCORES_FOLDER
    try:
        return Report(
            system=raw["system"],
            figures=tuple(Figure.from_dict(values) for values in raw["figures"]),
            data=tuple(DataFacts(**values) for values in raw["data"]),
            settings=raw["settings"],
            scored=tuple(read_scored(scores)) if folder.is_dir() else (),
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"{error} is missing or unknown. Evaluate again.", file=path) from error
