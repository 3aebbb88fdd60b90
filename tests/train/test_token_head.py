"""The second head: where it sits, how it is learned and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tests.model.test_export import make_distilbert

from toxic_tweets.train.config import read_recipe
from toxic_tweets.train.token_head import (
    HEAD_FILE,
    add_token_head,
    open_token_head,
    save_token_head,
)
from toxic_tweets.train.trainer import parameter_groups


def test_one_logit_per_token_beside_the_logits_of_the_model(tiny_model: Any) -> None:
    joint = add_token_head(tiny_model, dropout=0.5, seed=1).eval()
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 0]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    with torch.no_grad():
        found = joint(ids, mask)
        plain = tiny_model(input_ids=ids, attention_mask=mask)
        alone = joint(ids[1:, :3])
    assert found["token_logits"].shape == (2, 4)
    torch.testing.assert_close(found["logits"], plain.logits)
    torch.testing.assert_close(alone["token_logits"][0], found["token_logits"][1, :3])


def test_the_seed_makes_the_head(tiny_model: Any) -> None:
    one, same, other = (
        add_token_head(tiny_model, 0.0, seed).token_head.linear.weight for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_it_is_a_head_to_the_optimiser(tiny_model: Any) -> None:
    recipe = read_recipe("small")
    for model in (tiny_model, make_distilbert()):
        before = _sizes(parameter_groups(model, recipe))
        after = _sizes(parameter_groups(add_token_head(model, 0.1, 1), recipe))
        lr, decay = recipe.training.head_learning_rate, recipe.training.weight_decay
        assert after[lr, decay] == before[lr, decay] + 32
        assert after[lr, 0.0] == before[lr, 0.0] + 1
        assert after.keys() == before.keys()


def _sizes(groups: list[dict[str, Any]]) -> dict[tuple[float, float], int]:
    return {
        (group["lr"], group["weight_decay"]): sum(one.numel() for one in group["params"])
        for group in groups
    }


def test_it_is_kept_beside_the_model(tiny_model: Any, tmp_path: Path) -> None:
    assert open_token_head(tmp_path) is None
    joint = add_token_head(tiny_model, dropout=0.5, seed=1)
    save_token_head(joint.token_head, tmp_path)
    opened = open_token_head(tmp_path)
    assert opened is not None
    assert not opened.training
    hidden = torch.randn(2, 3, 32)
    torch.testing.assert_close(opened(hidden), joint.token_head.eval()(hidden))
    assert set(load_file(tmp_path / HEAD_FILE)) == {"linear.weight", "linear.bias"}
