import os
import shutil
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from tests.fakes import FakeHub

from toxic_tweets.classifier import Classifier, load
from toxic_tweets.errors import CheckpointError, HubError
from toxic_tweets.model.checkpoint import check_files, read_checkpoint
from toxic_tweets.model.hub import cached_checkpoints, pull, push

REPO = "someone/tiny"


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client speak to loopback even where the whole test run is offline."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def read_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def fetch(hub: FakeHub, cache: Path, revision: str | None = None, repo_id: str = REPO) -> Path:
    return pull(repo_id, revision, endpoint=hub.endpoint, cache_folder=cache)


def test_pull_gives_the_files_of_one_commit(
    fake_hub: FakeHub, cache: Path, tiny_checkpoint: Path
) -> None:
    commit = fake_hub.add(REPO, read_files(tiny_checkpoint))
    folder = fetch(fake_hub, cache)
    assert folder.name == commit
    assert read_files(folder) == read_files(tiny_checkpoint)
    check_files(read_checkpoint(folder))
    assert (
        load(folder).score_array(["you"]).tolist()
        == load(tiny_checkpoint).score_array(["you"]).tolist()
    )
    # Every file is asked for by the commit, never by the branch, which may move meanwhile.
    assert all(f"/resolve/{commit}/" in one for one in fake_hub.requests if "/resolve/" in one)


def test_pull_of_a_pinned_revision(fake_hub: FakeHub, cache: Path) -> None:
    first = fake_hub.add(REPO, {"config.json": b"1"})
    second = fake_hub.add(REPO, {"config.json": b"2"})
    assert (fetch(fake_hub, cache, first) / "config.json").read_bytes() == b"1"
    assert (fetch(fake_hub, cache) / "config.json").read_bytes() == b"2"
    assert fetch(fake_hub, cache, "main").name == second


def test_pinned_commit_in_the_cache_needs_no_network(fake_hub: FakeHub, cache: Path) -> None:
    commit = fake_hub.add(REPO, {"config.json": b"1"})
    fetch(fake_hub, cache, commit)
    fake_hub.requests.clear()
    assert fetch(fake_hub, cache, commit).name == commit
    assert fake_hub.requests == []


def test_branch_in_the_cache_serves_without_network(fake_hub: FakeHub, cache: Path) -> None:
    commit = fake_hub.add(REPO, {"config.json": b"1"})
    fetch(fake_hub, cache)
    folder = pull(REPO, endpoint="http://127.0.0.1:9", cache_folder=cache)
    assert folder.name == commit


def test_nothing_that_can_run_code_is_fetched(fake_hub: FakeHub, cache: Path) -> None:
    wanted = {"config.json": b"{}", "model.safetensors": b"w", "README.md": b"r", "vocab.txt": b"v"}
    unwanted = {
        "pytorch_model.bin": b"x",
        "model.pkl": b"x",
        "modeling.py": b"x",
        "onnx/model.onnx": b"x",
        "runs/config.json": b"x",
    }
    fake_hub.add(REPO, {**wanted, **unwanted})
    assert read_files(fetch(fake_hub, cache)) == wanted


def test_repository_of_pickles_only(fake_hub: FakeHub, cache: Path) -> None:
    fake_hub.add(REPO, {"pytorch_model.bin": b"x"})
    with pytest.raises(HubError, match="Pickled weights are refused"):
        fetch(fake_hub, cache)


def test_failures_are_said_in_one_sentence(fake_hub: FakeHub, cache: Path) -> None:
    fake_hub.add(REPO, {"config.json": b"1"})
    with pytest.raises(HubError, match=r"There is no someone/else on the Hub, or it is private"):
        fetch(fake_hub, cache, repo_id="someone/else")
    with pytest.raises(HubError, match="has no revision 'v9'"):
        fetch(fake_hub, cache, "v9")
    with pytest.raises(HubError, match="is not a hub id"):
        fetch(fake_hub, cache, repo_id="a/b/c")
    with pytest.raises(HubError, match="not in the cache"):
        pull("someone/other", endpoint="http://127.0.0.1:9", cache_folder=cache)


def test_offline_and_not_in_the_cache(
    fake_hub: FakeHub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE"):
        fetch(fake_hub, cache)


def test_load_takes_a_hub_id(
    fake_hub: FakeHub, tiny_checkpoint: Path, tiny_classifier: Classifier, tmp_path: Path
) -> None:
    commit = fake_hub.add(REPO, read_files(tiny_checkpoint))
    fake_hub.add(REPO, {"checkpoint.json": b"broken since"})
    code = (
        "import sys; from toxic_tweets import load\n"
        "classifier = load(sys.argv[1], revision=sys.argv[2])\n"
        "print(classifier.checkpoint.folder.name, classifier.predict_one('you').checkpoint)"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, REPO, commit],
        env={**env, "HF_ENDPOINT": fake_hub.endpoint, "HF_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [commit, tiny_classifier.checkpoint.id]


def test_push_then_pull_is_identity(
    fake_hub: FakeHub, cache: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoint, tmp_path / "mine"))
    (folder / "README.md").write_text("# Card\n", encoding="utf-8")
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    (folder / "notes.local").write_text("not for others", encoding="utf-8")
    commit = push(folder, REPO, endpoint=fake_hub.endpoint, token=fake_hub.token, private=True)
    assert fake_hub.repositories[REPO].main == commit
    assert fake_hub.repositories[REPO].private
    fetched = fetch(fake_hub, cache, commit)
    assert set(read_files(fetched)) == {
        *read_files(tiny_checkpoint),
        "README.md",
        "metrics.json",
    }
    assert read_checkpoint(fetched).id == read_checkpoint(folder).id
    again = push(folder, REPO, endpoint=fake_hub.endpoint, token=fake_hub.token)
    assert fake_hub.repositories[REPO].main == again


def test_push_without_the_right_is_refused(fake_hub: FakeHub, tiny_checkpoint: Path) -> None:
    with pytest.raises(HubError, match="Check HF_TOKEN"):
        push(tiny_checkpoint, REPO, endpoint=fake_hub.endpoint, token="hf_wrong")
    assert fake_hub.repositories == {}


def test_push_of_a_torn_checkpoint_sends_nothing(
    fake_hub: FakeHub, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_checkpoint, tmp_path / "torn"))
    (folder / "model.onnx").write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="is not the file"):
        push(folder, REPO, endpoint=fake_hub.endpoint, token=fake_hub.token)
    assert fake_hub.requests == []


def test_cached_checkpoints(
    fake_hub: FakeHub, cache: Path, tiny_checkpoint: Path, tiny_hf_folder: Path
) -> None:
    assert cached_checkpoints(cache) == ()
    ours = fake_hub.add(REPO, read_files(tiny_checkpoint))
    theirs = fake_hub.add("another/bert", read_files(tiny_hf_folder))
    fake_hub.add("another/encoder", {"config.json": b'{"architectures": ["BertModel"]}'})
    for repo_id in (REPO, "another/bert", "another/encoder"):
        fetch(fake_hub, cache, repo_id=repo_id)
    found = cached_checkpoints(cache)
    assert [(one.repo_id, one.revision) for one in found] == [
        ("another/bert", theirs),
        (REPO, ours),
    ]
    assert all(one.size_bytes > 10_000 and one.folder.is_dir() for one in found)
