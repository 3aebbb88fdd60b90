"""Every reader by its name, and which reader a path is for."""

from __future__ import annotations

import inspect
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Protocol, cast

from toxic_tweets.data import (
    bias_templates,
    civil_comments,
    context_toxicity,
    davidson,
    edos,
    hatecheck,
    hatemoji,
    hugging_face,
    jigsaw,
    paradetox,
    perspective_scores,
    ruddit,
    semeval_sentiment,
    social_bias_frames,
    stormfront,
    toxic_spans,
    toxigen,
    tweeteval,
)
from toxic_tweets.data.csv_file import read_header
from toxic_tweets.data.dataset import Dataset
from toxic_tweets.data.mapping import SourceCard
from toxic_tweets.errors import DataError


class ReadFunction(Protocol):
    """Make a dataset from a path; each reader has options of its own."""

    def __call__(self, path: Path, **options: Any) -> Dataset:
        """Read what is at the path."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """One source that can be read.

    Attributes:
        name: the name in recipes, that of the module.
        read: makes the dataset.
        card: title, licence and label mapping of the source.
        columns: a file whose header has all of these is for this reader.
    """

    name: str
    read: ReadFunction
    card: SourceCard
    columns: frozenset[str]

    @property
    def options(self) -> tuple[str, ...]:
        """Name the options that `read` takes besides the path."""
        return tuple(inspect.signature(self.read).parameters)[1:]


def _make_reader(module: ModuleType, *columns: str) -> Reader:
    return Reader(
        name=module.__name__.rpartition(".")[2],
        read=cast(ReadFunction, module.read),
        card=module.MAPPING,
        columns=frozenset(columns),
    )


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        reader.name: reader
        for reader in (
            _make_reader(jigsaw, "id", "comment_text", "toxic", "severe_toxic"),
            _make_reader(context_toxicity, "text", "label", "api"),
            _make_reader(perspective_scores, "comment_text", "TOXICITY@6"),
            _make_reader(davidson, "hate_speech", "offensive_language", "neither", "tweet"),
            _make_reader(tweeteval),
            _make_reader(semeval_sentiment, "id", "label", "text", "year"),
            _make_reader(edos, "text", "label_sexist", "split"),
            _make_reader(toxigen, "text", "toxicity_human"),
            # Before hatemoji: a file of cases has all of its columns too.
            _make_reader(hatecheck, "functionality", "label_gold"),
            _make_reader(hatemoji, "text", "label_gold"),
            _make_reader(stormfront, "file_id", "text", "label"),
            _make_reader(social_bias_frames, "post", "offensiveYN"),
            _make_reader(ruddit, "txt", "offensiveness_score"),
            _make_reader(paradetox, "toxic", "neutral1"),
            _make_reader(toxic_spans, "spans", "text"),
            _make_reader(civil_comments, "comment_text", "severe_toxicity"),
            _make_reader(bias_templates, "template", "toxicity", "phrase"),
            _make_reader(hugging_face),
        )
    }
)


def read_source(reader: str, path: Path, **options: Any) -> Dataset:
    """Read a source by the name of its reader.

    Args:
        reader: a name in `READERS`.
        path: a file or folder as that reader takes it.
        options: what its `read` takes besides the path, such as `split`.

    Raises:
        DataError: no such reader or option, or the source is missing or malformed.
    """
    found = READERS.get(reader)
    if found is None:
        raise DataError(f"{reader!r} is no reader, expected one of {', '.join(READERS)}.")
    for option in options:
        if option not in found.options:
            known = ", ".join(found.options) or "none"
            raise DataError(f"{option!r} is no option of the reader {reader}; it takes: {known}.")
    return found.read(Path(path), **options)


def guess_reader(path: Path) -> str:
    """Tell which reader a path is for, by the names of its files and their columns.

    Raises:
        DataError: there is nothing at the path, or nothing that a reader knows.
    """
    if not path.exists():
        raise DataError("there is no such file or folder. Check the path.", file=path)
    if path.is_file() and zipfile.is_zipfile(path):
        return "jigsaw"
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    names = {file.name for file in files}
    if path.is_dir() and names & {"dataset_info.json", "dataset_dict.json", "state.json"}:
        return "hugging_face"
    if any(name.endswith(("train_text.txt", "val_text.txt", "test_text.txt")) for name in names):
        return "tweeteval"
    for file in files:
        if file.suffix == ".csv":
            header = set(read_header(file))
            for reader in READERS.values():
                if reader.columns and reader.columns <= header:
                    return reader.name
    # Last, for other suites come in a file of the first name too.
    if names & {"test.csv", "test_labels.csv"} and "train.csv" not in names:
        return "jigsaw"
    raise DataError(
        f"no reader knows these files; the readers are {', '.join(READERS)}. "
        "Name the reader, or check the header of the file.",
        file=path,
    )
