"""Training of the language model: rows of text with a language code to `language.ftz` and `language.json`.

Every row is seen once whole; crops of one to four words are added, more of them in languages that are common on the
web, since menu entries and buttons are that short. Rows under the GPL are left out.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import zstandard

from classifier.errors import TrainingError
from classifier.language.codes import canonical, script_of
from classifier.language.model_file import read_model
from classifier.language.normalise import as_strings, clean_texts
from classifier.language_tuning import tune

_WINDOW = 300  # characters of a training row that are read
_FEWEST_ROWS = 60  # a language with fewer rows is left out
_TOP_UP = 2500  # languages with fewer lines are repeated, at most three times
_CAPITALS = 0.04  # share of rows that are also seen through upper case
_LEFT_OUT = ("GPL", "AGPL")  # licences whose rows are not used
# languages met most on the web: more crops, so that a short line is not taken for a rare relative
COMMON = frozenset(
    "en de fr es it pt nl sv da no fi et lv lt pl cs sk sl hr sr sr-Latn bs hu ro bg el ru uk be tr ar fa he hi bn ta "
    "te th vi id ms ja ko zh zh-Hant ka hy sq mk ca".split()
)
_CROPS = {"prose": 2.0, "interface": 1.5}  # crops a row, by kind of row
_COMMON_CROPS = {"prose": 4.0, "interface": 3.0}
_UNSPACED = frozenset({"Hani", "Jpan", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"})  # scripts without blanks between words
# labels that would only take text from others: stray scripts, constructed relatives
_DROPPED = frozenset("kxv-Telu kxv-Orya dz-Latn isv sa-Latn yi-Latn inh-Latn sah-Latn ko-Latn".split())
_BATCH = 5000  # rows normalised at once

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the size, the quality and the time of a language model."""

    dimension: int = 32
    epochs: int = 4
    rate: float = 0.6
    buckets: int = 2_000_000
    longest: int = 5  # characters of the longest n-gram
    kept: int = 500_000  # n-grams left after quantising
    sub_dimension: int = 2  # numbers that one byte stands for
    share: float = 1.0  # share of the rows used
    threads: int = 2


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file, plain or compressed (.gz, .zst); a row without `lang` has the file's name."""
    stem = path.name.partition(".")[0]
    with path.open("rb") as raw:
        stream: Any = raw
        if path.suffix == ".zst":
            stream = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(raw)
        elif path.suffix == ".gz":
            stream = gzip.GzipFile(fileobj=raw)
        for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8", newline="\n"), 1):
            try:
                row = json.loads(line)
                yield {"kind": "prose", "licence": "", "lang": stem, **row, "text": row["text"]}
            except (ValueError, KeyError, TypeError) as error:
                raise TrainingError(f"{path}, line {number}: not a row with text and lang ({error})") from error


def _crop(features: str, tag: str, dice: random.Random) -> str:
    """One to four words of a text, or two to nine signs where words are not written apart."""
    if script_of(tag) in _UNSPACED:
        size = dice.randint(2, 9)
        start = dice.randrange(max(1, len(features) - size + 1))
        return features[start : start + size].strip()
    words = features.split()
    size = dice.randint(1, 4)
    start = dice.randrange(max(1, len(words) - size + 1))
    return " ".join(words[start : start + size])


def _times(mean: float, dice: random.Random) -> int:
    """A whole number whose mean is `mean`: 1.5 gives 1 or 2."""
    return int(mean) + (dice.random() < mean % 1)


def _used(data: Sequence[Path], settings: Settings, dice: random.Random) -> Iterator[Row]:
    """The rows to train on, with their tag; raises TrainingError for a row that is none."""
    for path in data:
        for row in read_rows(path):
            if row["licence"].startswith(_LEFT_OUT) or dice.random() >= settings.share:
                continue
            row["tag"] = canonical(row["lang"])
            if row["tag"] not in _DROPPED:
                yield row


def _lines(
    data: Sequence[Path], settings: Settings, dice: random.Random
) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Normalised training lines by tag, and the number of rows by tag."""
    lines: dict[str, list[str]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    used = _used(data, settings, dice)
    while batch := list(islice(used, _BATCH)):
        texts = [row["text"] for row in batch]
        for row, features in zip(batch, as_strings(clean_texts(texts, _WINDOW)), strict=True):
            tag = row["tag"]
            if len(features) < 2:
                continue
            rows[tag] += 1
            lines[tag].append(features)
            crops = (_COMMON_CROPS if tag in COMMON else _CROPS).get(row["kind"], 0.0)
            lines[tag].extend(_crop(features, tag, dice) for _ in range(_times(crops, dice)))
        shouted = [row for row in batch if dice.random() < _CAPITALS]
        for row, features in zip(
            shouted, as_strings(clean_texts([row["text"].upper() for row in shouted], _WINDOW)), strict=True
        ):
            lines[row["tag"]].append(features)
    enough = sorted(tag for tag in lines if rows[tag] >= _FEWEST_ROWS * settings.share)
    return {tag: lines[tag] for tag in enough}, {tag: rows[tag] for tag in enough}


def _top_up(lines: dict[str, list[str]], settings: Settings, dice: random.Random) -> list[str]:
    """All lines with their fastText label, in random order, small languages repeated."""
    out: list[str] = []
    for tag, got in sorted(lines.items()):
        wanted = max(len(got), min(3 * len(got), int(_TOP_UP * settings.share)))
        more = (dice.choice(got) for _ in range(wanted - len(got)))
        got = got + [_crop(t, tag, dice) if dice.random() < 0.5 else t for t in more]
        out.extend(f"__label__{tag} {text}\n" for text in got if len(text) > 1)
    dice.shuffle(out)
    return out


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
    out = folder / "language.ftz"
    model.save_model(str(out))
    return out


def train_language(
    data: Sequence[Path],
    out: Path,
    seed: int = 1,
    dev: Path | None = None,
    settings: Settings = Settings(),
) -> dict[str, Any]:
    """Train a language model on JSON Lines with text and lang; writes language.ftz and language.json into `out`.

    With `dev` (rows of the same form, not used for training) priors and calibration are tuned on half of it. Gives the
    facts stored in language.json. Raises TrainingError where a row is unreadable or fewer than two languages are left.
    """
    dice = random.Random(seed)
    lines, rows = _lines(data, settings, dice)
    if len(lines) < 2:
        raise TrainingError(f"need at least two languages with {_FEWEST_ROWS} rows or more, found {len(lines)}")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as name:
        model = _fit(_top_up(lines, settings, dice), Path(name), settings, seed)
        facts = describe(model, rows)
        if dev is not None:
            facts |= tune(read_model(model), list(read_rows(dev)), COMMON)
        install(model, facts, out)
    return facts


def describe(model: Path, rows: dict[str, int]) -> dict[str, Any]:
    """The facts that the identifier needs about a model file, without priors."""
    raw = model.read_bytes()
    return {"format": 1, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "rows": rows, "priors": {}}


def install(model: Path, facts: dict[str, Any], out: Path) -> None:
    """Put model and facts into `out`, each whole or not at all."""
    text = out / ".language.json.new"
    text.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(model, out / "language.ftz")
    os.replace(text, out / "language.json")
