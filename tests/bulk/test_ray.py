"""A Ray cluster of two nodes on this machine: the same bytes as without, also when a node dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray", reason="misses ray: the Ray engine was not tested")

from ray.cluster_utils import Cluster  # noqa: E402
from tests.bulk.conftest import Score, make_texts, read_rejects  # noqa: E402

from toxic_tweets.bulk import ray as engine  # noqa: E402
from toxic_tweets.bulk.blocks import Sizes  # noqa: E402
from toxic_tweets.bulk.run import Report, State  # noqa: E402
from toxic_tweets.bulk.scoring import Opening  # noqa: E402
from toxic_tweets.errors import BulkError, CheckpointError  # noqa: E402

NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}
SIZES = Sizes(part_rows=100, block_rows=20)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start a head and a second node, each of one core."""
    on_term = signal.getsignal(signal.SIGTERM)
    nodes: Any = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    nodes.second = nodes.add_node(**NODE)
    yield nodes
    nodes.shutdown()
    signal.signal(signal.SIGTERM, on_term)  # the head leaves a handler of its own behind


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write rows, one of them without a text."""
    rows = [f"{number:04d},{text}\n" for number, text in enumerate(make_texts(800))]
    rows[333] = "0333,\n"
    path = tmp_path_factory.mktemp("ray") / "in.csv"
    path.write_text("id,text\n" + "".join(rows), encoding="utf-8")
    return path


def test_two_nodes_give_the_bytes_of_one_process(
    cluster: Any, source: Path, tmp_path: Path, score: Score
) -> None:
    score(source, tmp_path / "here.csv", sizes=SIZES)
    options = {"engine": "ray", "ray_address": cluster.address, "sizes": SIZES}
    on_term = signal.getsignal(signal.SIGTERM)
    totals = score(source, tmp_path / "there.csv", **options)
    assert signal.getsignal(signal.SIGTERM) is on_term
    assert totals is not None
    assert (totals.rows, totals.rejected) == (800, 1)
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert read_rejects(tmp_path / "there.csv")[0]["row"] == 334


def test_a_node_with_another_checkpoint_is_named(
    cluster: Any, opening: Opening, quiet: Report
) -> None:
    stream = engine.score_on_ray([], opening, "tiny@other", 1, cluster.address, quiet.say)
    with pytest.raises(CheckpointError, match="tiny@other is needed"):
        list(stream)


def test_a_node_that_dies_costs_no_row(
    cluster: Any, source: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(source, tmp_path / "here.csv", sizes=SIZES)
    replaced: list[Any] = []
    busy: set[Any] = set()
    original_replace, original_give = engine._Actors._replace, engine._Actors._give

    def replace(self: Any, *arguments: Any) -> None:
        replaced.append(arguments)
        original_replace(self, *arguments)

    def give(self: Any, block: Any) -> None:
        busy.add(self._idle[-1])
        original_give(self, block)

    class Slow(engine.Scorer):
        """Take its time: else one node is done before the other has begun."""

        def score(self, texts: Any) -> Any:
            time.sleep(0.5)
            return super().score(texts)

    monkeypatch.setattr(engine._Actors, "_replace", replace)
    monkeypatch.setattr(engine._Actors, "_give", give)
    monkeypatch.setattr(engine, "Scorer", Slow)
    is_killed = False

    def kill(state: State) -> None:
        nonlocal is_killed
        if len(busy) == 2 and not is_killed:
            is_killed = True
            cluster.remove_node(cluster.second, allow_graceful=False)

    options = {"engine": "ray", "ray_address": cluster.address, "sizes": SIZES}
    score(source, tmp_path / "there.csv", report=Report(lambda line: None, kill), **options)
    assert replaced, "the actor of the node that died was one of those that scored"
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()


def test_rows_that_end_every_actor_are_named(
    cluster: Any, source: Path, tmp_path: Path, score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Frail(engine.Scorer):
        def score(self, texts: Any) -> Any:
            if any(text.endswith(" 130") for text in texts):
                os._exit(1)
            return super().score(texts)

    monkeypatch.setattr(engine, "Scorer", Frail)
    options = {"engine": "ray", "ray_address": cluster.address, "sizes": SIZES}
    with pytest.raises(BulkError, match="Rows 121 to 140 ended 3 actors"):
        score(source, tmp_path / "out.csv", **options)
    assert (tmp_path / "out.csv.work" / "parts" / "part-000000.csv").is_file()


def test_an_address_where_nobody_answers_is_said(
    source: Path, tmp_path: Path, score: Score
) -> None:
    with pytest.raises(BulkError, match="--ray-address"):
        score(source, tmp_path / "out.csv", engine="ray", ray_address="nonsense://nowhere")
