"""The loss: what a wrong answer costs, with labels nobody annotated left out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# Scores under 0.01 or over 0.99 are rounded: their logits would be extreme.
_SCORE_EPSILON = 0.01


def masked_binary_cross_entropy(
    logits: Tensor,
    targets: Tensor,
    row_weights: Tensor,
    output_weights: Tensor,
    mean_weight: float,
    focal_gamma: float = 0.0,
    is_imitation: Tensor | None = None,
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
        is_imitation: (outputs,) true where the target is another system's score. What counts there
            is the distance on the logit scale (Huber): to cross-entropy 0.03 and 0.10 are nearly
            the same, and the order of such texts would not be learned.

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
    if is_imitation is not None:
        wanted = torch.logit(filled, eps=_SCORE_EPSILON)
        distances = functional.huber_loss(logits, wanted, reduction="none", delta=2.0)
        losses = torch.where(is_imitation, distances, losses)
    weights = known * row_weights[:, None] * output_weights[None, :]
    return (losses * weights).sum() / (len(logits) * mean_weight)


def imitation_loss(logits: Tensor, wanted: Tensor, output_weights: Tensor) -> Tensor:
    """Average the distance to a teacher's logits over the texts that it was asked about.

    Args:
        logits: raw outputs, (texts, outputs).
        wanted: the teacher's, NaN = not asked, (texts, outputs).
        output_weights: how much each output counts, (outputs,).

    Returns:
        One number; 0 with a gradient of 0 where the teacher was not asked.

    Source:
        Ba and Caruana 2014, "Do Deep Nets Really Need to be Deep?", with Huber's loss, since how
        far below every threshold a text is matters little.
    """
    known = ~torch.isnan(wanted)
    filled = torch.where(known, wanted, torch.zeros_like(wanted))
    distances = functional.huber_loss(logits, filled, reduction="none", delta=2.0)
    weights = known * output_weights[None, :]
    return (distances * weights).sum() / (len(logits) * output_weights.sum())


def masked_token_loss(logits: Tensor, targets: Tensor, mean_tokens: float) -> Tensor:
    """Average the binary cross-entropy over the tokens that somebody judged.

    Args:
        logits: one per token, (texts, tokens).
        targets: 1 toxic, 0 not, NaN = nobody judged, (texts, tokens).
        mean_tokens: judged tokens of a training row, on average. Dividing by a constant makes the
            average over a run that over all judged tokens, however batches fall.

    Returns:
        One number; 0 with a gradient of 0 where no token was judged.
    """
    known = ~torch.isnan(targets)
    filled = torch.where(known, targets, torch.zeros_like(targets))
    losses = functional.binary_cross_entropy_with_logits(logits, filled, reduction="none")
    return (losses * known).sum() / (len(logits) * max(mean_tokens, 1e-8))


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
