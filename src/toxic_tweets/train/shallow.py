"""A shallow student: a convolution over word vectors, and a memory of words and their neighbours.

It is a model of Hugging Face like any other, so that it is trained, saved, resumed and exported by
the same code as an encoder, at a hundredth of the cost of one. The graph has few operators on
purpose: at this size calling each of them costs as much as its arithmetic.

Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification"; Cheng et al. 2016,
"Wide & Deep Learning for Recommender Systems".
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_outputs import SequenceClassifierOutput

from toxic_tweets.errors import RecipeError
from toxic_tweets.train.config import Recipe

# Spreads pairs of token ids over the buckets. An id is under 2^17, so products stay within 64 bits.
_FACTOR = 1_000_003


class ShallowConfig(PretrainedConfig):
    """Sizes of the network; the defaults are those of the checkpoint `tiny`."""

    model_type = "toxic-tweets-shallow"

    def __init__(
        self,
        vocab_size: int = 30522,
        embedding_size: int = 64,
        n_filters: int = 128,
        width: int = 3,
        hidden_size: int = 64,
        n_buckets: int = 0,
        n_remembered: int = 0,
        dropout: float = 0.0,
        pad_token_id: int = 0,
        **others: Any,
    ) -> None:
        self.vocab_size = vocab_size
        self.embedding_size = embedding_size
        self.n_filters = n_filters
        self.width = width
        self.hidden_size = hidden_size
        self.n_buckets = n_buckets
        self.n_remembered = n_remembered
        self.dropout = dropout
        super().__init__(**{"pad_token_id": pad_token_id, **others})


class ShallowEncoder(nn.Module):
    """From token ids (texts, tokens) to what was found in a text (texts, 2 filters)."""

    def __init__(self, config: ShallowConfig) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(config.vocab_size, config.embedding_size)
        self.convolution = nn.Conv1d(
            config.embedding_size, config.n_filters, config.width, padding=config.width // 2
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Pool the filters over a text: the strongest answer of each, and the mean one.

        Padding is as if it were not there: it is zero before the convolution, as the convolution's
        own margin is, and after it.
        """
        vectors = self.dropout(self.embeddings(input_ids))
        mask = mask[:, None, :]
        found = self.convolution(vectors.transpose(1, 2) * mask).relu() * mask
        return torch.cat([found.amax(dim=2), found.sum(dim=2) / mask.sum(dim=2)], dim=1)


class Bigrams(nn.Module):
    """A weight per label for each token and each pair of neighbours, hashed into buckets.

    It remembers what the convolution would smooth over: rare words and set phrases.
    """

    def __init__(self, config: ShallowConfig) -> None:
        super().__init__()
        self._last_bucket = config.n_buckets - 1
        self.table = nn.Embedding(config.n_buckets, config.n_remembered)

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Sum the weights of a text, over the root of how many there are (texts, labels).

        The first buckets are those of single tokens, and pairs share them.
        """
        pairs = (input_ids[:, :-1] * _FACTOR + input_ids[:, 1:]) & self._last_bucket
        found: Tensor = self.table(torch.cat([input_ids, pairs], dim=1))
        counts = torch.cat([mask, mask[:, 1:]], dim=1)[:, None, :]
        return torch.div(counts @ found, counts.sum(dim=2, keepdim=True).sqrt())[:, 0]


class ShallowForSequenceClassification(PreTrainedModel):
    """The shallow encoder with two linear layers on it, and what the bigrams add to each label.

    Its graph hides padding, and works text by text in each operator, so that several texts can run
    at once and each scores what it scores alone, bit for bit.
    """

    config_class = ShallowConfig
    base_model_prefix = "encoder"
    hides_padding = True

    def __init__(self, config: ShallowConfig) -> None:
        super().__init__(config)
        self.encoder = ShallowEncoder(config)
        self.hidden = nn.Linear(2 * config.n_filters, config.hidden_size)
        self.bigrams = Bigrams(config) if config.n_buckets else None
        self.classifier = nn.Linear(config.hidden_size, int(config.num_labels or 0))
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        """Leave every layer as torch starts it."""

    def get_input_embeddings(self) -> nn.Embedding:
        """Give the table of word vectors."""
        return self.encoder.embeddings

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **others: Any
    ) -> SequenceClassifierOutput:
        """Give `logits` (texts, outputs); without a mask, padding is told by its id."""
        real = input_ids != self.config.pad_token_id if attention_mask is None else attention_mask
        mask = real.to(self.classifier.weight.dtype)
        found = self.encoder(input_ids, mask)
        logits = _apply(self.classifier, _apply(self.hidden, found).relu())
        if self.bigrams is not None:
            remembered = self.bigrams(input_ids, mask)
            # The outputs beside the labels gain nothing from it.
            n_others = logits.shape[1] - remembered.shape[1]
            logits = logits + nn.functional.pad(remembered, (0, n_others))
        return SequenceClassifierOutput(logits=logits)


def _apply(layer: nn.Linear, found: Tensor) -> Tensor:
    """Apply a linear layer to (texts, inputs), as a convolution over one place.

    The product of all texts at once would be cut into blocks of rows, and the last ones may be
    rounded in another way.
    """
    return nn.functional.conv1d(found[:, :, None], layer.weight[:, :, None], layer.bias)[:, :, 0]


def make_shallow(recipe: Recipe, vectors: Tensor, pad_id: int) -> ShallowForSequenceClassification:
    """Make the network that a recipe asks for, with fresh weights over reduced word vectors.

    Args:
        recipe: its sizes and outputs.
        vectors: word vectors of the base (words, dimensions).
        pad_id: the id of padding.

    Raises:
        RecipeError: the buckets are no power of two, or fewer than the words.
    """
    sizes = recipe.shallow
    is_power = sizes.buckets & (sizes.buckets - 1) == 0
    if sizes.buckets and not (is_power and sizes.buckets >= len(vectors)):
        raise RecipeError(
            f"shallow.buckets is {sizes.buckets:,}, expected 0 or a power of two from "
            f"{len(vectors):,} on: each token of the base has one of its own."
        )
    config = ShallowConfig(
        vocab_size=len(vectors),
        embedding_size=sizes.embedding,
        n_filters=sizes.filters,
        width=sizes.width,
        hidden_size=sizes.hidden,
        n_buckets=sizes.buckets,
        n_remembered=len(recipe.labels) if sizes.buckets else 0,
        dropout=recipe.training.encoder_dropout,
        pad_token_id=pad_id,
        id2label=dict(enumerate(recipe.outputs)),
        label2id={name: index for index, name in enumerate(recipe.outputs)},
    )
    model = ShallowForSequenceClassification(config)
    with torch.no_grad():
        model.encoder.embeddings.weight.copy_(reduce_vectors(vectors, sizes.embedding))
        if model.bigrams is not None:
            model.bigrams.table.weight.zero_()  # nothing is remembered yet
    return model


def reduce_vectors(vectors: Tensor, size: int) -> Tensor:
    """Give the principal components of word vectors, most telling first (words, size).

    Args:
        vectors: one row per word (words, dimensions).
        size: how many components to keep, at most the dimensions.
    """
    centred = vectors.double() - vectors.double().mean(dim=0)
    _, directions = torch.linalg.eigh(centred.T @ centred)  # by rising variance
    reduced = centred @ directions.flip(1)[:, :size]
    scaled: Tensor = (reduced / reduced.std()).float() * 0.1
    return scaled


AutoConfig.register(ShallowConfig.model_type, ShallowConfig)
AutoModelForSequenceClassification.register(ShallowConfig, ShallowForSequenceClassification)
