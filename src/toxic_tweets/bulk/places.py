"""Where files are: local paths, URLs, globs and folders; and what their endings say."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import fsspec
from fsspec.utils import glob_translate
from pyarrow import ArrowInvalid, CompressedInputStream
from pyarrow.fs import FileInfo, FileSelector, FileSystem, FileType, FSSpecHandler, PyFileSystem

from toxic_tweets.errors import BulkError, DataError

Kind = Literal["csv", "tsv", "jsonl", "parquet"]

_KINDS: dict[str, Kind] = {
    "csv": "csv",
    "tsv": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "parquet": "parquet",
}
_COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Ending:
    """Say what a file holds, by the end of its name.

    Attributes:
        kind: its format.
        compression: `gzip` or `zstd`; None for neither.
        suffix: the end of the name, such as `.csv.gz`.
    """

    kind: Kind
    compression: str | None
    suffix: str


@dataclass(frozen=True, slots=True)
class Place:
    """Point at a file or a folder of some file system.

    Attributes:
        system: the file system.
        path: where in it.
        shown: how people wrote it.
    """

    system: Any
    path: str
    shown: str

    def beside(self, suffix: str) -> Place:
        """Return the place whose name is longer by a suffix."""
        return Place(self.system, self.path + suffix, self.shown + suffix)

    def within(self, name: str) -> Place:
        """Return a place in this folder."""
        return Place(self.system, f"{self.path}/{name}", f"{self.shown}/{name}")

    @property
    def info(self) -> FileInfo:
        """Return type, size and time of what is there."""
        return self.system.get_file_info(self.path)

    @property
    def exists(self) -> bool:
        """Tell whether anything is there."""
        return bool(self.info.type != FileType.NotFound)

    def list_names(self) -> list[str]:
        """Return the names in this folder, sorted; none if there is no such folder."""
        found = self.system.get_file_info(FileSelector(self.path, allow_not_found=True))
        return sorted(PurePosixPath(one.path).name for one in found)

    def move_to(self, other: Place) -> None:
        """Take the place of another file in the same file system, at once."""
        self.system.move(self.path, other.path)

    def remove(self) -> None:
        """Delete what is there, if anything."""
        kind = self.info.type
        if kind == FileType.Directory:
            self.system.delete_dir(self.path)
        elif kind != FileType.NotFound:
            self.system.delete_file(self.path)

    def open_output(self, compression: str | None = None) -> Any:
        """Open a new file to write bytes to; its folder is made if need be."""
        self.system.create_dir(str(PurePosixPath(self.path).parent), recursive=True)
        return self.system.open_output_stream(self.path, compression=compression)


@dataclass(frozen=True, slots=True)
class InputFile:
    """Hold what is known of a file before it is read.

    Attributes:
        place: where it is.
        ending: what it holds.
        size_bytes: its size, as stored.
        changed: when it was written last; empty if its file system does not say.
    """

    place: Place
    ending: Ending
    size_bytes: int
    changed: str

    @contextmanager
    def open(self) -> Iterator[tuple[Any, Any]]:
        """Give the unpacked bytes as a stream, and the file below, whose `tell` shows progress.

        Raises:
            DataError: the file cannot be read, there or later.
        """
        with self.naming_errors(), self.place.system.open_input_file(self.place.path) as file:
            if self.ending.compression is None:
                yield file, file
            else:
                with CompressedInputStream(file, self.ending.compression) as stream:
                    yield stream, file

    @contextmanager
    def naming_errors(self) -> Iterator[None]:
        """Let errors of what reads the bytes say which file it was."""
        try:
            yield
        except (OSError, ArrowInvalid) as error:
            raise DataError(
                f"cannot be read ({error}). Check that the file is whole and what its name says.",
                file=self.place.shown,
            ) from error


def read_ending(name: str) -> Ending:
    """Return what a file holds, by its name.

    Raises:
        DataError: the ending is none of those that are known.
    """
    parts = PurePosixPath(name).name.lower().split(".")[1:]
    packed = parts.pop() if parts and parts[-1] in _COMPRESSIONS else ""
    kind = _KINDS.get(parts[-1]) if parts else None
    if kind is None or (packed and kind == "parquet"):
        raise DataError(
            f"the name must end in one of: {', '.join(f'.{known}' for known in _KINDS)}; after all "
            "but .parquet, .gz or .zst may follow. Rename the file or convert it.",
            file=name,
        )
    suffix = f".{parts[-1]}.{packed}" if packed else f".{parts[-1]}"
    return Ending(kind, _COMPRESSIONS.get(packed), suffix)


def find_place(where: str) -> Place:
    """Return the place of a local path or of a URL that pyarrow or fsspec knows.

    Raises:
        BulkError: no file system answers to the URL.
    """
    if "://" not in where:
        system, path = FileSystem.from_uri(Path(where).absolute().as_uri())
        return Place(system, Path(where).absolute().as_posix(), where)
    try:
        system, path = _open_system(where)
    except (ArrowInvalid, ImportError, OSError, ValueError) as error:
        raise BulkError(
            f"{where} cannot be reached ({error}). Check the URL, the rights to it, and whether "
            "its file system needs a package, as gcsfs or adlfs."
        ) from error
    return Place(system, path.rstrip("/"), where.rstrip("/"))


def _open_system(url: str) -> tuple[Any, str]:
    scheme = url.partition("://")[0]
    if scheme in ("file", "s3", "gs", "hdfs"):  # those that pyarrow brings along
        root = _GLOB.split(url)[0].rpartition("/")[0] if _GLOB.search(url) else url
        system, path = FileSystem.from_uri(root)
        return system, path + url[len(root) :]
    foreign, path = fsspec.url_to_fs(url)
    return PyFileSystem(FSSpecHandler(foreign)), path


def find_inputs(where: str) -> list[InputFile]:
    """Return the files of a path, a glob or a folder, in the order of their names.

    A folder stands for all files in it and below with a known ending, but for those whose path
    holds a name that begins with . or _, such as `_SUCCESS`.

    Raises:
        BulkError: no file system answers to the URL.
        DataError: there is no such file, or they are of several formats.
    """
    place = find_place(where)
    info = place.info
    if info.type == FileType.File:
        return [_make_input(place, info)]
    if info.type == FileType.Directory:
        found = [one for one in _walk(place) if _is_data(one.path[len(place.path) :])]
    elif _GLOB.search(where):
        pattern = re.compile(glob_translate(place.path))
        top = Place(place.system, _find_top(place.path), where)
        found = [one for one in _walk(top) if pattern.match(one.path)]
    else:
        raise DataError("there is no such file. Check the path.", file=where)
    if not found:
        raise DataError(
            "no file is there that ends in .csv, .tsv, .jsonl or .parquet. Check the path.",
            file=where,
        )
    files = [_make_input(_find_shown(place, one.path, where), one) for one in found]
    kinds = sorted({file.ending.kind for file in files})
    if len(kinds) > 1:
        raise DataError(
            f"there are {' and '.join(kinds)} files, but all must have one format. Give them one "
            "format at a time, as in folder/*.csv.",
            file=where,
        )
    return files


def is_among(out: Place, where: str) -> bool:
    """Tell whether a file to be written would be one of the files of an input."""
    place = find_place(where)
    if type(place.system) is not type(out.system):
        return False
    if _GLOB.search(where) and not place.exists:
        return re.match(glob_translate(place.path), out.path) is not None
    return out.path == place.path or out.path.startswith(f"{place.path}/")


def _walk(folder: Place) -> list[FileInfo]:
    selector = FileSelector(folder.path, allow_not_found=True, recursive=True)
    found = [one for one in folder.system.get_file_info(selector) if one.type == FileType.File]
    return sorted(found, key=lambda one: str(one.path))


def _find_top(pattern: str) -> str:
    """Return the deepest folder that a glob says in full."""
    before = _GLOB.split(pattern)[0]
    return before.rpartition("/")[0] or "/"


def _is_data(path: str) -> bool:
    names = [name for name in path.split("/") if name]
    is_hidden = any(name.startswith((".", "_")) for name in names)
    known = [f"*.{kind}{end}" for kind in _KINDS for end in ("", ".gz", ".zst")]
    return not is_hidden and any(fnmatch.fnmatch(names[-1].lower(), one) for one in known)


def _find_shown(place: Place, path: str, where: str) -> Place:
    scheme, sign, _ = where.rpartition("://")
    return Place(place.system, path, f"{scheme}{sign}{path.lstrip('/')}" if sign else path)


def _make_input(place: Place, info: FileInfo) -> InputFile:
    changed = "" if info.mtime_ns is None else str(info.mtime_ns)
    return InputFile(place, read_ending(place.path), info.size or 0, changed)
