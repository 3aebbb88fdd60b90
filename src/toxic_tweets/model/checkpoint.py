"""The checkpoint folder: weights, tokenizer, labels, calibration, thresholds and card, in format 1.

Only ONNX, safetensors and JSON are ever read: nothing in a checkpoint can run code.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from toxic_tweets.errors import CheckpointError, PolicyError
from toxic_tweets.model.calibration import Activation, Calibration
from toxic_tweets.model.card import CARD_FILE
from toxic_tweets.model.fields import Fields
from toxic_tweets.policy import Thresholds

FORMAT = 1
EMBEDDED = Path(__file__).parent.parent / "checkpoints"
# The newest `text.normalize.VERSION` that this package knows; a test holds the two together. Each
# undoes what older ones do, and more, so checkpoints that were trained with an older stay usable.
NORMALIZER = 2
CHECKPOINT_FILE = "checkpoint.json"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
METRICS_FILE = "metrics.json"
# The part of a checkpoint that has no weights of its own, but names those of others.
CASCADE_PART = "cascade"

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
# Not hashed: the first would have to hold its own hash, the next two name the checkpoint's id.
_UNHASHED = (CHECKPOINT_FILE, CARD_FILE, METRICS_FILE, ".gitattributes")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Describe the weights in a folder: what they give and how to read it.

    Attributes:
        folder: where the files are.
        id: name and content, such as `small@0123456789ab`; another id means other scores.
        name: what people call it.
        version: version of the weights under that name.
        task: what is judged, such as `toxicity`.
        labels: names of the scores, in order.
        activation: `sigmoid` when labels are independent, `softmax` when exactly one fits.
        outputs: names of all logit columns: the labels first, then optional parts.
        max_tokens: the longest window, special tokens included.
        overlap_tokens: tokens that neighbouring windows share.
        calibration: from logits to scores.
        thresholds: fitted cuts per label.
        languages: codes of the languages it was trained on.
        licence: SPDX name of the licence.
        base: the encoder it was fine-tuned from.
        metrics: what was measured, by flat name.
        files: SHA-256 of each file that scores depend on.
        raw: the whole content of `checkpoint.json`, with the keys that this version ignores.
    """

    folder: Path
    id: str
    name: str
    version: str
    task: str
    labels: tuple[str, ...]
    activation: Activation
    outputs: tuple[str, ...]
    max_tokens: int
    overlap_tokens: int
    calibration: Calibration
    thresholds: Thresholds
    languages: tuple[str, ...] = ()
    licence: str = ""
    base: str = ""
    metrics: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    raw: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def parts(self) -> Mapping[str, Any]:
        """Return the settings of optional parts, by name of the part."""
        return MappingProxyType(self.raw.get("parts", {}))

    @property
    def normalizer(self) -> int:
        """Return the version of the normaliser that texts pass through, 0 for none."""
        return int(self.parts.get("normalizer", {}).get("version", 0))

    @property
    def stages(self) -> tuple[str, ...]:
        """Return the exact ids of the checkpoints that a cascade runs, none for any other."""
        return tuple(self.parts.get(CASCADE_PART, {}).get("stages", ()))

    @property
    def size_bytes(self) -> int:
        """Return the size of all files in the folder."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())


def embedded_names() -> tuple[str, ...]:
    """Return the names of the checkpoints that ship inside the package."""
    return tuple(sorted(path.parent.name for path in EMBEDDED.glob(f"*/{CHECKPOINT_FILE}")))


def is_checkpoint(folder: Path) -> bool:
    """Tell a checkpoint of ours from another folder, such as a Hugging Face one."""
    return (folder / CHECKPOINT_FILE).is_file()


def find_checkpoint(name_or_path: str | Path, revision: str | None = None) -> Path:
    """Return the folder that is meant: an embedded one, a folder, or one of the Hub, fetched.

    Args:
        name_or_path: an embedded name, else a path, else a hub id `owner/name`.
        revision: branch, tag or commit, for a hub id only.

    Raises:
        CheckpointError: it is none of these.
        HubError: the Hub does not give it.
    """
    is_name = isinstance(name_or_path, str)
    folder = Path(name_or_path)
    if is_name and name_or_path in embedded_names():
        folder = EMBEDDED / name_or_path
    if folder.is_dir() and name_or_path != "":  # "" would be the folder one stands in
        if revision is not None:
            raise CheckpointError(
                f"The revision {revision!r} was given for the folder {folder}, but only hub ids "
                "have revisions. Leave it out."
            )
        return folder
    if is_name and _HUB_ID.fullmatch(str(name_or_path)):
        from toxic_tweets.model.hub import pull

        return pull(str(name_or_path), revision)
    names = ", ".join(embedded_names()) or "none in this copy"
    raise CheckpointError(
        f"There is no checkpoint {str(name_or_path)!r}. Give an embedded name ({names}), the path "
        "of a folder, or a hub id such as owner/name."
    )


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read and check what `checkpoint.json` says, without the weights.

    Raises:
        CheckpointError: it is missing, of a newer format, or says what cannot be.
    """
    raw = _read_json(folder / CHECKPOINT_FILE)
    _check_format(raw, folder)
    fields = Fields({"parts": {}, **raw}, folder / CHECKPOINT_FILE)
    labels = fields.names("labels")
    activation = fields.text("activation")
    window = Fields(fields.table("window"), fields.path)
    outputs = fields.names("outputs")
    if outputs[: len(labels)] != labels:
        raise CheckpointError(
            f"{fields.path}: outputs begin with {list(outputs[: len(labels)])}, but must begin "
            f"with the labels {list(labels)}. Re-export the checkpoint."
        )
    _check_normalizer(fields)
    _check_stages(fields)
    if activation not in ("sigmoid", "softmax"):
        raise fields.wrong("activation", "sigmoid or softmax")
    kind: Activation = "softmax" if activation == "softmax" else "sigmoid"
    return Checkpoint(
        folder=folder,
        id=f"{fields.text('name')}@{_canonical_sha256(raw)[:12]}",
        name=fields.text("name"),
        version=fields.text("version"),
        task=fields.text("task"),
        labels=labels,
        activation=kind,
        outputs=outputs,
        max_tokens=window.number("max_tokens"),
        overlap_tokens=window.number("overlap_tokens"),
        calibration=Calibration.from_dict(fields.table("calibration"), labels, kind),
        thresholds=_read_thresholds(fields, labels, kind),
        languages=fields.names("languages"),
        licence=fields.text("licence"),
        base=fields.text("base"),
        metrics=MappingProxyType(fields.table("metrics")),
        files=MappingProxyType(_read_files(fields)),
        raw=MappingProxyType(raw),
    )


def check_files(checkpoint: Checkpoint) -> None:
    """Compare every file with its hash, so that a torn download never scores a text.

    Raises:
        CheckpointError: a file is missing or is not the one that was written.
    """
    for name, expected in checkpoint.files.items():
        path = checkpoint.folder / name
        if not path.is_file():
            raise CheckpointError(f"{path} is missing. Fetch or re-export the checkpoint.")
        if file_sha256(path) != expected:
            raise CheckpointError(
                f"{path} is not the file that {CHECKPOINT_FILE} names: its SHA-256 differs. "
                "Fetch or re-export the checkpoint."
            )


def write_checkpoint(
    folder: Path,
    *,
    name: str,
    version: str,
    task: str,
    labels: Sequence[str],
    outputs: Sequence[str],
    max_tokens: int,
    overlap_tokens: int,
    calibration: Calibration,
    thresholds: Thresholds,
    languages: Sequence[str],
    licence: str,
    base: str,
    metrics: Mapping[str, float],
    recipe_sha256: str = "",
    data_sha256: str = "",
    parts: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """Write `checkpoint.json` beside `model.onnx` and `tokenizer.json`, and read it back.

    A cascade has neither: its stages have them. Every other file of the folder is hashed too, but
    the card, the metrics and `.gitattributes`. The activation is the calibration's.

    Args:
        folder: holds the graph and the tokenizer already.
        name: what people call it.
        version: version of the weights under that name.
        task: what is judged, such as `toxicity`.
        labels: names of the scores, in order.
        outputs: names of all logit columns: the labels first.
        max_tokens: the longest window, special tokens included.
        overlap_tokens: tokens that neighbouring windows share.
        calibration: from logits to scores.
        thresholds: fitted cuts per label.
        languages: codes of the languages it was trained on.
        licence: SPDX name of the licence.
        base: the encoder it was fine-tuned from.
        metrics: what was measured, by flat name.
        recipe_sha256: hash of the recipe that made it.
        data_sha256: hash of the rows it was trained on.
        parts: settings of optional parts, by name of the part.

    Raises:
        CheckpointError: a file is missing, or the values contradict each other.
    """
    for needed in _needed_files(parts or {}):
        if not (folder / needed).is_file():
            raise CheckpointError(
                f"{folder / needed} is missing. Export it before {CHECKPOINT_FILE}."
            )
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    raw = {
        "format": FORMAT,
        "name": name,
        "version": version,
        "task": task,
        "labels": list(labels),
        "activation": calibration.activation,
        "outputs": list(outputs),
        "window": {"max_tokens": max_tokens, "overlap_tokens": overlap_tokens},
        "calibration": calibration.to_dict(labels),
        "thresholds": thresholds.to_dict(),
        "languages": list(languages),
        "licence": licence,
        "base": base,
        "metrics": dict(metrics),
        "files": {path.name: file_sha256(path) for path in paths if path.name not in _UNHASHED},
        "recipe_sha256": recipe_sha256,
        "data_sha256": data_sha256,
        "parts": dict(parts or {}),
    }
    aside = folder / f".{CHECKPOINT_FILE}.partial"
    aside.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(aside, folder / CHECKPOINT_FILE)
    return read_checkpoint(folder)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _canonical_sha256(raw: Mapping[str, Any]) -> str:
    """Return a hash that the layout of the file does not change."""
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{path} is missing: {path.parent} is not a checkpoint of Toxic Tweets."
        ) from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise CheckpointError(f"{path} must hold one JSON object. Re-export the checkpoint.")
    return raw


def _check_format(raw: Mapping[str, Any], folder: Path) -> None:
    found = raw.get("format")
    if found == FORMAT:
        return
    if isinstance(found, int) and found > FORMAT:
        raise CheckpointError(
            f"{folder} is a checkpoint of format {found}, but this version of Toxic Tweets reads "
            f"format {FORMAT}. Type: pip install --upgrade toxic-tweets"
        )
    raise CheckpointError(
        f"{folder / CHECKPOINT_FILE}: format is {found!r}, but must be {FORMAT}. "
        "Re-export the checkpoint."
    )


def _check_normalizer(fields: Fields) -> None:
    """Refuse a checkpoint whose texts this package cannot read as they were in training."""
    if "normalizer" not in fields.table("parts"):
        return
    part = Fields(Fields(fields.table("parts"), fields.path).table("normalizer"), fields.path)
    found = part.number("version")
    if found > NORMALIZER:
        raise CheckpointError(
            f"{fields.path}: it needs version {found} of the normaliser, but this version of Toxic "
            f"Tweets has {NORMALIZER}. Type: pip install --upgrade toxic-tweets"
        )


def _check_stages(fields: Fields) -> None:
    """Refuse a cascade that does not name two checkpoints."""
    parts = fields.table("parts")
    if CASCADE_PART not in parts:
        return
    part = Fields(Fields(parts, fields.path).table(CASCADE_PART), fields.path)
    stages = part.names("stages")
    # A name with a slash could lead out of the folder beside this one.
    if len(stages) != 2 or not all(re.fullmatch(r"[\w.-]+@[0-9a-f]+", one) for one in stages):
        raise part.wrong("stages", "the ids of two checkpoints, such as small@0123456789ab")


def _read_thresholds(fields: Fields, labels: tuple[str, ...], activation: Activation) -> Thresholds:
    """Return the cuts; a single-choice checkpoint flags nothing and may have none."""
    values = fields.table("thresholds")
    if activation == "softmax" and not any(values.values()):
        return Thresholds.make_untuned(labels)
    try:
        thresholds = Thresholds.from_dict(values)
    except PolicyError as error:
        raise CheckpointError(f"{fields.path}: {error}") from error
    for cuts in (thresholds.best_f1, thresholds.precision_90, thresholds.recall_90):
        if set(cuts) != set(labels):
            raise fields.wrong("thresholds", f"one number for each of {', '.join(labels)}")
    return thresholds


def _needed_files(parts: Mapping[str, Any]) -> tuple[str, ...]:
    return () if CASCADE_PART in parts else (MODEL_FILE, TOKENIZER_FILE)


def _read_files(fields: Fields) -> dict[str, str]:
    files = fields.table("files")
    for name, expected in files.items():
        # A name with a slash could lead out of the folder.
        if "/" in name or "\\" in name or not isinstance(expected, str):
            raise fields.wrong("files", "plain file names, each with its SHA-256")
    missing = set(_needed_files(fields.table("parts"))) - set(files)
    if missing:
        raise fields.wrong("files", f"the hash of {' and '.join(sorted(missing))} too")
    return files
