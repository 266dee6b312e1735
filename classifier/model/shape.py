"""Numbers that describe a text without knowing its words: length, capitals, digits, punctuation.

Script-independent: a sentence end is one in any script, a letter without case is simply never a capital.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.model.characters import (
    BLANK,
    CAPITAL,
    COMMA,
    DIGIT,
    LETTER,
    MARK,
    SENTENCE_END,
    SYMBOL,
    TABLE_SIZE,
    is_wide,
    kinds,
)
from classifier.model.ngrams import PAD, Frames, Ints

NAMES = (
    "length", "words", "word_length", "digits", "capitals", "sentence_ends", "commas", "other_marks", "symbols",
    "blanks", "ends_sentence", "ends_colon", "ends_open", "starts_capital", "starts_digit", "starts_mark",
    "line_breaks", "non_latin",
)  # fmt: skip
_LAST_LATIN = 0x24F
_WIDE_WEIGHT = 2.5  # letters a wide sign is worth: Chinese against English text of the same meaning
FIELD_BITS, FIELDS = 10, 6  # counts side by side in one 64-bit number: each below 2**10

Floats = NDArray[np.float32]


class Seen(NamedTuple):
    """What a look at each character of n texts gives."""

    counts: Mapping[str, Floats]  # how many characters of each kind every text has: (n,) by kind
    firsts: Ints  # (n,): first code point read, that of a mark in an empty text
    lasts: Ints  # (n,): last code point read
    sizes: Ints  # (n,): characters read


def describe(texts: Sequence[str], frames: Frames) -> Floats:
    """Numbers of n texts: float32 (n, len(NAMES)); `frames` are theirs, by `ngrams.encode`.

    Shares are per character read; `length` and `words` are logarithms.
    """
    return numbers(texts, look(frames))


def numbers(texts: Sequence[str], seen: Seen) -> Floats:
    """`describe` from what was seen of the texts."""
    out = np.zeros((len(texts), len(NAMES)), dtype=np.float32)
    if len(texts):
        for i, column in enumerate(_columns(texts, seen)):
            out[:, i] = column
    return out


def sizes(shapes: Floats) -> Floats:
    """Characters of each text from its numbers, wide signs counted as several: (n,)."""
    return np.asarray(np.expm1(shapes[:, NAMES.index("length")]), dtype=np.float32)


def _columns(texts: Sequence[str], seen: Seen) -> tuple[NDArray[Any], ...]:
    spread = np.fromiter(map(len, texts), dtype=np.float32, count=len(texts))
    size = np.maximum(1.0, seen.sizes.astype(np.float32))
    count = seen.counts
    letters, blanks, wide = np.maximum(1.0, count["letter"]), count["blank"], count["wide"]
    weight = 1.0 + (_WIDE_WEIGHT - 1.0) * wide / size
    first, last = kinds()[seen.firsts], kinds()[seen.lasts]
    return (
        np.log1p(spread * weight), np.log1p((blanks + 1.0) * spread / size + wide), letters / (blanks + 1.0),
        count["digit"] / size, count["capital"] / letters, count["end"] / size, count["comma"] / size,
        count["mark"] / size, count["symbol"] / size, blanks / size, last & SENTENCE_END != 0,
        seen.lasts == ord(":"), last & (LETTER | DIGIT) != 0, first & CAPITAL != 0, first & DIGIT != 0,
        first & (MARK | SYMBOL) != 0, count["line break"], count["non-latin"] / letters,
    )  # fmt: skip


def look(frames: Frames) -> Seen:
    """What is seen of texts that were encoded."""
    after = frames.starts + frames.lengths - PAD  # one past the last character read
    names, tables = counters()
    if not len(frames.starts):
        return Seen(dict.fromkeys(names, np.zeros(0, np.float32)), *np.zeros((3, 0), np.int64))
    sums = [np.add.reduceat(table.take(frames.raw), frames.starts) for table in tables]
    counts = {}
    for i, name in enumerate(names):
        field, place = sums[i // FIELDS], np.uint64(FIELD_BITS * (i % FIELDS))
        counts[name] = (field >> place & np.uint64(2**FIELD_BITS - 1)).astype(np.float32)
    return Seen(counts, frames.raw[frames.starts + 1], frames.raw[after - 1], after - frames.starts - 1)


@lru_cache(maxsize=1)
def counters() -> tuple[list[str], NDArray[np.uint64]]:
    """Names of what is counted, and code point to a 1 in the field of each that it is, several fields in one number.

    One sum over a text then counts several kinds; a field holds more than the characters that are read of a text.
    """
    sets, codes = kinds(), np.arange(TABLE_SIZE)
    counted = {
        "letter": sets & LETTER != 0, "digit": sets & DIGIT != 0, "capital": sets & CAPITAL != 0,
        "end": sets & SENTENCE_END != 0, "comma": sets & COMMA != 0, "mark": sets & MARK != 0,
        "symbol": sets & SYMBOL != 0, "blank": sets & BLANK != 0, "line break": codes == ord("\n"),
        "wide": is_wide(codes),
        "non-latin": (codes > _LAST_LATIN) & (sets & LETTER != 0),
    }  # fmt: skip
    tables = np.zeros((-(-len(counted) // FIELDS), TABLE_SIZE), dtype=np.uint64)
    for i, mask in enumerate(counted.values()):
        tables[i // FIELDS] |= mask.astype(np.uint64) << np.uint64(FIELD_BITS * (i % FIELDS))
    return list(counted), tables
