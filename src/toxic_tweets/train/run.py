"""One run from recipe to checkpoint, and what it leaves behind.

```text
OUTPUT/run.json        recipe, data hashes, versions, machine, git commit, seed, times
OUTPUT/metrics.jsonl   every logged number
OUTPUT/curves.png      the same as a picture
OUTPUT/first/          the run of the recipe that this one starts from, if it names one
OUTPUT/steps/          saved steps, to resume from
OUTPUT/model/          the fine-tuned PyTorch model, in Hugging Face format
OUTPUT/checkpoint/     what ships: int8 ONNX, tokenizer, calibration, thresholds, card
```
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from toxic_tweets.errors import MissingExtraError, TrainingError
from toxic_tweets.model.checkpoint import Checkpoint, find_checkpoint, read_checkpoint
from toxic_tweets.train.config import Recipe, read_recipe

_PACKAGES = ("toxic-tweets", "torch", "transformers", "tokenizers", "onnxruntime", "numpy")


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def train(
    recipe: Recipe,
    data_root: Path,
    output: Path,
    resume: bool = True,
    say: Callable[[str], None] = _to_stderr,
) -> Path | None:
    """Make the checkpoint that a recipe describes.

    A killed run that is started again with the same output goes on where it was: at the last whole
    step, or after training at the export.

    Args:
        recipe: what to make.
        data_root: the folder that the recipe's paths start from.
        output: the folder of the run, made if need be.
        resume: False starts anew in a folder that holds a run.
        say: who is told about progress, one line at a time; texts are never said.

    Returns:
        The checkpoint's folder; None on all but the first of several `torchrun` processes.

    Raises:
        DataError: a source is missing or malformed.
        MissingExtraError: the extra `train` is not installed.
        TrainingError: the folder holds a run of another recipe, the loss is not finite, or the
            exported graph does not agree with the model.
    """
    _prepare_torch()
    from toxic_tweets.train.cascade import make_cascade
    from toxic_tweets.train.finish import finish
    from toxic_tweets.train.mixture import make_mixture
    from toxic_tweets.train.trainer import fit

    is_main = int(os.environ.get("RANK", "0")) == 0
    say = say if is_main else _nobody
    output.mkdir(parents=True, exist_ok=True)
    if is_main and not resume:
        _forget_run(output)
    facts = _open_run(recipe, data_root, output, resume)
    say("Reading the sources ...")
    mixture = make_mixture(recipe, data_root)
    facts["data"] = list(mixture.counts)
    if recipe.teacher.checkpoint:
        facts["teacher"] = read_checkpoint(find_checkpoint(recipe.teacher.checkpoint)).id
    facts["texts"] = {"train": len(mixture.train), "held_out": len(mixture.validation)}
    if is_main:
        say(f"{len(mixture.train):,} texts to learn from, {len(mixture.validation):,} held out.")
        _write_json(output / "run.json", facts)
    is_trained = resume and (output / "model").is_dir()
    if not recipe.cascade.first and not is_trained:
        first = _make_first(recipe, data_root, output / "first", resume, say)
        fit(recipe, mixture, output, resume, say, first)
    if not is_main:
        return None
    if recipe.cascade.first:
        return _close_run(make_cascade(recipe, mixture, output, facts, say), facts, output, say)
    draw_curves(output / "metrics.jsonl", output / "curves.png")
    return _close_run(finish(recipe, mixture, output, facts, say), facts, output, say)


def _prepare_torch() -> None:
    """Quiet what talks between our lines; one thread for each process."""
    try:
        import torch
        from transformers.utils import logging as transformers_logging
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", str(error.name)) from error
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    if "WORLD_SIZE" in os.environ:
        # Threads of several processes wait for each other (training-facts).
        torch.set_num_threads(1)


def _close_run(
    checkpoint: Checkpoint, facts: dict[str, Any], output: Path, say: Callable[[str], None]
) -> Path:
    """Write what `run.json` says in the end, and give the checkpoint's folder."""
    facts["finished"] = _now()
    facts["metrics"] = dict(checkpoint.metrics)
    _write_json(output / "run.json", facts)
    say(f"Done: {checkpoint.folder} is {checkpoint.id}.")
    return checkpoint.folder


def _make_first(
    recipe: Recipe, data_root: Path, folder: Path, resume: bool, say: Callable[[str], None]
) -> Path | None:
    """Give the model that a recipe starts from, made by the recipe it names unless it is there."""
    if not recipe.first:
        return None
    from torch import distributed

    from toxic_tweets.train.mixture import make_mixture
    from toxic_tweets.train.trainer import fit

    model = folder / "model"
    if not (resume and model.is_dir()):
        say(f"First the recipe {recipe.first}, into {folder} ...")
        before = read_recipe(recipe.first)
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(folder / "run.json", _open_run(before, data_root, folder, resume))
        fit(before, make_mixture(before, data_root), folder, resume, say)
        if distributed.is_initialized():
            distributed.barrier()  # the first process writes the model that all of them open
    return model


def draw_curves(metrics: Path, picture: Path) -> None:
    """Draw the losses and the validation quality over the steps.

    Args:
        metrics: the run's `metrics.jsonl`.
        picture: a `.png` to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    series = {"loss": "training loss", "eval_loss": "validation loss", "eval_quality": "quality"}
    # Without pyplot: a notebook goes on showing its own pictures after a run.
    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, 2)
    for key, label in series.items():
        points = {line["step"]: line[key] for line in lines if key in line}
        axis = axes[1] if key == "eval_quality" else axes[0]
        style = "-" if key == "loss" else "o-"
        axis.plot([*points], [*points.values()], style, label=label, markersize=4)
    axes[0].set(xlabel="step", ylabel="loss", yscale="log")
    axes[1].set(xlabel="step", ylabel="quality on held-out texts")
    axes[0].legend()
    aside = picture.with_name("partial-" + picture.name)
    figure.savefig(aside, dpi=120)
    os.replace(aside, picture)


def _forget_run(output: Path) -> None:
    """Remove what an earlier run left, so that nothing of it can be resumed or shipped later."""
    for name in ("first", "steps", "model", "checkpoint"):
        shutil.rmtree(output / name, ignore_errors=True)
    for name in ("run.json", "metrics.jsonl", "curves.png"):
        (output / name).unlink(missing_ok=True)


def _open_run(recipe: Recipe, data_root: Path, output: Path, resume: bool) -> dict[str, Any]:
    """Give what `run.json` says from the start, refusing a folder of another recipe."""
    file = output / "run.json"
    if resume and file.is_file():
        facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if facts["recipe_sha256"] != recipe.sha256:
            raise TrainingError(
                f"{output} holds a run of another recipe ({facts['recipe_sha256'][:12]}, expected "
                f"{recipe.sha256[:12]}). Give another --output, or --no-resume to start anew."
            )
        return facts
    return {
        "recipe": recipe.to_dict(),
        "recipe_sha256": recipe.sha256,
        "seed": recipe.training.seed,
        "command": ["toxic-tweets", *sys.argv[1:]],
        "data_folder": data_root.name,
        "workers": int(os.environ.get("WORLD_SIZE", "1")),
        "started": _now(),
        "git_commit": _git_commit(),
        "versions": {name: _version(name) for name in _PACKAGES}
        | {"python": sys.version.split()[0]},
        "machine": _machine(),
    }


def _machine() -> dict[str, Any]:
    model = platform.processor()
    cpus = Path("/proc/cpuinfo")
    if cpus.is_file():
        lines = cpus.read_text(encoding="utf-8", errors="replace").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return {"system": platform.platform(), "processor": model, "cores": os.cpu_count()}


def _git_commit() -> str | None:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - whichever git the user has
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None  # an installed wheel is in no repository
    return found.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _write_json(path: Path, value: Any) -> None:
    aside = path.with_name(path.name + ".partial")
    aside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    os.replace(aside, path)


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _nobody(line: str) -> None:
    """Say nothing: only the first process reports."""
