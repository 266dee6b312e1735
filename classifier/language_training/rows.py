"""Rows of text with a language code, and the training lines made of them.

Every row is seen once whole; crops of one to four words are added, more of them in languages that are common on the
web, since menu entries and buttons are that short. Rows under the GPL are left out.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from classifier.errors import TrainingError
from classifier.language.codes import canonical, script_of
from classifier.language.normalise import as_strings, clean_texts
from classifier.language_training.settings import COMMON, Settings
from classifier.training_files import read_lines

_WINDOW = 300  # characters of a training row that are read
_TOP_UP = 2500  # languages with fewer lines are repeated, at most three times
_CAPITALS = 0.04  # share of rows that are also seen through upper case
_LEFT_OUT = ("GPL", "AGPL")  # licences whose rows are not used
_CROPS = {"prose": 2.0, "interface": 1.5}  # crops a row, by kind of row
_COMMON_CROPS = {"prose": 4.0, "interface": 3.0}
_UNSPACED = frozenset({"Hani", "Jpan", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"})  # scripts without blanks between words
# labels that would only take text from others: stray scripts, constructed relatives
_DROPPED = frozenset("kxv-Telu kxv-Orya dz-Latn isv sa-Latn yi-Latn inh-Latn sah-Latn ko-Latn".split())
_OWN = "rows without a source"
_KNOWN_WORD = 5  # times that English rows hold a word before it counts as English
_BATCH = 5000  # rows normalised at once

Row = dict[str, Any]


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines file, plain or compressed (.gz, .zst); a row without `lang` has the file's name.

    TrainingError names a file that cannot be read, and the line of a row without text.
    """
    usual = {"kind": "prose", "source": _OWN, "licence": "", "lang": path.name.partition(".")[0]}
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            row = {**usual, **json.loads(line)}
            other = [key for key in ("text", *usual) if not isinstance(row[key], str)]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise TrainingError(f"{path}, line {number}: not a row with text and lang ({error})") from error
        if other:
            raise TrainingError(f"{path}, line {number}: `{other[0]}` is no text")
        yield row


def _crop(features: str, tag: str, rng: random.Random) -> str:
    """One to four words of a text, or two to nine signs where words are not written apart."""
    if script_of(tag) in _UNSPACED:
        size = rng.randint(2, 9)
        start = rng.randrange(max(1, len(features) - size + 1))
        return features[start : start + size].strip()
    words = features.split()
    size = rng.randint(1, 4)
    start = rng.randrange(max(1, len(words) - size + 1))
    return " ".join(words[start : start + size])


def _times(mean: float, rng: random.Random) -> int:
    """A whole number whose mean is `mean`: 1.5 gives 1 or 2."""
    return int(mean) + (rng.random() < mean % 1)


def _used(data: Sequence[Path], settings: Settings, rng: random.Random) -> Iterator[Row]:
    """The rows to train on, with their tag; raises TrainingError for a row that is none."""
    for path in data:
        for row in read_rows(path):
            if row["licence"].startswith(_LEFT_OUT) or rng.random() >= settings.share:
                continue
            row["tag"] = canonical(row["lang"])
            if row["tag"] not in _DROPPED:
                yield row


@dataclass(frozen=True, slots=True)
class TrainingText:
    """What a model is trained on, by tag; and where it comes from."""

    lines: dict[str, list[str]]  # normalised
    rows: dict[str, int]  # rows that the lines were made of
    sources: dict[str, dict[str, int]]  # source, licence, rows; those of languages left out as well


def training_text(data: Sequence[Path], settings: Settings, rng: random.Random) -> TrainingText:
    """Normalised training lines of all languages with enough rows."""
    lines: dict[str, list[str]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    rows: Counter[str] = Counter()
    sources: dict[str, Counter[str]] = defaultdict(Counter)
    used = _used(data, settings, rng)
    while batch := list(islice(used, _BATCH)):
        for row, features in _with_features(batch, [row["text"] for row in batch]):
            tag = row["tag"]
            rows[tag] += 1
            sources[row["source"]][row["licence"]] += 1
            (names if row["kind"] == "name" else lines)[tag].append(features)
            crops = (_COMMON_CROPS if tag in COMMON else _CROPS).get(row["kind"], 0.0)
            lines[tag].extend(_crop(features, tag, rng) for _ in range(_times(crops, rng)))
        shouted = [row for row in batch if row["kind"] != "name" and rng.random() < _CAPITALS]
        for row, features in _with_features(shouted, [row["text"].upper() for row in shouted]):
            lines[row["tag"]].append(features)
    _add_names(lines, names)
    enough = sorted(tag for tag in lines if rows[tag] >= settings.fewest * settings.share)
    return TrainingText(
        {tag: lines[tag] for tag in enough},
        {tag: rows[tag] for tag in enough},
        {source: dict(sorted(counts.items())) for source, counts in sorted(sources.items())},
    )


def _with_features(rows: Sequence[Row], texts: Sequence[str]) -> Iterator[tuple[Row, str]]:
    """Rows with their normalised text, those left out where next to nothing remains."""
    for row, features in zip(rows, as_strings(clean_texts(texts, _WINDOW)), strict=True):
        if len(features) > 1:
            yield row, features


def _add_names(lines: dict[str, list[str]], names: Mapping[str, Sequence[str]]) -> None:
    """Add names of things, save those all of whose words are English: lists of names are often half translated."""
    counts = Counter(word for line in lines.get("en", ()) for word in line.split())
    english = {word for word, count in counts.items() if count >= _KNOWN_WORD}
    for tag, own in names.items():
        lines[tag].extend(name for name in own if tag == "en" or not english.issuperset(name.split()))


def topped_up(lines: dict[str, list[str]], settings: Settings, rng: random.Random) -> list[str]:
    """All lines with their fastText label, in random order, small languages repeated."""
    out: list[str] = []
    for tag, got in sorted(lines.items()):
        wanted = max(len(got), min(3 * len(got), int(_TOP_UP * settings.share)))
        more = (rng.choice(got) for _ in range(wanted - len(got)))
        got = got + [_crop(t, tag, rng) if rng.random() < 0.5 else t for t in more]
        out.extend(f"__label__{tag} {text}\n" for text in got if len(text) > 1)
    rng.shuffle(out)
    return out
