"""Training of the language model: rows of text with a language code to `language.ftz` and `language.json`."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from classifier.errors import TrainingError
from classifier.language.codes import canonical, script_of
from classifier.language.normalise import feat
from classifier.language.scripts import SIGNS, main_script

_FEWEST_ROWS = 150  # a language with fewer rows is left out
_TOP_UP = 2500  # languages with fewer lines are repeated, at most three times
_CROPS = {"prose": 0.7, "interface": 0.4}  # share of rows of a kind that also give a crop of 1 to 4 words
_CAPITALS = 0.04  # share of rows that are also seen through upper case
_LEFT_OUT = ("GPL", "AGPL")  # licences whose rows are not used
_DROPPED = frozenset({"kxv-Telu", "kxv-Orya", "dz-Latn", "isv", "sa-Latn", "yi-Latn", "inh-Latn", "sah-Latn"})


@dataclass(frozen=True)
class Settings:
    """What decides the size, the quality and the time of a language model."""

    dimension: int = 32
    epochs: int = 4
    rate: float = 0.6
    buckets: int = 1_000_000
    kept: int = 450_000  # n-grams left after quantising
    sub_dimension: int = 2  # numbers that one byte stands for
    share: float = 1.0  # share of the rows used
    threads: int = 2


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSON Lines file, plain or compressed (.gz, .zst)."""
    with path.open("rb") as raw:
        stream: Any = raw
        if path.suffix == ".zst":
            stream = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(raw)
        elif path.suffix == ".gz":
            stream = gzip.GzipFile(fileobj=raw)
        for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8", newline="\n"), 1):
            try:
                row = json.loads(line)
                yield {"kind": "prose", "licence": "", **row, "text": row["text"], "lang": row["lang"]}
            except (ValueError, KeyError, TypeError) as error:
                raise TrainingError(f"{path}, line {number}: not a row with text and lang ({error})") from error


def _crop(features: str, tag: str, dice: random.Random) -> str:
    """One to four words of a text, or three to nine signs where words are not written apart."""
    if script_of(tag) in SIGNS or script_of(tag) in ("Thai", "Laoo", "Khmr", "Mymr", "Tibt"):
        size = dice.randint(3, 9)
        start = dice.randrange(max(1, len(features) - size))
        return features[start : start + size].strip()
    words = features.split()
    size = dice.randint(1, 4)
    start = dice.randrange(max(1, len(words) - size + 1))
    return " ".join(words[start : start + size])


def _lines(data: Sequence[Path], settings: Settings, dice: random.Random) -> dict[str, list[str]]:
    """Normalised training lines by tag."""
    lines: dict[str, list[str]] = defaultdict(list)
    for path in data:
        for row in read_rows(path):
            if row["licence"].startswith(_LEFT_OUT) or dice.random() >= settings.share:
                continue
            tag, features = canonical(row["lang"]), feat(row["text"])
            if tag in _DROPPED or not features:
                continue
            lines[tag].append(features)
            if dice.random() < _CROPS.get(row["kind"], 0.0):
                lines[tag].append(_crop(features, tag, dice))
            if dice.random() < _CAPITALS:
                lines[tag].append(feat(row["text"].upper()))
    return {tag: got for tag, got in lines.items() if len(got) >= _FEWEST_ROWS * settings.share}


def _top_up(lines: dict[str, list[str]], dice: random.Random) -> list[str]:
    """All lines with their fastText label, in random order, small languages repeated."""
    out: list[str] = []
    for tag, got in sorted(lines.items()):
        wanted = max(len(got), min(3 * len(got), _TOP_UP))
        more = (dice.choice(got) for _ in range(wanted - len(got)))
        got = got + [_crop(t, tag, dice) if dice.random() < 0.5 else t for t in more]
        out.extend(f"__label__{tag} {text}\n" for text in got if len(text) > 1)
    dice.shuffle(out)
    return out


def _fit(lines: list[str], folder: Path, settings: Settings, seed: int) -> Path:
    """Train and quantise; gives the path of the .ftz file in `folder`."""
    import fasttext  # type: ignore[import-untyped]

    fasttext.FastText.eprint = lambda *_: None
    text = folder / "train.txt"
    text.write_text("".join(lines), encoding="utf-8")
    model = fasttext.train_supervised(
        str(text), dim=settings.dimension, minn=1, maxn=5, minCount=10**9, bucket=settings.buckets, wordNgrams=1,
        epoch=settings.epochs, lr=settings.rate, loss="softmax", thread=settings.threads, seed=seed, verbose=0,
    )  # fmt: skip
    if os.environ.get("KEEP_MODEL"):
        model.save_model(os.environ["KEEP_MODEL"])
    model.quantize(
        str(text), qnorm=True, cutoff=settings.kept, dsub=settings.sub_dimension, retrain=True, epoch=1, lr=0.15,
        thread=settings.threads, verbose=0,
    )  # fmt: skip
    out = folder / "language.ftz"
    model.save_model(str(out))
    return out


def train_language(data: Sequence[Path], out: Path, seed: int = 1, dev: Path | None = None,
                   settings: Settings = Settings()) -> dict[str, Any]:  # fmt: skip
    """Train a language model on JSON Lines with text and lang; writes language.ftz and language.json into `out`.

    With `dev` (rows of the same form, not used for training) the priors are tuned on half of it. Gives the facts stored
    in language.json.
    """
    dice = random.Random(seed)
    by_tag = _lines(data, settings, dice)
    if len(by_tag) < 2:
        raise TrainingError(f"need at least two languages with {_FEWEST_ROWS} rows or more, found {len(by_tag)}")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as folder:
        model = _fit(_top_up(by_tag, dice), Path(folder), settings, seed)
        facts = describe(model, sorted(by_tag))
        facts["rows"] = dict(sorted(Counter({tag: len(got) for tag, got in by_tag.items()}).items()))
        (Path(folder) / "language.json").write_text(json.dumps(facts), encoding="utf-8")
        if dev is not None:
            from classifier.language.tuning import tune

            facts.update(tune(Path(folder), read_rows(dev)))
        install(model, facts, out)
    return facts


def describe(model: Path, tags: Sequence[str]) -> dict[str, Any]:
    """The facts that the identifier needs about a model file, without priors."""
    raw = model.read_bytes()
    return {"format": 1, "tags": list(tags), "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(),
            "temperature": 1.0, "decay": 30.0, "priors": {}, "weights": {}}  # fmt: skip


def install(model: Path, facts: dict[str, Any], out: Path) -> None:
    """Put model and facts into `out`, each whole or not at all."""
    text = out / ".language.json.new"
    text.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(model, out / "language.ftz")
    os.replace(text, out / "language.json")
