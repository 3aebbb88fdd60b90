"""One run from input to output: the rows in blocks, the blocks in parts, the parts in place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from itertools import chain
from typing import Any, Literal

from toxic_tweets.bulk.blocks import Block, Sizes
from toxic_tweets.bulk.columns import Added, Head, Target, choose_text_column
from toxic_tweets.bulk.local import score_locally
from toxic_tweets.bulk.places import InputFile, find_inputs, find_place, is_among, read_ending
from toxic_tweets.bulk.scoring import ModelFacts, Opening, Scored, describe_model
from toxic_tweets.bulk.tables import read_blocks, read_head
from toxic_tweets.bulk.work import Output, Part, Totals, Work
from toxic_tweets.errors import BulkError, DataError, MissingExtraError
from toxic_tweets.model.schedule import count_cores

Engine = Literal["local", "ray"]


@dataclass(frozen=True, slots=True)
class Options:
    """Say how files are scored.

    Attributes:
        opening: the checkpoint and the policy.
        text_column: the column of the texts; None guesses it.
        prefix: stands before the name of each column that is added.
        engine: `local` uses the cores of this machine, `ray` those of a cluster.
        workers: how many blocks are scored at once; None means one for each core.
        ray_address: of a running cluster; None starts Ray on this machine.
        resume: go on with a run that was killed.
        overwrite: drop an output, or a run, that is there.
        fail_fast: stop at the first row that cannot be scored.
        sizes: how much is scored at once, and between two savings.
    """

    opening: Opening
    text_column: str | None = None
    prefix: str = ""
    engine: Engine = "local"
    workers: int | None = None
    ray_address: str | None = None
    resume: bool = False
    overwrite: bool = False
    fail_fast: bool = False
    sizes: Sizes = field(default_factory=Sizes)


@dataclass(frozen=True, slots=True)
class State:
    """Say how far a run is.

    Attributes:
        rows: rows that are done, those of earlier runs and the rejected ones included.
        rejected: those that could not be scored.
        rows_before: rows that earlier runs have done.
        done: which part of the bytes of the input is done, in [0, 1].
        done_before: which part earlier runs have done.
    """

    rows: int
    rejected: int
    rows_before: int
    done: float
    done_before: float


@dataclass(frozen=True, slots=True)
class Report:
    """Hold who is told what: `say` a line for people, `show` how far it is."""

    say: Callable[[str], None]
    show: Callable[[State], None]


def score_files(source: str, output: str, options: Options, report: Report) -> Totals | None:
    """Score every row of some files into one, or into a folder of parts.

    Args:
        source: a file, a glob or a folder; a local path or a URL.
        output: a file, whose ending says the format; or a folder if it ends in `/`, whose parts
            have the format of the input.
        options: how.
        report: who is told.

    Returns:
        The number of rows; None if there was nothing left to do.

    Raises:
        BulkError: the output exists, the run cannot be resumed, or a worker died.
        CheckpointError: the checkpoint cannot be opened.
        DataError: the input cannot be read; or, with `fail_fast`, which row cannot.
        MissingExtraError: Ray is not installed.
    """
    files = find_inputs(source)
    out = _find_output(source, output, files)
    work = Work(out)
    if options.resume and work.is_finished():
        report.say(f"{output} is there and nothing of it is unfinished. --overwrite scores again.")
        return None
    head = read_head(files[0])
    first = files[0].place.shown
    column, why = choose_text_column(head, options.text_column, first)
    model = describe_model(options.opening)
    added = Added.make(model.labels, options.prefix)
    added.check_clashes(head.names, first)
    n_bytes = sum(file.size_bytes for file in files)
    report.say(f"{len(files):,} file{'s' * (len(files) > 1)}, {n_bytes / 1e6:,.1f} MB.")
    report.say(f"The texts are taken from the column {column!r} ({why}).")
    job = _Job(files, head, Target(column, added, out.ending.kind), model, options, report)
    finished = work.begin(job.make_facts(), options.resume, options.overwrite)
    totals = work.read_totals() or job.score(work, finished)
    work.finish(totals)
    return totals


def _find_output(source: str, output: str, files: Sequence[InputFile]) -> Output:
    is_folder = output.endswith("/")
    place = find_place(output.rstrip("/") if is_folder else output)
    out = Output(place, files[0].ending if is_folder else read_ending(output), is_folder)
    for written in (out.place, out.rejected):
        if is_among(written, source):
            raise BulkError(
                f"{written.shown} would be among the files that are read from {source}. Write it "
                "somewhere else."
            )
    return out


@dataclass(frozen=True, slots=True)
class _Job:
    """Hold what is known once a run begins."""

    files: Sequence[InputFile]
    head: Head
    target: Target
    model: ModelFacts
    options: Options
    report: Report

    def make_facts(self) -> dict[str, Any]:
        """Return all that the output depends on; the engine and its workers are not among it."""
        policy = self.options.opening.policy.to_toml()
        return {
            "the version of toxic-tweets": version("toxic-tweets"),
            "the input": [[one.place.path, one.size_bytes, one.changed] for one in self.files],
            "the text column": self.target.text_column,
            "the prefix": self.options.prefix,
            "the checkpoint": self.model.id,
            "the policy": hashlib.sha256(policy.encode()).hexdigest(),
            "the size of parts": asdict(self.options.sizes),
        }

    def score(self, work: Work, finished: int) -> Totals:
        """Score what is not finished, part by part, and return the counts of all."""
        blocks = read_blocks(self.files, self.head, self.target, self.options.sizes)
        if finished:
            self.report.say(f"{finished:,} parts are finished; their rows are passed over.")
        todo, rows_before, bytes_before = self._pass_over(blocks, finished)
        n_bytes = max(1, sum(file.size_bytes for file in self.files))
        rows, rejected = rows_before, work.count_rejected(finished)
        part: Part | None = None
        with closing(self._run_engine(self._watch(todo))) as stream:
            for block, scored in stream:
                number = block.start // self.options.sizes.part_rows
                if part is None or part.number != number:
                    if part is not None:
                        part.commit()
                    part = work.open_part(number, self.head, self.target)
                part.write(block, scored)
                rows += block.n_rows
                rejected += len(block.rejects)
                done = (block.n_bytes / n_bytes, bytes_before / n_bytes)
                self.report.show(State(rows, rejected, rows_before, *done))
        if part is None and not finished:  # no row at all: a file with a header, and no more
            part = work.open_part(0, self.head, self.target)
        if part is not None:
            part.commit()
        return Totals(rows, rejected)

    def _pass_over(
        self, blocks: Iterator[Block], finished: int
    ) -> tuple[Iterator[Block], int, int]:
        """Return the blocks of unfinished parts, and how many rows and bytes come before."""
        rows = n_bytes = 0
        for block in blocks:
            if block.start >= finished * self.options.sizes.part_rows:
                return chain([block], blocks), rows, n_bytes
            rows, n_bytes = block.start + block.n_rows, block.n_bytes
        return iter(()), rows, n_bytes

    def _watch(self, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            if block.rejects and self.options.fail_fast:
                first = block.rejects[0]
                raise DataError(f"{first.reason}.", file=first.file, row=first.row)
            yield block

    def _run_engine(self, blocks: Iterator[Block]) -> Generator[tuple[Block, Scored], None, None]:
        options = self.options
        if options.engine == "local":
            return score_locally(blocks, options.opening, options.workers or count_cores())
        try:
            from toxic_tweets.bulk.ray import score_on_ray
        except ModuleNotFoundError as error:
            raise MissingExtraError("bulk", error.name or "ray") from error
        return score_on_ray(
            blocks,
            options.opening,
            self.model.id,
            options.workers,
            options.ray_address,
            self.report.say,
        )
