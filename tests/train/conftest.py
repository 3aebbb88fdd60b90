"""A data folder in the official format and a recipe that trains on it in seconds."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests import tiny
from tests.conftest import unmeasured

from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.model.export import export_onnx
from toxic_tweets.train import finish


@pytest.fixture(scope="session", autouse=True)
def exporter_is_not_measured() -> Iterator[None]:
    """Measure no coverage of exports, which are half of what a short run does: see tests/model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, "export_onnx", unmeasured(export_onnx))
        yield


@pytest.fixture(scope="session")
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a made-up Jigsaw file and toxic spans: both know the nasty words."""
    root = tmp_path_factory.mktemp("data")
    random = Random(0)
    plain = [word for word in tiny.WORDS if word not in tiny.NASTY]
    seen: set[str] = set()
    with (root / "train.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "comment_text", *TOXICITY_NAMES])
        while len(seen) < 400:
            words = random.choices(plain, k=6)
            if random.random() < 0.4:
                words[random.randrange(6)] = random.choice([*tiny.NASTY])
            text = " ".join(words)
            if text not in seen:
                seen.add(text)
                labels = {label for word in words for label in tiny.NASTY.get(word, ())}
                flags = [int(label in labels) for label in TOXICITY_NAMES]
                writer.writerow([f"{len(seen):016x}", text, *flags])
    _write_spans(root / "tsd_train.csv", 150, random)
    _write_spans(root / "tsd_trial.csv", 40, random)
    return root


def _write_spans(path: Path, n_rows: int, random: Random) -> None:
    """Write texts of seven words; in nine of ten one word is nasty, and its characters marked."""
    plain = [word for word in tiny.WORDS if word not in tiny.NASTY]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["spans", "text"])
        for _ in range(n_rows):
            words, places = random.choices(plain, k=7), list[int]()
            if random.random() < 0.9:
                place = random.randrange(7)
                words[place] = random.choice([*tiny.NASTY])
                start = len(" ".join([*words[:place], ""]))
                places = [*range(start, start + len(words[place]))]
            writer.writerow([json.dumps(places), " ".join(words)])


@pytest.fixture
def recipe_file(tiny_hf_folder: Path, tmp_path: Path) -> Path:
    """Return a recipe that starts from the tiny model."""
    file = tmp_path / "tiny.toml"
    labels = ", ".join(f'"{name}"' for name in TOXICITY_NAMES)
    file.write_text(
        f"""
name = "tiny"
task = "toxicity"
labels = [{labels}]
base = "{tiny_hf_folder.as_posix()}"
threshold_mix = {{ made-up = 1.0 }}

[training]
epochs = 3
batch_size = 16
learning_rate = 1e-3
max_tokens = 16
evaluations = 6
average_decay = 0.9
precision = "fp32"

[window]
max_tokens = 32
overlap_tokens = 4

[[sources]]
name = "made-up"
reader = "jigsaw"
path = "train.csv"
validation_natural = 0.3
licence = "Apache-2.0"
""",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def full_recipe_file(recipe_file: Path) -> Path:
    """Return the recipe with all that a recipe can ask for: normaliser, token head, copies."""
    text = recipe_file.read_text(encoding="utf-8")
    text = text.replace("[training]", "normalizer = 1\n\n[token_head]\nweight = 1.0\n\n[training]")
    text = text.replace("epochs = 3", "epochs = 4\nhead_learning_rate = 1e-2")
    recipe_file.write_text(
        text
        + """repeat = 1.25
disguise = 0.3

[[sources]]
name = "spans"
reader = "toxic_spans"
path = "tsd_train.csv"
licence = "CC0"

[[sources]]
name = "toxic-spans-trial"
reader = "toxic_spans"
path = "tsd_trial.csv"
validation = 1.0
licence = "CC0"
""",
        encoding="utf-8",
    )
    return recipe_file


@pytest.fixture
def student_recipe_file(recipe_file: Path, tiny_checkpoint: Path) -> Path:
    """Return the recipe of a shallow network that learns from the tiny checkpoint."""
    text = recipe_file.read_text(encoding="utf-8")
    text = text.replace("overlap_tokens = 4", "overlap_tokens = 8")  # as its teacher
    text = text.replace('name = "tiny"', 'name = "student"').replace("epochs = 3", "epochs = 12")
    text = text.replace(
        "learning_rate = 1e-3",
        "learning_rate = 1e-2\nhead_learning_rate = 1e-2\nfreeze_embeddings = false",
    )
    recipe_file.write_text(
        f"""{text}
[shallow]
embedding = 16
filters = 24
hidden = 16
buckets = 512

[teacher]
checkpoint = "{tiny_checkpoint.as_posix()}"
""",
        encoding="utf-8",
    )
    return recipe_file
