"""How good a step is, on rows that were held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from toxic_tweets.train.config import Recipe
from toxic_tweets.train.mixture import Mixture


def held_out_metrics(recipe: Recipe, mixture: Mixture, output: Any) -> dict[str, float]:
    """Measure the ranking on held-out rows: AUC per label and source, and their mean.

    `quality` decides which step is best: the mean AUC over labels, averaged over the sources of the
    recipe's threshold mix by their shares; macro-recall for single-choice labels.
    """
    from sklearn.metrics import recall_score, roc_auc_score

    logits, targets = output.predictions, output.label_ids
    if recipe.activation == "softmax":
        truth, guess = targets.argmax(axis=1), logits.argmax(axis=1)
        recall = float(recall_score(truth, guess, average="macro"))
        return {"macro_recall": recall, "quality": recall}
    metrics: dict[str, float] = {}
    means: dict[str, float] = {}
    for index in np.unique(mixture.held_out_source):
        source = recipe.sources[index]
        rows = mixture.held_out_source == index
        aucs = []
        for column, label in enumerate(recipe.labels):
            known = rows & ~np.isnan(targets[:, column])
            truth = targets[known, column] >= 0.5
            if truth.any() and not truth.all():
                auc = float(roc_auc_score(truth, logits[known, column]))
                metrics[f"{source.name}.{label}"] = auc
                aucs.append(auc)
        if aucs:
            means[source.name] = metrics[f"{source.name}.mean"] = float(np.mean(aucs))
    shares = [recipe.threshold_mix.get(name, 0.0) for name in means]
    if means:
        metrics["quality"] = float(
            np.average([*means.values()], weights=shares if any(shares) else None)
        )
    return metrics
