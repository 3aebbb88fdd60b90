"""What happens beside the steps: averaging, whole saves, numbers on disk, progress."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

COMPLETE = "COMPLETE"


class WeightAverage(TrainerCallback):
    """Keep an exponential moving average of the trained weights, and restore it on resume.

    Source: Polyak averaging; Izmailov et al. 2018, "Averaging Weights Leads to Wider Optima".
    """

    FILE = "average.pt"

    def __init__(self, decay: float) -> None:
        """Take the decay per step; the average remembers about 1 / (1 - decay) steps."""
        self.decay = decay
        self.average: dict[str, Tensor] = {}

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start from the weights as they are, or from what a resumed checkpoint held."""
        stored = _step_folder(args, state) / self.FILE
        if state.global_step and stored.is_file():
            self.average = torch.load(stored, weights_only=True)
        else:
            self.average = _trainable(kwargs["model"])

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Move the average a little towards the new weights."""
        decay = min(self.decay, (1 + state.global_step) / (10 + state.global_step))
        with torch.no_grad():
            for name, value in _trainable(kwargs["model"], copy=False).items():
                self.average[name].lerp_(value.float(), 1 - decay)

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Write the average beside the weights of this step."""
        if state.is_world_process_zero:
            folder = _step_folder(args, state)
            torch.save(self.average, folder / self.FILE)

    def put_into(self, model: Any) -> None:
        """Replace the model's weights by their average."""
        with torch.no_grad():
            for name, value in _trainable(model, copy=False).items():
                value.copy_(self.average[name])


class MarkComplete(TrainerCallback):
    """Mark a saved step as whole: a kill in the middle of saving leaves no mark."""

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Write the mark after everything else."""
        if state.is_world_process_zero:
            folder = _step_folder(args, state)
            (folder / COMPLETE).write_text("", encoding="utf-8")


class Progress(TrainerCallback):
    """Append every logged number to `metrics.jsonl` and tell the time left."""

    def __init__(self, file: Path, say: Callable[[str], None], every_s: float = 15.0) -> None:
        """Take the file to append to, who is told, and the least time between two lines."""
        self.file = file
        self.say = say
        self.every_s = every_s
        self.began_s = self.printed_s = 0.0
        self.first_step = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Start the clock."""
        self.began_s = self.printed_s = time.monotonic()
        self.first_step = state.global_step

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Tell how far the run is, at most once in `every_s` seconds."""
        now_s = time.monotonic()
        if state.is_world_process_zero and now_s - self.printed_s >= self.every_s:
            self.printed_s = now_s
            step_s = (now_s - self.began_s) / max(state.global_step - self.first_step, 1)
            left_s = step_s * (state.max_steps - state.global_step)
            loss = next((x["loss"] for x in reversed(state.log_history) if "loss" in x), math.nan)
            self.say(
                f"step {state.global_step:,}/{state.max_steps:,} · loss {loss:.4f} · "
                f"{step_s:.2f} s a step · {left_s / 60:.1f} min left"
            )

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Append one line of JSON."""
        if state.is_world_process_zero and logs:
            line = {"step": state.global_step, **logs}
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            if "eval_loss" in logs:
                shown = {k[5:]: round(v, 4) for k, v in logs.items() if k.startswith("eval_")}
                self.say(f"validation at step {state.global_step:,}: {shown}")


def _trainable(model: Any, copy: bool = True) -> dict[str, Tensor]:
    inner = getattr(model, "module", model)
    return {
        name: value.detach().float().clone() if copy else value
        for name, value in inner.named_parameters()
        if value.requires_grad
    }


def _step_folder(args: TrainingArguments, state: TrainerState) -> Path:
    return Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
