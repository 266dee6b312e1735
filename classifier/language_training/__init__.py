"""Training of the language model: rows of text with a language code to `language.ftz` and `language.json`.

Reading order: `settings`, `rows` (what is learned from), this module (fitting), `tuning` (priors and calibration),
`report` (how good it is).
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classifier.errors import TrainingError
from classifier.language.codes import canonical
from classifier.language.identifier import FACTS, FORMAT, MODEL
from classifier.language.model_file import read_model
from classifier.language_training.rows import TrainingText, read_rows, topped_up, training_text
from classifier.language_training.settings import COMMON, DEFAULTS, Settings
from classifier.language_training.tuning import tune
from classifier.training_files import check_folder, make_folder, write_folder

__all__ = ["Settings", "describe", "install", "read_rows", "train_language"]


def train_language(
    data: Sequence[Path],
    out: Path,
    seed: int = 1,
    dev: Path | None = None,
    settings: Settings = DEFAULTS,
) -> dict[str, Any]:
    """Train a language model on JSON Lines with text and lang; writes language.ftz and language.json into `out`.

    With `dev` (rows of the same form, not used for training) priors and calibration are tuned on half of it. Gives the
    facts stored in language.json. Raises TrainingError where a file or row is unreadable, fewer than two languages are
    left, or `dev` says nothing about them, and OutputError where `out` is no folder to write into; all before anything
    is fitted.
    """
    check_folder(out)
    for path in (*data, *([dev] if dev else [])):  # reading takes long where there are many rows
        if not path.exists():
            raise TrainingError(f"{path}: no such file")
    rng = random.Random(seed)
    rows = list(read_rows(dev)) if dev else []
    text = training_text(data, settings, rng)
    if len(text.lines) < 2:
        raise TrainingError(f"need at least two languages with {settings.fewest} rows or more, found {len(text.lines)}")
    if dev and sum(canonical(row["lang"]) in text.lines for row in rows) < 2:
        raise TrainingError(f"{dev}: holds no two rows in the languages that are trained; give rows in these")
    make_folder(out)
    with tempfile.TemporaryDirectory(dir=out) as name:
        model = _fit(topped_up(text.lines, settings, rng), Path(name), settings, seed)
        facts = describe(model, text, settings)
        if dev:
            facts |= tune(read_model(model), rows, COMMON)
        install(model, facts, out)
    return facts


def _fit(lines: list[str], folder: Path, settings: Settings, seed: int) -> Path:
    """Train and quantise; gives the path of the .ftz file in `folder`."""
    import fasttext

    fasttext.FastText.eprint = lambda *_: None
    text = folder / "train.txt"
    text.write_text("".join(lines), encoding="utf-8")
    model = fasttext.train_supervised(
        str(text), dim=settings.dimension, minn=1, maxn=settings.longest, minCount=10**9, bucket=settings.buckets,
        wordNgrams=1, epoch=settings.epochs, lr=settings.rate, loss="softmax", thread=settings.threads, seed=seed,
        verbose=0,
    )  # fmt: skip
    model.quantize(
        str(text), qnorm=True, cutoff=settings.kept, dsub=settings.sub_dimension, retrain=True, epoch=1, lr=0.15,
        thread=settings.threads, verbose=0,
    )  # fmt: skip
    out = folder / MODEL
    model.save_model(str(out))
    return out


def describe(model: Path, text: TrainingText, settings: Settings) -> dict[str, Any]:
    """The facts that the identifier needs about a model file, without calibration."""
    raw = model.read_bytes()
    return {
        "format": FORMAT,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "rows": text.rows,
        "sources": text.sources,
        "settings": asdict(settings),
        "common": sorted(COMMON & text.rows.keys()),
    }


def install(model: Path, facts: dict[str, Any], out: Path) -> None:
    """Put model and facts into `out`, each whole or not at all; OutputError where that fails."""
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    write_folder(out, {MODEL: model.read_bytes(), FACTS: text.encode("utf-8", "replace")})
