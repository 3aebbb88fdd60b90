"""The masked losses, against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from toxic_tweets.train.loss import (
    imitation_loss,
    masked_binary_cross_entropy,
    masked_cross_entropy,
    masked_token_loss,
)

NAN = math.nan


def _binary(
    logits: torch.Tensor, targets: list[list[float]], weights: list[float], gamma: float = 0.0
) -> torch.Tensor:
    return masked_binary_cross_entropy(
        logits, torch.tensor(targets), torch.tensor(weights), torch.ones(2), 1.0, gamma
    )


def test_an_unknown_target_neither_counts_nor_pulls() -> None:
    logits = torch.tensor([[0.0, 50.0]], requires_grad=True)
    loss = _binary(logits, [[1.0, NAN]], [1.0])
    loss.backward()
    assert loss.item() == pytest.approx(math.log(2))
    assert logits.grad is not None
    assert logits.grad.tolist() == [[-0.5, 0.0]]


def test_nothing_known_gives_zero_and_no_gradient() -> None:
    logits = torch.zeros((1, 2), requires_grad=True)
    _binary(logits, [[NAN, NAN]], [1.0]).backward()
    assert logits.grad is not None
    assert logits.grad.abs().sum().item() == 0.0


def test_a_light_row_stays_light_among_light_rows() -> None:
    logits = torch.zeros((2, 2))
    targets = [[1.0, 0.0], [0.0, 1.0]]
    heavy, light = _binary(logits, targets, [1.0, 1.0]), _binary(logits, targets, [0.2, 0.2])
    assert light.item() == pytest.approx(0.2 * heavy.item())


def test_a_fraction_is_met_at_its_own_logit() -> None:
    target = 0.25
    at = torch.tensor([[math.log(target / (1 - target)), 0.0]], requires_grad=True)
    _binary(at, [[target, NAN]], [1.0]).backward()
    assert at.grad is not None
    assert at.grad[0, 0].item() == pytest.approx(0.0, abs=1e-7)


def test_focal_loss_spares_the_easy_rows() -> None:
    easy, hard = torch.tensor([[3.0, 0.0]]), torch.tensor([[-3.0, 0.0]])
    for logits, share in (
        (easy, torch.sigmoid(torch.tensor(-3.0))),
        (hard, torch.sigmoid(torch.tensor(3.0))),
    ):
        plain = _binary(logits, [[1.0, NAN]], [1.0]).item()
        assert _binary(logits, [[1.0, NAN]], [1.0], 2.0).item() == pytest.approx(
            plain * share.item() ** 2, rel=1e-5
        )


def test_single_choice_leaves_out_rows_without_a_target() -> None:
    logits = torch.tensor([[2.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    targets = torch.tensor([[1.0, 0.0, 0.0], [NAN, NAN, NAN]])
    loss = masked_cross_entropy(logits, targets, torch.ones(2))
    assert loss.item() == pytest.approx(-math.log(math.exp(2) / (math.exp(2) + 2)))


def test_tokens_that_nobody_judged_neither_count_nor_pull() -> None:
    logits = torch.tensor([[0.0, 50.0], [3.0, 0.0]], requires_grad=True)
    loss = masked_token_loss(logits, torch.tensor([[1.0, NAN], [NAN, NAN]]), 0.5)
    loss.backward()
    assert loss.item() == pytest.approx(math.log(2))  # 2 texts with 0.5 judged tokens: 1 in all
    assert logits.grad is not None
    assert logits.grad.tolist() == [[-0.5, 0.0], [0.0, 0.0]]


def test_a_batch_without_places_still_has_a_gradient_of_zero() -> None:
    logits = torch.ones((2, 3), requires_grad=True)
    loss = masked_token_loss(logits, torch.full((2, 3), NAN), 8.0)
    loss.backward()
    assert loss.item() == 0.0
    assert logits.grad is not None
    assert logits.grad.abs().sum().item() == 0.0


def test_scores_of_another_system_are_compared_as_logits() -> None:
    logits = torch.tensor([[0.0, 0.0]], requires_grad=True)
    targets = torch.tensor([[0.02, 0.02]])
    is_imitation = torch.tensor([False, True])
    loss = masked_binary_cross_entropy(
        logits, targets, torch.ones(1), torch.ones(2), 1.0, 0.0, is_imitation
    )
    loss.backward()
    assert logits.grad is not None
    # The label pulls by the gap of the scores, the imitation by that of the logits, at most 2.
    assert logits.grad.tolist() == [[pytest.approx(0.48), pytest.approx(2.0)]]


def test_imitation_counts_only_what_the_teacher_was_asked() -> None:
    logits = torch.tensor([[1.0, 0.0], [3.0, 3.0]], requires_grad=True)
    loss = imitation_loss(logits, torch.tensor([[0.0, -4.0], [NAN, NAN]]), torch.tensor([1.0, 0.5]))
    loss.backward()
    # Huber: half of a square up to 2, then linear, 2 * (4 - 1); over 2 texts and a weight of 1.5.
    assert loss.item() == pytest.approx((0.5 + 0.5 * 6.0) / (2 * 1.5))
    assert logits.grad is not None
    assert logits.grad[1].tolist() == [0.0, 0.0]
