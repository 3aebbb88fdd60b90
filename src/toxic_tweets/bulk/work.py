"""What a run has finished so far: a folder beside the output, which a killed run goes on from.

```text
OUT.work/run.json                  what is scored and how; once all is scored, the totals
OUT.work/parts/part-000000.csv     so many rows of the input, scored, in its order
OUT.work/rejected/000000.jsonl     those of them that were not, if any
```

A file under one of these names is whole: it was written aside and renamed. The rejected rows of a
part are there before the part is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyarrow.fs import LocalFileSystem

from toxic_tweets.bulk.blocks import Block
from toxic_tweets.bulk.columns import Head, Target
from toxic_tweets.bulk.parquet import join_parquet
from toxic_tweets.bulk.places import Ending, Place
from toxic_tweets.bulk.scoring import Scored
from toxic_tweets.bulk.tables import Writer, open_writer
from toxic_tweets.errors import BulkError

_COPY_BYTES = 1 << 20
_ASIDE = ".writing"


@dataclass(frozen=True, slots=True)
class Output:
    """Say where the rows go.

    Attributes:
        place: a file, or a folder of parts.
        ending: what the file holds, or each part.
        is_folder: which of the two.
    """

    place: Place
    ending: Ending
    is_folder: bool

    @property
    def rejected(self) -> Place:
        """Return where rows are listed that could not be scored."""
        return self.place.beside(".rejected.jsonl")


@dataclass(frozen=True, slots=True)
class Totals:
    """Count rows.

    Attributes:
        rows: all that were read.
        rejected: those of them that were not scored.
    """

    rows: int
    rejected: int


class Work:
    """Keep finished parts, and put them together in the end."""

    def __init__(self, output: Output) -> None:
        """Touch nothing yet."""
        self._output = output
        self._folder = output.place.beside(".work")
        self._facts = self._folder.within("run.json")
        self._parts = self._folder.within("parts")
        self._rejected = self._folder.within("rejected")

    def is_finished(self) -> bool:
        """Tell whether the output is there and nothing is under way; drop what is nobody's."""
        if self._facts.exists or not self._output.place.exists:
            return False
        self._folder.remove()  # a kill came when there was nothing left to do but this
        return True

    def begin(self, facts: Mapping[str, Any], resume: bool, overwrite: bool) -> int:
        """Return how many parts are finished already: 0 for a new run.

        Args:
            facts: all that the output depends on.
            resume: go on with what is there, if anything.
            overwrite: drop what is there.

        Raises:
            BulkError: there is an output, or work under way, that neither option speaks of; or it
                was begun with other facts.
        """
        if self._facts.exists and not overwrite:
            if not resume:
                raise BulkError(
                    f"{self._folder.shown} holds a run that was not finished. --resume goes on "
                    "with it, --overwrite starts anew."
                )
            self._check_same(facts)
            return len(_list_whole(self._parts))
        for place in (self._output.place, self._output.rejected):
            if place.exists and not overwrite:
                raise BulkError(f"{place.shown} exists. Choose another name, or --overwrite it.")
        self._folder.remove()
        self._write_facts({"facts": dict(facts)})
        return 0

    def read_totals(self) -> Totals | None:
        """Return the counts if all is scored, and only has to be put in place."""
        totals = json.loads(self._read_facts()).get("totals")
        return None if totals is None else Totals(**totals)

    def count_rejected(self, finished: int) -> int:
        """Return how many rows the finished parts had to leave out."""
        n_rejected = 0
        for name in _list_whole(self._rejected):
            place = self._rejected.within(name)
            if int(name.partition(".")[0]) < finished:
                with place.system.open_input_stream(place.path, compression=None) as stream:
                    n_rejected += stream.read().count(b"\n")
        return n_rejected

    def open_part(self, number: int, head: Head, target: Target) -> Part:
        """Begin a part."""
        ending = self._output.ending
        name = f"part-{number:06d}{ending.suffix}"
        aside = self._parts.within(name + _ASIDE)
        writer = open_writer(
            target.kind,
            aside.open_output(ending.compression),
            head,
            target.added,
            has_header=number == 0 or self._output.is_folder,
        )
        rejected = self._rejected.within(f"{number:06d}.jsonl")
        return Part(number, writer, aside, self._parts.within(name), rejected)

    def finish(self, totals: Totals) -> None:
        """Put all parts in place; killed on the way, it can be called again.

        Args:
            totals: what was counted.
        """
        known = json.loads(self._read_facts())
        self._write_facts({**known, "totals": {"rows": totals.rows, "rejected": totals.rejected}})
        output = self._output
        output.rejected.remove()
        if totals.rejected:
            joined = self._folder.within("rejected.jsonl")
            self._join(self._rejected, joined)
            joined.move_to(output.rejected)
        if output.is_folder:
            self._move_parts()
        else:
            joined = self._folder.within(f"joined{output.ending.suffix}")
            self._join(self._parts, joined, is_parquet=output.ending.kind == "parquet")
            joined.move_to(output.place)
        self._facts.remove()  # what is left without it is nobody's
        self._folder.remove()

    def _move_parts(self) -> None:
        place = self._output.place
        if isinstance(place.system, LocalFileSystem):
            if self._parts.exists:
                place.remove()
                self._parts.move_to(place)
            return
        # Object stores have no folders that could be renamed.
        waiting = _list_whole(self._parts)
        if "part-000000" + self._output.ending.suffix in waiting:
            place.remove()
        place.system.create_dir(place.path, recursive=True)
        for name in waiting:
            self._parts.within(name).move_to(place.within(name))

    def _join(self, folder: Place, joined: Place, is_parquet: bool = False) -> None:
        """Write files one after another; packed ones too, whose formats allow that."""
        places = [folder.within(name) for name in _list_whole(folder)]
        with joined.open_output() as stream:
            if is_parquet:
                join_parquet(places, stream)
                return
            for place in places:
                with place.system.open_input_stream(place.path, compression=None) as source:
                    while piece := source.read(_COPY_BYTES):
                        stream.write(piece)

    def _check_same(self, facts: Mapping[str, Any]) -> None:
        before = json.loads(self._read_facts())["facts"]
        now = json.loads(json.dumps(dict(facts)))
        changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if changed:
            raise BulkError(
                f"{self._folder.shown} holds a run that differs in: {', '.join(changed)}. Give the "
                "command that began it, or start anew with --overwrite."
            )

    def _read_facts(self) -> bytes:
        with self._facts.system.open_input_stream(self._facts.path, compression=None) as stream:
            return bytes(stream.read())

    def _write_facts(self, facts: Mapping[str, Any]) -> None:
        aside = self._facts.beside(_ASIDE)
        with aside.open_output() as stream:
            stream.write(json.dumps(facts, indent=2, ensure_ascii=False).encode())
        aside.move_to(self._facts)


class Part:
    """Write some rows of the output, one after another."""

    def __init__(
        self, number: int, writer: Writer, aside: Place, place: Place, rejected: Place
    ) -> None:
        """Begin; `Work.open_part` does that."""
        self.number = number
        self._writer = writer
        self._aside = aside
        self._place = place
        self._rejected = rejected
        self._lines: list[str] = []

    def write(self, block: Block, scored: Scored) -> None:
        """Add the rows of a block."""
        self._writer.write(block.records, scored)
        self._lines += [one.to_json() for one in block.rejects]

    def commit(self) -> None:
        """Give the part its name: from now on it counts as finished."""
        self._writer.close()
        if self._lines:
            aside = self._rejected.beside(_ASIDE)
            with aside.open_output() as stream:
                stream.write("".join(self._lines).encode())
            aside.move_to(self._rejected)
        self._aside.move_to(self._place)


def _list_whole(folder: Place) -> list[str]:
    return [name for name in folder.list_names() if not name.endswith(_ASIDE)]
