"""A second head on the same encoder: one logit per token, that it makes the text toxic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

HEAD_FILE = "token_head.safetensors"


class TokenHead(nn.Module):
    """From the encoder's last hidden states to one logit per token: dropout, one linear layer."""

    def __init__(self, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden_size, 1)
        nn.init.normal_(self.linear.weight, std=0.02)
        nn.init.zeros_(self.linear.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """Give logits (texts, tokens) for hidden states (texts, tokens, hidden)."""
        logits: Tensor = self.linear(self.dropout(hidden)).squeeze(-1)
        return logits


class JointModel(nn.Module):
    """A sequence-classification model of Hugging Face and a token head on its encoder."""

    def __init__(self, classifier: Any, token_head: TokenHead) -> None:
        super().__init__()
        self.classifier = classifier
        self.token_head = token_head

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> dict[str, Tensor]:
        """Give `logits` (texts, outputs) and `token_logits` (texts, tokens)."""
        found = self.classifier(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True
        )
        return {
            "logits": found.logits,
            "token_logits": self.token_head(found.hidden_states[-1]),
        }


def add_token_head(classifier: Any, dropout: float, seed: int) -> JointModel:
    """Put a fresh token head on a model; the same seed makes the same head."""
    torch.manual_seed(seed)
    return JointModel(classifier, TokenHead(int(classifier.config.hidden_size), dropout))


def save_token_head(token_head: TokenHead, folder: Path) -> None:
    """Write the head beside the model's files."""
    weights = {name: value.contiguous() for name, value in token_head.state_dict().items()}
    save_file(weights, folder / HEAD_FILE)


def open_token_head(folder: Path) -> TokenHead | None:
    """Open the head beside a model's files, in eval mode; None where there is none."""
    file = folder / HEAD_FILE
    if not file.is_file():
        return None
    weights = load_file(file)
    token_head = TokenHead(weights["linear.weight"].shape[1])
    token_head.load_state_dict(weights)
    return token_head.eval()
