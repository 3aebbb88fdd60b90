"""Fine-tuning with the Hugging Face Trainer: masked loss, two learning rates, safe resume."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch.utils.data import SequentialSampler
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainingArguments

from toxic_tweets.data.dataset import Dataset
from toxic_tweets.errors import TrainingError
from toxic_tweets.train.blend import blend
from toxic_tweets.train.callbacks import COMPLETE, MarkComplete, Progress, WeightAverage
from toxic_tweets.train.config import Recipe
from toxic_tweets.train.encoder import open_base
from toxic_tweets.train.loss import (
    imitation_loss,
    masked_binary_cross_entropy,
    masked_cross_entropy,
    masked_token_loss,
)
from toxic_tweets.train.mixture import Mixture
from toxic_tweets.train.rows import BatchesOfOneLength, Collate, Rows
from toxic_tweets.train.teacher import ask_teacher
from toxic_tweets.train.token_head import JointModel, add_token_head, save_token_head
from toxic_tweets.train.validation import held_out_metrics


class MaskedTrainer(Trainer):
    """A Trainer whose loss leaves out what nobody annotated and stops when it is not finite."""

    def __init__(self, recipe: Recipe, **arguments: Any) -> None:
        """Take the recipe beside what a Trainer takes."""
        super().__init__(**arguments)
        self.recipe = recipe
        rows: Rows = arguments["train_dataset"]
        self.output_weights = torch.tensor(
            [1.0] * len(recipe.labels) + [recipe.auxiliary_weight] * len(recipe.auxiliary)
        )
        self.is_imitation = torch.tensor(
            [False] * len(recipe.labels) + [True] * len(recipe.auxiliary)
        )
        self.mean_tokens = rows.known_tokens
        known = ~np.isnan(rows.targets) * rows.weights[:, None] * self.output_weights.numpy()
        self.mean_weight = float(known.sum(axis=1).mean())
        # The loss is already an average over the batch; Trainer must not divide by a token count.
        self.model_accepts_loss_kwargs = False

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Compute the masked loss of one batch.

        Raises:
            TrainingError: the loss is not finite.
        """
        targets, weights = inputs.pop("labels"), inputs.pop("weights")
        token_targets = inputs.pop("token_labels", None)
        wanted = inputs.pop("teacher", None)
        outputs = model(**inputs)
        logits = outputs["logits"].float()
        if self.recipe.activation == "softmax":
            loss = masked_cross_entropy(logits, targets, weights)
        else:
            loss = masked_binary_cross_entropy(
                logits,
                targets,
                weights,
                self.output_weights.to(logits.device),
                self.mean_weight,
                self.recipe.training.focal_gamma,
                self.is_imitation.to(logits.device),
            )
        if wanted is not None:
            teacher = self.recipe.teacher
            distance = imitation_loss(logits, wanted, self.output_weights.to(logits.device))
            loss = teacher.label_weight * loss + teacher.weight * distance
        if token_targets is not None:
            token_loss = masked_token_loss(
                outputs["token_logits"].float(), token_targets, self.mean_tokens
            )
            loss = loss + self.recipe.token_head.weight * token_loss
        if not torch.isfinite(loss):
            raise TrainingError(
                f"The loss is {loss.item()} at step {self.state.global_step}, expected a finite "
                "number. The last good checkpoint is kept; lower training.learning_rate and resume."
            )
        return (loss, {"loss": loss, "logits": logits}) if return_outputs else loss

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Give head and encoder their own learning rates, and norms and biases no decay."""
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(
                parameter_groups(self.model, self.recipe), lr=self.args.learning_rate
            )
        return self.optimizer

    def _get_train_sampler(self, train_dataset: Any = None) -> BatchesOfOneLength:
        rows: Any = train_dataset or self.train_dataset
        lengths = list(map(len, rows.input_ids))
        return BatchesOfOneLength(self.args.train_batch_size, lengths=lengths)

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler:
        # The Trainer would shuffle held-out rows by length too; metrics need them in order.
        return SequentialSampler(eval_dataset)

    def prediction_step(
        self, model: Any, inputs: Any, prediction_loss_only: bool, ignore_keys: Any = None
    ) -> Any:
        """Score a held-out batch; the targets are kept, the texts are not."""
        inputs = self._prepare_inputs(inputs)
        targets = inputs["labels"]
        with torch.no_grad(), self.compute_loss_context_manager():
            loss, outputs = self.compute_loss(model, dict(inputs), return_outputs=True)
        return (loss.detach(), outputs["logits"].detach(), targets)


def parameter_groups(model: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """Part the trainable parameters by learning rate (encoder, head) and by weight decay."""
    training = recipe.training
    classifier = model.classifier if isinstance(model, JointModel) else model
    encoder = {
        id(parameter)
        for name, parameter in classifier.base_model.named_parameters()
        if "pooler" not in name.split(".")
    }
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for parameter in model.parameters():
        if parameter.requires_grad:
            is_head = id(parameter) not in encoder
            groups.setdefault((is_head, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": training.head_learning_rate if is_head else training.learning_rate,
            "weight_decay": training.weight_decay if decays else 0.0,
        }
        for (is_head, decays), parameters in sorted(groups.items(), key=lambda item: item[0])
    ]


def fit(
    recipe: Recipe,
    mixture: Mixture,
    folder: Path,
    resume: bool = True,
    say: Callable[[str], None] = print,
    first: Path | None = None,
) -> Path | None:
    """Fine-tune the recipe's encoder; give the folder of the finished PyTorch model.

    Works alone and under `torchrun` (gloo on CPUs, nccl on GPUs). A killed run goes on from its
    last whole step. `first` is the model of an earlier run to start from, in place of the base.

    Returns:
        `folder/model` in Hugging Face format on the main process, None on the others.

    Raises:
        TrainingError: the loss is not finite.
    """
    classifier, tokenizer, pad_id = open_base(recipe, first)
    training = recipe.training
    model: Any = classifier
    if recipe.token_head.weight > 0:
        model = add_token_head(classifier, training.head_dropout, training.seed)
    say("Tokenising ...")
    rows = _tokenise(recipe, mixture.train, mixture.weights, tokenizer)
    if recipe.teacher.checkpoint:
        rows.teacher = ask_teacher(recipe, rows, tokenizer, folder / "teacher", say)
    ones = np.ones(len(mixture.validation), dtype=np.float32)
    held_out = _tokenise(recipe, mixture.validation, ones, tokenizer)
    average = WeightAverage(training.average_decay) if training.average_decay else None
    trainer = MaskedTrainer(
        recipe=recipe,
        model=model,
        args=training_arguments(recipe, folder / "steps", len(rows)),
        data_collator=Collate(pad_id),
        train_dataset=rows,
        eval_dataset=held_out,
        compute_metrics=lambda output: held_out_metrics(recipe, mixture, output),
        callbacks=[
            Progress(folder / "metrics.jsonl", say),
            EarlyStoppingCallback(early_stopping_patience=training.patience),
            *([average] if average else []),
            MarkComplete(),
        ],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=last_whole_step(folder / "steps") if resume else None)
    if average:
        _take_average(average, model, trainer)
    if not trainer.is_world_process_zero():
        return None
    if first is not None and recipe.first_share > 0:
        blend(classifier, first, recipe.first_share)
    return _save(classifier, model, tokenizer, folder / "model")


def _take_average(average: WeightAverage, model: Any, trainer: MaskedTrainer) -> None:
    """Put the average of the weights into the model, unless it is worse."""
    # The best single step was loaded; the average is judged against it on the same rows.
    best = trainer.state.best_metric or 0.0
    single = {name: value.clone() for name, value in model.state_dict().items()}
    average.put_into(model)
    if trainer.evaluate()["eval_quality"] < best:
        model.load_state_dict(single)


def _save(classifier: Any, model: Any, tokenizer: Tokenizer, target: Path) -> Path:
    """Write the model, and the token head if it has one, in Hugging Face format."""
    aside = target.with_name(target.name + ".partial")
    shutil.rmtree(aside, ignore_errors=True)
    classifier.save_pretrained(aside)
    if isinstance(model, JointModel):
        save_token_head(model.token_head, aside)
    tokenizer.save(str(aside / "tokenizer.json"))
    shutil.rmtree(target, ignore_errors=True)
    os.replace(aside, target)
    return target


def _tokenise(
    recipe: Recipe, dataset: Dataset, weights: NDArray[np.float32], tokenizer: Tokenizer
) -> Rows:
    spans = None
    if recipe.token_head.weight > 0:
        spans = dataset.spans or (None,) * len(dataset)
    return Rows(
        dataset.texts,
        dataset.targets,
        weights,
        tokenizer,
        recipe.training.max_tokens,
        recipe.normalizer,
        spans,
    )


def training_arguments(recipe: Recipe, folder: Path, n_texts: int) -> TrainingArguments:
    """Translate the recipe's numbers into those of the Trainer."""
    training = recipe.training
    workers = int(os.environ.get("WORLD_SIZE", "1"))
    on_gpu = torch.cuda.is_available()
    per_device = max(1, training.batch_size // workers)
    n_steps = max(1, math.ceil(n_texts / (per_device * workers) * training.epochs))
    every = max(1, n_steps // max(1, training.evaluations))
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=n_steps,
        per_device_train_batch_size=per_device,
        per_device_eval_batch_size=64,
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.schedule,
        warmup_steps=round(training.warmup_fraction * n_steps),
        max_grad_norm=training.gradient_clip,
        bf16=training.precision == "bf16" or (training.precision == "auto" and has_bf16()),
        use_cpu=not on_gpu,
        ddp_backend=("nccl" if on_gpu else "gloo") if workers > 1 else None,
        ddp_find_unused_parameters=False,
        remove_unused_columns=False,
        label_names=["labels"],
        logging_steps=max(1, min(50, n_steps // 10)),
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="quality",
        greater_is_better=True,
        dataloader_pin_memory=on_gpu,
        disable_tqdm=True,
        report_to=[],
        seed=training.seed,
    )


def has_bf16() -> bool:
    """Tell whether this machine multiplies bf16 faster than fp32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def last_whole_step(folder: Path) -> str | None:
    """Find the newest saved step that was written to its end; remove half-written ones."""
    whole: list[tuple[int, Path]] = []
    for step in folder.glob("checkpoint-*"):
        if (step / COMPLETE).is_file():
            whole.append((int(step.name.rsplit("-", 1)[1]), step))
        elif int(os.environ.get("RANK", "0")) == 0:
            shutil.rmtree(step)
    return str(max(whole)[1]) if whole else None
