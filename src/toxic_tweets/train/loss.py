"""The loss: what a wrong answer costs, with labels nobody annotated left out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def masked_binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    row_weights: Tensor,
    output_weights: Tensor,
    mean_weight: float,
    focal_gamma: float = 0.0,
) -> Tensor:
    """Average the binary cross-entropy over what somebody annotated.

    Args:
        logits: raw outputs, (texts, outputs).
        targets: 0, 1, a fraction of annotators, or NaN = nobody annotated, (texts, outputs).
        row_weights: how much each text counts, (texts,).
        output_weights: how much each output counts, (outputs,).
        mean_weight: what a text of the training rows weighs on average over its known targets.
            Dividing by a constant, not by the weight of the batch, keeps light rows light: batches
            of one length hold mostly rows of one source.
        focal_gamma: 0 for plain cross-entropy; above, easy targets count less.

    Returns:
        One number; 0 with a gradient of 0 when no target is known.

    Source:
        Focal factor: Lin et al. 2017, "Focal Loss for Dense Object Detection", with |p - t| in the
        place of 1 - p_t so that it also holds for fractions.
    """
    known = ~torch.isnan(targets)
    filled = torch.where(known, targets, torch.zeros_like(targets))
    losses = functional.binary_cross_entropy_with_logits(logits, filled, reduction="none")
    if focal_gamma > 0:
        losses = losses * (torch.sigmoid(logits) - filled).abs().pow(focal_gamma)
    weights = known * row_weights[:, None] * output_weights[None, :]
    return (losses * weights).sum() / (len(logits) * mean_weight)


def masked_cross_entropy(logits: Tensor, targets: Tensor, row_weights: Tensor) -> Tensor:
    """Average the cross-entropy of single-choice labels over the annotated texts.

    Args:
        logits: raw outputs, (texts, labels).
        targets: one-hot or fractions that sum to 1; NaN = nobody annotated, (texts, labels).
        row_weights: how much each text counts, (texts,).

    Returns:
        One number; 0 with a gradient of 0 when no target is known.
    """
    known = ~torch.isnan(targets).any(dim=1)
    filled = torch.where(known[:, None], targets, torch.zeros_like(targets))
    losses = -(filled * functional.log_softmax(logits, dim=1)).sum(dim=1)
    weights = known * row_weights
    return (losses * weights).sum() / weights.sum().clamp_min(1e-8)
