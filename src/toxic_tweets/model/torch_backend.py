"""Run any Hugging Face sequence-classification folder with torch (extra `train`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from toxic_tweets.errors import CheckpointError, MissingExtraError
from toxic_tweets.model.calibration import Activation, Calibration
from toxic_tweets.model.checkpoint import TOKENIZER_FILE, Checkpoint, file_sha256
from toxic_tweets.model.tokenizer import open_tokenizer, prepare_tokenizer
from toxic_tweets.policy import Thresholds

# Longer windows cost more per token and only few encoders know them; Detoxify cuts there as well.
_MAX_TOKENS = 512
_OVERLAP_TOKENS = 32
_VOCABULARIES = ("vocab.txt", "vocab.json", "*.model", "*.tiktoken")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.h5", "*.msgpack")


@dataclass(frozen=True, slots=True)
class HuggingFaceFolder:
    """Hold what a Hugging Face folder gives once it is open.

    Attributes:
        checkpoint: its labels and settings, read from `config.json`.
        backend: its weights.
        tokenizer: its tokenizer.
    """

    checkpoint: Checkpoint
    backend: TorchBackend
    tokenizer: Tokenizer


class TorchBackend:
    """Hold a PyTorch model in eval mode that many threads share."""

    takes_many = False

    def __init__(self, folder: Path) -> None:
        """Open the weights, from safetensors only and without any code of the folder.

        Raises:
            CheckpointError: there are no safetensors weights, or they do not fit the config.
            MissingExtraError: torch or transformers is not installed.
        """
        check_weights(folder)
        try:
            import torch
            from transformers import AutoModelForSequenceClassification
            from transformers.utils import logging as transformers_logging
        except ModuleNotFoundError as error:
            raise MissingExtraError("train", str(error.name)) from error
        logging: Any = transformers_logging
        has_bar = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()  # stderr belongs to whoever called
        try:
            model = AutoModelForSequenceClassification.from_pretrained(
                folder,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                dtype=torch.float32,
            )
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise CheckpointError(
                f"{folder} cannot be opened as a sequence classifier by transformers: {error}"
            ) from error
        finally:
            if has_bar:
                logging.enable_progress_bar()
        self._model: Any = model.eval()
        self.n_outputs = int(model.config.num_labels)

    def run(self, input_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return logits (texts, outputs) for token ids (texts, tokens)."""
        import torch

        with torch.inference_mode():
            ids = torch.from_numpy(input_ids)
            logits = self._model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        return np.asarray(logits.float().numpy(), dtype=np.float32)

    def run_each(self, windows: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
        """Return the logits (1, outputs) of each window, which is a run of its own."""
        return [self.run(np.array([window], dtype=np.int64)) for window in windows]


def open_hf_folder(folder: Path) -> HuggingFaceFolder:
    """Open a Hugging Face sequence-classification folder, so that people can bring their own.

    Labels come from `id2label`. Scores are sigmoids where `problem_type` says multi-label or there
    is one output, else a softmax over all. They are not calibrated, and thresholds are not tuned.

    Raises:
        CheckpointError: the folder is not such a one, or holds pickled weights only.
        MissingExtraError: torch or transformers is not installed.
    """
    config = _read_config(folder)
    check_weights(folder)
    labels = _read_labels(config, folder)
    activation = _read_activation(config, len(labels))
    backend = TorchBackend(folder)
    if backend.n_outputs != len(labels):
        raise CheckpointError(
            f"{folder / 'config.json'}: id2label lists {len(labels)} labels but the head has "
            f"{backend.n_outputs} outputs. Mend id2label."
        )
    tokenizer = _open_tokenizer(folder)
    checkpoint = Checkpoint(
        folder=folder,
        id=f"{folder.resolve().name}@{_hash_folder(folder)[:12]}",
        name=folder.resolve().name,
        version="",
        task=str(config.get("problem_type") or "classification"),
        labels=labels,
        activation=activation,
        outputs=labels,
        max_tokens=_read_max_tokens(config, folder),
        overlap_tokens=_OVERLAP_TOKENS,
        calibration=Calibration.identity(len(labels), activation),
        thresholds=Thresholds.make_untuned(labels),
        base=str(config.get("_name_or_path") or config.get("model_type") or ""),
        raw=config,
    )
    return HuggingFaceFolder(checkpoint, backend, tokenizer)


def check_weights(folder: Path) -> None:
    """Refuse a folder without safetensors weights: pickles can run code when they are read.

    Raises:
        CheckpointError: the message says how to convert pickled weights.
    """
    if any(folder.glob("*.safetensors")):
        return
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        raise CheckpointError(
            f"{folder} holds its weights as {', '.join(pickles)} only, but pickled weights can run "
            "code and are refused. Convert them: load them where you trust them and save them with "
            "model.save_pretrained(folder), which writes model.safetensors."
        )
    raise CheckpointError(
        f"{folder} has no model.safetensors, and weights in any other form are not read. "
        "Save them with model.save_pretrained(folder)."
    )


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{folder} has neither checkpoint.json nor config.json: it is neither a checkpoint of "
            "Toxic Tweets nor a Hugging Face sequence-classification folder."
        ) from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}.") from error
    names = config.get("architectures") if isinstance(config, dict) else None
    if not names or not all("ForSequenceClassification" in str(name) for name in names):
        raise CheckpointError(
            f"{path}: architectures is {names!r}, but must name a ...ForSequenceClassification: "
            "other models have no head that gives scores. Fine-tune it first: toxic-tweets train."
        )
    return dict(config)


def _read_labels(config: dict[str, Any], folder: Path) -> tuple[str, ...]:
    names = config.get("id2label") or {"0": "LABEL_0", "1": "LABEL_1"}  # transformers' default
    try:
        by_column = {int(column): str(name) for column, name in names.items()}
    except (AttributeError, ValueError) as error:
        raise CheckpointError(f"{folder / 'config.json'}: id2label is malformed.") from error
    labels = tuple(by_column[column] for column in sorted(by_column))
    if sorted(by_column) != list(range(len(labels))) or len(set(labels)) < len(labels):
        raise CheckpointError(
            f"{folder / 'config.json'}: id2label must number the labels from 0, each once."
        )
    return labels


def _read_activation(config: dict[str, Any], n_labels: int) -> Activation:
    if config.get("problem_type") == "multi_label_classification" or n_labels == 1:
        return "sigmoid"
    return "softmax"


def _read_max_tokens(config: dict[str, Any], folder: Path) -> int:
    """Return the longest window that the encoder has positions for."""
    limits = [_MAX_TOKENS]
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        # RoBERTa and its kin count positions from behind the padding token.
        is_shifted = "roberta" in str(config.get("model_type")) or config.get("model_type") in (
            "camembert",
            "mpnet",
            "longformer",
        )
        limits.append(positions - (int(config.get("pad_token_id") or 1) + 1 if is_shifted else 0))
    try:
        settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        limits.append(int(settings["model_max_length"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass  # it is a hint only
    return max(min(limits), 8)


def _open_tokenizer(folder: Path) -> Tokenizer:
    if (folder / TOKENIZER_FILE).is_file():
        return open_tokenizer(folder / TOKENIZER_FILE)
    missing = CheckpointError(
        f"{folder} has no tokenizer.json and none can be made of its other files. Save it with "
        "tokenizer.save_pretrained(folder)."
    )
    # Without this, transformers would make up a tokenizer that knows no word at all.
    if not any(path for pattern in _VOCABULARIES for path in folder.glob(pattern)):
        raise missing
    from transformers import AutoTokenizer

    try:
        slow_or_fast: Any = AutoTokenizer.from_pretrained(
            folder, trust_remote_code=False, local_files_only=True
        )
        return prepare_tokenizer(slow_or_fast.backend_tokenizer)
    except (OSError, ValueError, KeyError, AttributeError, ImportError) as error:
        raise missing from error


def _hash_folder(folder: Path) -> str:
    """Return a hash of all that scores depend on."""
    whole = hashlib.sha256()
    for path in sorted((*folder.glob("*.json"), *folder.glob("*.safetensors"))):
        whole.update(f"{path.name} {file_sha256(path)}\n".encode())
    return whole.hexdigest()
