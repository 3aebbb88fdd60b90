"""The model card: what a checkpoint is, what it was made of, how good it is, where it fails."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toxic_tweets.model.card import make_section
from toxic_tweets.model.checkpoint import Checkpoint
from toxic_tweets.train.config import Recipe

_USE = """```python
from toxic_tweets import load

classifier = load("{name}")
print(classifier.predict_one("You are kind").scores)
```"""

_MEASURED = {
    "sigmoid": """\
Measured on held-out rows by the very graph that ships. The thresholds were chosen on some of these
rows, so F1 flatters a little; calibration errors are cross-fitted.
""",
    "softmax": """\
Measured on held-out rows by the very graph that ships. The best step was chosen on the same rows.
""",
}

_LIMITS = {
    "toxicity": """\
- English only. A text in another language gets a score that means little.
- Scores are calibrated on Wikipedia comments, where one in ten is toxic. Elsewhere the same score \
stands for another fraction.
- It judges words, not people or context: quotes, irony, reclaimed words and dialect are often \
misjudged, and names of groups can raise a score by themselves.
- Words in disguise are read as what they mean where rules can tell (`1d10t`, `i d i o t`); typing \
errors and phonetic spellings lower the score.
- int8 sums are exact on every processor, what is rounded around them is not: scores are the same \
bit for bit on one machine, and nearly the same on all.
- Never let it punish people without a human who can overrule it.""",
    "sentiment": """\
- English tweets only. Irony, and facts that are bad news told plainly, are often misjudged.
- Never let it judge people.""",
}


# Copies that were learned from beside the rows themselves: key in `run.json`, heading.
_COPIES = {
    "repeated": "once more",
    "disguised": "in disguise",
    "identity_swapped": "other group named",
}
_GENERATED = ("disguised", "identity_swapped")
_GENERATED_NOTE = """
{:,} of the rows learned from were generated from the others: with words in disguise, as
`data/disguise.py` makes them, or with another group of people named, as `data/identities.py` does.
No held-out row was.
"""


def write_card(
    path: Path, recipe: Recipe, checkpoint: Checkpoint, facts: Mapping[str, Any]
) -> None:
    """Write the card of a checkpoint in Hugging Face's format.

    Args:
        path: the Markdown file; it appears whole or not at all.
        recipe: what made the checkpoint.
        checkpoint: with its metrics and thresholds.
        facts: what `run.json` holds.
    """
    parts = [
        _front_matter(checkpoint),
        f"# Toxic Tweets: `{checkpoint.name}`, version {checkpoint.version}\n",
        f"{_summary(checkpoint)}\n",
        _USE.format(name=checkpoint.name) + "\n",
        "## How good it is\n",
        _MEASURED[checkpoint.activation],
        _metrics_table(recipe, checkpoint),
        _calibration_table(checkpoint),
        _thresholds_table(checkpoint),
        _cascade_table(checkpoint),
        make_section(),
        "## Limits\n",
        _LIMITS.get(checkpoint.task, "- Not described.") + "\n",
        "## What it was made of\n",
        "" if checkpoint.stages else _sources_table(recipe, facts),
        _how_made(recipe, checkpoint, facts),
    ]
    aside = path.with_name(path.name + ".partial")
    aside.write_text("\n".join(part for part in parts if part), encoding="utf-8")
    os.replace(aside, path)


def _front_matter(checkpoint: Checkpoint) -> str:
    languages = "\n".join(f"- {language}" for language in checkpoint.languages)
    return (
        f"---\nlicense: {checkpoint.licence.lower()}\nlanguage:\n{languages}\n"
        "library_name: toxic-tweets\npipeline_tag: text-classification\n"
        f"tags:\n- {checkpoint.task}\n- onnx\n---\n"
    )


def _summary(checkpoint: Checkpoint) -> str:
    fit = "any number may fit" if checkpoint.activation == "sigmoid" else "exactly one fits"
    return (
        f"A text gets a score for each of {', '.join(f'`{x}`' for x in checkpoint.labels)}; "
        f"{fit}. int8 ONNX, made to run on a CPU without a download. "
        f"Windows of {checkpoint.max_tokens} tokens; a longer text is read as overlapping ones."
    )


def _metrics_table(recipe: Recipe, checkpoint: Checkpoint) -> str:
    metrics = checkpoint.metrics
    if checkpoint.activation == "softmax":
        names = ("texts", "macro_recall", "macro_f1", "accuracy")
        single = [[name, _number(metrics.get(f"validation.{name}"))] for name in names]
        return _table(["measure", "held-out rows"], single)
    rows = []
    for source in recipe.sources:
        prefix = f"validation.{source.name}"
        for label in checkpoint.labels:
            if f"{prefix}.{label}.auc" in metrics:
                measures = ("positives", "auc", "average_precision", "f1", "macro_f1")
                values = [_number(metrics.get(f"{prefix}.{label}.{name}")) for name in measures]
                texts = _number(metrics.get(f"{prefix}.texts"))
                rows.append([source.name, label, texts, *values])
        if f"{prefix}.mean_auc" in metrics:
            mean = _number(metrics[f"{prefix}.mean_auc"])
            flag = _number(metrics.get(f"{prefix}.any_flag.macro_f1"))
            rows.append([source.name, "mean; anything flagged", "", "", mean, "", "", flag])
    header = ["held-out rows of", "label", "texts", "positives", "ROC AUC", "AP", "F1", "macro-F1"]
    return _table(header, rows)


def _calibration_table(checkpoint: Checkpoint) -> str:
    rows = []
    for label in checkpoint.labels:
        key = f"calibration.{label}.ece"
        before, after = (checkpoint.metrics.get(f"{key}_{when}") for when in ("before", "after"))
        if after is not None:
            rows.append([label, _number(before), _number(after)])
    if not rows:
        return ""
    return "Expected calibration error on natural rows:\n\n" + _table(
        ["label", "before", "after"], rows
    )


def _thresholds_table(checkpoint: Checkpoint) -> str:
    if checkpoint.activation == "softmax":
        return ""
    cuts = checkpoint.thresholds
    rows = [
        [label, *(_number(cut[label]) for cut in (cuts.best_f1, cuts.precision_90, cuts.recall_90))]
        for label in checkpoint.labels
    ]
    return "Thresholds:\n\n" + _table(["label", "best F1", "precision 0.9", "recall 0.9"], rows)


def _cascade_table(checkpoint: Checkpoint) -> str:
    """Say what the first stage of a cascade settles, and what that costs."""
    if not checkpoint.stages:
        return ""
    first, last = checkpoint.stages
    metrics = checkpoint.metrics
    prefix = "cascade.settled."
    shares = [
        [x.removeprefix(prefix), f"{metrics[x]:.1%}"] for x in metrics if x.startswith(prefix)
    ]
    kinds = ("auc_loss", "auc_loss_crossed", "recall_loss", "recall_loss_crossed")
    losses = [
        [label, *(_number(metrics.get(f"cascade.{label}.{kind}")) for kind in kinds)]
        for label in checkpoint.labels
    ]
    header = ["label", "ROC AUC", "other half", "recall", "other half"]
    return (
        f"## What the first stage settles\n\nEvery window is read by `{first}`. Where it finds no "
        f"sign of any label, its answer holds, on the scale of `{last}`, which reads the rest. A "
        "text that the first stage settles is never flagged. Texts settled:\n\n"
        + _table(["held-out texts of", "settled"], shares)
        + f"\nWhat that loses against `{last}` alone, in the source where it loses most: on the "
        "texts that the cuts were fitted on, and, fitted on one half, on the other half (mean of "
        "both ways). Recall is at the default threshold:\n\n" + _table(header, losses)
    )


def _sources_table(recipe: Recipe, facts: Mapping[str, Any]) -> str:
    counts = {row["name"]: row for row in facts.get("data", ())}
    kinds = [kind for kind in _COPIES if any(count.get(kind) for count in counts.values())]
    rows = []
    for source in recipe.sources:
        count = counts.get(source.name, {})
        texts, held = count.get("texts", 0), count.get("held_out", 0)
        digest = str(count.get("sha256", ""))[:12]
        learned = count.get("learned", texts - held if source.weight > 0 else 0)
        copies = [f"{count.get(kind, 0):,}" for kind in kinds]
        weight = f"{source.weight:g}"
        rows.append(
            [source.name, f"{learned:,}", *copies, f"{held:,}", weight, source.licence, digest]
        )
    header = ["source", "learned from", *(_COPIES[kind] for kind in kinds)]
    table = _table([*header, "held out", "weight", "licence", "SHA-256"], rows)
    n_generated = sum(count.get(kind, 0) for count in counts.values() for kind in _GENERATED)
    return table + (_GENERATED_NOTE.format(n_generated) if n_generated else "")


def _how_made(recipe: Recipe, checkpoint: Checkpoint, facts: Mapping[str, Any]) -> str:
    machine = facts.get("machine", {})
    mix = ", ".join(f"{share:.0%} {name}" for name, share in recipe.threshold_mix.items())
    training, teacher = recipe.training, recipe.teacher
    asked = f"{teacher.max_texts:,}" if teacher.max_texts else "all"
    lines = [
        *(
            [f"Stages: `{'` and `'.join(checkpoint.stages)}`, and no others. Seed {training.seed}."]
            if checkpoint.stages
            else [f"Base: {recipe.base}. Seed {training.seed}, epochs: {training.epochs:g}."]
        ),
        *(
            [f"Teacher: `{facts.get('teacher')}`, asked about {asked} of the texts to learn from."]
            if teacher.checkpoint
            else []
        ),
        *(
            [
                (
                    f"It went on from the model of the recipe `{recipe.first}`, and that one's "
                    f"weights are {recipe.first_share:.0%} of the average that was kept."
                )
            ]
            if recipe.first
            else []
        ),
        (
            f"Recipe `{checkpoint.raw['recipe_sha256'][:12]}`, data "
            f"`{checkpoint.raw['data_sha256'][:12]}`, git commit `{facts.get('git_commit')}`."
        ),
        (
            f"Machine: {machine.get('processor')}, {machine.get('cores')} cores, "
            f"{facts.get('workers')} workers."
        ),
        *([facts["remark"]] if facts.get("remark") else []),
        (
            f"Rebuild: `toxic-tweets train {recipe.name} --data ../shared/data "
            f"--output runs/{recipe.name}`."
        ),
    ]
    if mix:
        lines.append(f"`flagged` uses the best F1 on this mix of held-out rows: {mix}.")
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) and value > 1 else f"{value:.4f}"
