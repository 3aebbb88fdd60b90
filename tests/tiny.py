"""Tiny real models that tests make: a 2-layer, 32-wide BERT, trained in a second or two."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from toxic_tweets.labels import SENTIMENT_NAMES, TOXICITY_NAMES
from toxic_tweets.model.calibration import Activation, Calibration
from toxic_tweets.model.cascade import Gate
from toxic_tweets.model.checkpoint import (
    CHECKPOINT_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    Checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from toxic_tweets.policy import Thresholds

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = (
    "you",
    "are",
    "a",
    "an",
    "is",
    "this",
    "the",
    "day",
    "nice",
    "kind",
    "good",
    "bad",
    "sad",
    "it",
)
NASTY: Mapping[str, tuple[str, ...]] = {
    "idiot": ("toxic", "insult"),
    "stupid": ("toxic", "insult"),
    "damn": ("toxic", "obscene"),
    "hurt": ("toxic", "threat"),
    "vermin": ("toxic", "severe_toxic", "insult", "identity_hate"),
}
SENTIMENTS: Mapping[str, tuple[str, ...]] = {
    "bad": ("negative",),
    "sad": ("negative",),
    "good": ("positive",),
    "nice": ("positive",),
    "kind": ("positive",),
}
ProblemType = Literal["single_label_classification", "multi_label_classification"]

MAX_TOKENS = 32
OVERLAP_TOKENS = 8
SHIFT = 0.25


def make_tokenizer() -> Tokenizer:
    """Return a WordPiece tokenizer that knows a few words and every letter."""
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *WORDS, *NASTY]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def train_model(
    labels: Sequence[str], meanings: Mapping[str, tuple[str, ...]], problem_type: ProblemType
) -> Any:
    """Return a BERT that knows what its words mean, trained for a second or two."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = make_tokenizer()
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=tokenizer.get_vocab_size(),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
            problem_type=problem_type,
            initializer_range=0.2,  # the usual 0.02 is slow to leave at this width
        )
    )
    # A place in the window that was never trained must not shout.
    torch.nn.init.zeros_(model.bert.embeddings.position_embeddings.weight)
    is_single = problem_type == "single_label_classification"
    loss_of: Any = torch.nn.CrossEntropyLoss() if is_single else torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    random = Random(0)
    plain = [word for word in WORDS if word not in meanings]
    for step in range(180):
        rows = [_draw(random, plain, tuple(meanings), 1 + step % 12) for _ in range(32)]
        ids = torch.tensor([tokenizer.encode(" ".join(row)).ids for row in rows])
        targets = torch.tensor(
            [
                [float(any(label in meanings.get(word, ()) for word in row)) for label in labels]
                for row in rows
            ]
        )
        if is_single:  # on a draw it is neutral
            targets = ((targets[:, 2] - targets[:, 0]).sign() + 1).long()
        loss = loss_of(model(input_ids=ids).logits, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.train(False)
    return model


def _draw(random: Random, plain: list[str], telling: tuple[str, ...], length: int) -> list[str]:
    """Return so many plain words, every other time with one or two telling ones among them."""
    row = random.choices(plain, k=length)
    for _ in range(random.choice((0, 0, 1, 2))):
        row[random.randrange(length)] = random.choice(telling)
    return row


def save_hf_folder(model: Any, folder: Path) -> Path:
    """Save a model and the tokenizer as Hugging Face tools do."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    make_tokenizer().save(str(folder / TOKENIZER_FILE))
    settings = {"tokenizer_class": "BertTokenizer", "model_max_length": 64}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


def save_checkpoint(graph: Path, folder: Path, name: str, activation: Activation) -> Checkpoint:
    """Quantise the exported graph of a tiny model and save it as a checkpoint of ours."""
    from toxic_tweets.model.export import quantise

    folder.mkdir(parents=True, exist_ok=True)
    quantise(graph, folder / MODEL_FILE)
    make_tokenizer().save(str(folder / TOKENIZER_FILE))
    labels = SENTIMENT_NAMES if activation == "softmax" else TOXICITY_NAMES
    return write_checkpoint(
        folder,
        name=name,
        version="1",
        task="sentiment" if activation == "softmax" else "toxicity",
        labels=labels,
        outputs=labels,
        max_tokens=MAX_TOKENS,
        overlap_tokens=OVERLAP_TOKENS,
        calibration=Calibration.identity(len(labels), activation),
        thresholds=Thresholds.make_untuned(labels),
        languages=["en"],
        licence="Apache-2.0",
        base="a model made in the tests",
        metrics={"mean_auc": 0.5},
    )


def copy_stage(source: Path, folder: Path) -> Checkpoint:
    """Copy a checkpoint under the name of its new folder."""
    shutil.copytree(source, folder)
    path = folder / CHECKPOINT_FILE
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**raw, "name": folder.name}), encoding="utf-8")
    return read_checkpoint(folder)


def save_cascade(folder: Path, stages: Sequence[str], cut: float = 0.0) -> Checkpoint:
    """Save a cascade of two stages beside it, which settles what has no logit from `cut` on.

    The quick stage's logits are moved by `SHIFT`, which tells who answered.
    """
    n = len(TOXICITY_NAMES)
    gate = Gate((1.0,) * n, (SHIFT,) * n, (cut,) * n)
    folder.mkdir()
    return write_checkpoint(
        folder,
        name=folder.name,
        version="1",
        task="toxicity",
        labels=TOXICITY_NAMES,
        outputs=TOXICITY_NAMES,
        max_tokens=MAX_TOKENS,
        overlap_tokens=OVERLAP_TOKENS,
        calibration=Calibration.identity(n, "sigmoid"),
        thresholds=Thresholds.make_untuned(TOXICITY_NAMES),
        languages=["en"],
        licence="Apache-2.0",
        base="two models made in the tests",
        metrics={},
        parts={"cascade": {"stages": list(stages), **gate.to_dict(TOXICITY_NAMES)}},
    )
