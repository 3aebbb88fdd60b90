"""Blocks scored on the nodes of a Ray cluster, which may come and go."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

# Before Ray is imported: nothing leaves the machine.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError, RayTaskError

from toxic_tweets.bulk.blocks import Block
from toxic_tweets.bulk.scoring import Opening, Scored, score_block
from toxic_tweets.errors import BulkError, CheckpointError, ToxicTweetsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toxic_tweets.classifier import Classifier

# Blocks read per actor: one it works on, and some to bridge a slow one at the head.
_AHEAD = 4
# A block whose actor died so often is what they die of.
_MAX_ATTEMPTS = 3
_PATIENCE_S = 30
# Texts on their way and their scores, nothing else.
_STORE_BYTES = 100_000_000


def score_on_ray(
    blocks: Iterable[Block],
    opening: Opening,
    model_id: str,
    workers: int | None,
    address: str | None,
    say: Callable[[str], None],
) -> Generator[tuple[Block, Scored], None, None]:
    """Yield every block with its scores, in order; close the iterator to stop early.

    Each actor has one core and holds the session. The block of an actor that died, or whose node
    did, is given to another one; a new actor is started, and used once the cluster has room for it.

    Args:
        blocks: pulled a bounded number ahead.
        opening: what each actor opens; a folder must be there on every node.
        model_id: what that must be, whatever the node has installed.
        workers: number of actors; None means one for each core of the cluster.
        address: of a running cluster; None starts Ray on this machine.
        say: who is told that the cluster is waited for.

    Raises:
        BulkError: no cluster answers, or a block ends every actor it is given to.
        CheckpointError: a node has another checkpoint under that name.
    """
    with _connected(address, workers):
        n_actors = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        actors = _Actors(opening, model_id, n_actors, say)
        try:
            yield from actors.score(blocks)
        finally:
            actors.stop()


@contextmanager
def _connected(address: str | None, workers: int | None) -> Iterator[None]:
    if ray.is_initialized():  # by a program that uses this as a library
        yield
        return
    settings: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": False}
    if address is None:
        settings |= {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
        settings |= {"num_cpus": workers}
    on_term = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address or "local", **settings)
    except (ConnectionError, RayError, RuntimeError, ValueError) as error:
        raise BulkError(
            f"No Ray cluster answers at {address or 'this machine'} ({error}). Check --ray-address."
        ) from error
    try:
        yield
    finally:
        ray.shutdown()
        # Ray leaves a handler of its own behind, which would outlive it.
        if on_term is not None and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_term)


class Scorer:
    """Hold one session on some node."""

    _classifier: Classifier

    def open(self, opening: Opening, model_id: str) -> None:
        """Open the classifier.

        Raises:
            CheckpointError: it is another one than the driver's.
        """
        self._classifier = opening.open()
        found = self._classifier.checkpoint.id
        if found != model_id:
            raise CheckpointError(
                f"A node has {found} under the name {opening.model!r}, but {model_id} is needed. "
                "Install the same version on all nodes, or name a folder that all can read."
            )

    def score(self, texts: Sequence[str]) -> Scored:
        """Return what `predict` says of the texts."""
        return score_block(self._classifier, texts)


class _Actors:
    """Give each actor one block at a time, and the block of a dead one to another."""

    def __init__(
        self, opening: Opening, model_id: str, n_actors: int, say: Callable[[str], None]
    ) -> None:
        self._opening = (opening, model_id)
        self._most_open = _AHEAD * n_actors
        self._say = say
        self._make: Any = ray.remote(num_cpus=1, max_restarts=0)(Scorer)
        # What is being done: a block by an actor, or, with no block, the opening of its session.
        self._running: dict[Any, tuple[Any, Block | None]] = {}
        self._idle: list[Any] = []
        self._lost: deque[Block] = deque()
        self._deaths: Counter[int | None] = Counter()
        for _ in range(n_actors):
            self._start()

    def score(self, blocks: Iterable[Block]) -> Generator[tuple[Block, Scored], None, None]:
        """Yield every block with its scores, in order."""
        source = iter(blocks)
        order: deque[Block] = deque()
        done: dict[int, Scored] = {}
        is_over = False
        while order or not is_over:
            while self._idle and self._lost:
                self._give(self._lost.popleft())
            while self._idle and not is_over and len(order) < self._most_open:
                if (block := next(source, None)) is None:
                    is_over = True
                else:
                    order.append(block)
                    self._give(block)
            if order or not is_over:
                self._collect(done)
            while order and order[0].start in done:
                block = order.popleft()
                yield block, done.pop(block.start)

    def stop(self) -> None:
        """End all actors."""
        for actor in [*self._idle, *(actor for actor, _ in self._running.values())]:
            ray.kill(actor)

    def _start(self) -> None:
        actor = self._make.remote()
        self._running[actor.open.remote(*self._opening)] = (actor, None)

    def _give(self, block: Block) -> None:
        actor = self._idle.pop()
        self._running[actor.score.remote(block.texts)] = (actor, block)

    def _collect(self, done: dict[int, Scored]) -> None:
        """Wait for an actor, and put what it gives among what is done."""
        ready, _ = ray.wait(list(self._running), num_returns=1, timeout=_PATIENCE_S)
        if not ready and all(block is None for _, block in self._running.values()):
            self._say(f"The cluster has no core free yet; {len(self._running)} are waited for.")
        for future in ready:
            actor, block = self._running.pop(future)
            try:
                scored = ray.get(future)
            except RayTaskError as error:
                if isinstance(error.cause, ToxicTweetsError):
                    raise error.cause from None
                raise
            except RayError as error:
                self._replace(actor, block, error)
                continue
            self._idle.append(actor)
            self._deaths[None] = 0
            if block is not None:
                done[block.start] = scored

    def _replace(self, actor: Any, block: Block | None, error: RayError) -> None:
        """Start an actor in place of one that died, and let others score its block."""
        ray.kill(actor)  # it may still live behind a broken connection
        start = None if block is None else block.start
        self._deaths[start] += 1
        if block is None and self._deaths[None] > _MAX_ATTEMPTS * self._most_open:
            raise BulkError(f"No actor lives long enough to open the checkpoint: {error}")
        if block is not None:
            if self._deaths[start] >= _MAX_ATTEMPTS:
                last = block.start + block.n_rows
                raise BulkError(
                    f"Rows {block.start + 1:,} to {last:,} ended {_MAX_ATTEMPTS} actors, one after "
                    "the other. Is their memory short? What was finished is kept: go on with "
                    "--resume."
                ) from error
            self._lost.append(block)
        self._start()
