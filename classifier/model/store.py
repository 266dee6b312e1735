"""A model folder: arrays and a manifest that says what they are; no pickle, nothing guessed."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelError
from classifier.model.blocks import BlockModel
from classifier.model.context import ContextModel, input_names
from classifier.records import LABELS

FORMAT = 5
MANIFEST, BLOCKS, CONTEXT = "manifest.json", "blocks.npz", "context.npz"


@dataclass(frozen=True, slots=True)
class StoredModel:
    """What `filter` loads for labels: both stages and the manifest.

    `digest` is a hash over the arrays of both stages and the presets. It does not cover the language model, though the
    second stage uses the languages found: that is checked against the hash in language.json when it is loaded.
    """

    blocks: BlockModel
    context: ContextModel
    manifest: Mapping[str, Any]
    digest: str


def contents(blocks: BlockModel, context: ContextModel, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of a model folder, the manifest last: it gets format, labels, inputs and the hashes of the others."""
    files = {BLOCKS: _packed(blocks.arrays()), CONTEXT: _packed(context.arrays())}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    facts = {"format": FORMAT, "labels": list(LABELS), "inputs": input_names(), "files": hashes, **manifest}
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    return files | {MANIFEST: text.encode("utf-8", "replace")}  # names of files and sources may hold lone surrogates


def _packed(arrays: Mapping[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def digest_of(path: Path) -> str:
    """SHA-256 of a file, as the manifest holds it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(folder: Path) -> StoredModel:
    """Read a model folder. ModelError says which file is missing, changed or of another format."""
    manifest = _manifest(folder)
    arrays = {name: _arrays(folder / name, manifest["files"].get(name, "")) for name in (BLOCKS, CONTEXT)}
    try:
        blocks, context = BlockModel.from_arrays(arrays[BLOCKS]), ContextModel.from_arrays(arrays[CONTEXT])
    except KeyError as error:
        raise ModelError(f"{folder}: the array {error} is missing; train the model again") from error
    except ValueError as error:
        raise ModelError(f"{folder}: wrong arrays ({error}); train the model again") from error
    hashes = sorted(manifest["files"][name] for name in arrays)
    deciding = [*hashes, json.dumps(manifest["presets"], sort_keys=True)]
    digest = hashlib.sha256("".join(deciding).encode()).hexdigest()
    return StoredModel(blocks, context, manifest, digest)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a model folder of any format; ModelError where the folder is none, or cannot be read."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(
            f"{folder}: no model here ({MANIFEST} is missing); name a folder made by `classifier train`"
        ) from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); name a folder that you may read") from error
    except ValueError as error:
        raise ModelError(f"{path}: not readable as JSON ({error}); train the model again") from error
    if not isinstance(manifest, dict):
        raise ModelError(f"{path}: not readable as a JSON object; train the model again")
    if "labels" not in manifest:  # a run of `filter` leaves a manifest.json too
        raise ModelError(
            f"{folder}: no model here (not the {MANIFEST} of a model); name a folder made by `classifier train`"
        )
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a model that this version can use; ModelError otherwise."""
    path, manifest = folder / MANIFEST, read_manifest(folder)
    if manifest.get("format") != FORMAT:
        found = manifest.get("format")
        raise ModelError(
            f"{path}: format {found!r}, this version reads format {FORMAT};"
            " train the model again or install the version that made it"
        )
    if manifest.get("inputs") != input_names() or manifest.get("labels") != list(LABELS):
        raise ModelError(f"{path}: made for other labels or inputs than this version computes; train the model again")
    lacking = [name for name in ("files", "presets") if not manifest.get(name) or not isinstance(manifest[name], dict)]
    if lacking:
        raise ModelError(f"{path}: has no {' and no '.join(lacking)}; train the model again")
    for name, preset in manifest["presets"].items():
        if not _holds_thresholds(preset):
            raise ModelError(f"{path}: the preset {name} is no set of thresholds from 0 to 1; restore the file")
    return manifest


def _holds_thresholds(preset: Any) -> bool:
    """Whether it has the numbers, 0 to 1, that `decide` asks for: people may change them by hand."""
    if not isinstance(preset, dict):
        return False
    wanted = ("article", "consent", "gap", "least") if "gap" in preset else ("article", "consent")
    return all(type(preset.get(name)) in (int, float) and 0 <= preset[name] <= 1 for name in wanted)  # no NaN, no true


def _arrays(path: Path, expected: str) -> dict[str, NDArray[np.generic]]:
    try:
        found = digest_of(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); the model folder is incomplete") from error
    if found != expected:
        raise ModelError(f"{path}: changed since the manifest was written; restore the file or train the model again")
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    except ValueError as error:
        raise ModelError(f"{path}: not plain arrays ({error}); train the model again") from error
