"""Numbers that describe a text without knowing its words: length, capitals, digits, punctuation.

Script-independent: a sentence end is one in any script, a letter without case is simply never a capital.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.model.characters import BLANK, CAPITAL, COMMA, DIGIT, LETTER, MARK, SENTENCE_END, SYMBOL, kinds
from classifier.model.ngrams import PAD, Frames

NAMES = (
    "length", "words", "word_length", "digits", "capitals", "sentence_ends", "commas", "other_marks", "symbols",
    "blanks", "ends_sentence", "ends_colon", "ends_open", "starts_capital", "starts_digit", "starts_mark",
    "line_breaks", "non_latin",
)  # fmt: skip
_LAST_LATIN = 0x24F
_WIDE = (0x2E80, 0x9FFF, 0xAC00, 0xD7AF)  # Han, kana, Hangul: a sign is worth several letters
_WIDE_WEIGHT = 2.5  # letters a wide sign is worth: Chinese against English text of the same meaning

Floats = NDArray[np.float32]


def describe(texts: Sequence[str], frames: Frames) -> Floats:
    """Numbers of n texts: float32 (n, len(NAMES)); `frames` are theirs, by `ngrams.encode`.

    Shares are per character read; `length` and `words` are logarithms.
    """
    out = np.zeros((len(texts), len(NAMES)), dtype=np.float32)
    if len(texts):
        for i, column in enumerate(_columns(texts, frames)):
            out[:, i] = column
    return out


def sizes(shapes: Floats) -> Floats:
    """Characters of each text from its numbers, wide signs counted as several: (n,)."""
    return np.asarray(np.expm1(shapes[:, NAMES.index("length")]), dtype=np.float32)


def _columns(texts: Sequence[str], frames: Frames) -> tuple[NDArray[Any], ...]:
    codes, starts = frames.raw, frames.starts
    sets = kinds()[codes]

    def count(kind: int) -> Floats:
        return _sums(sets & kind != 0, starts)

    spread = np.fromiter(map(len, texts), dtype=np.float32, count=len(texts))
    after = starts + frames.lengths - PAD  # one past the last character read
    size = np.maximum(1.0, (after - starts - 1).astype(np.float32))
    letters, blanks = np.maximum(1.0, count(LETTER)), count(BLANK)
    wide = _sums(_is_wide(codes), starts)
    weight = 1.0 + (_WIDE_WEIGHT - 1.0) * wide / size
    first, last = sets[starts + 1], sets[after - 1]
    return (
        np.log1p(spread * weight), np.log1p((blanks + 1.0) * spread / size + wide), letters / (blanks + 1.0),
        count(DIGIT) / size, count(CAPITAL) / letters, count(SENTENCE_END) / size, count(COMMA) / size,
        count(MARK) / size, count(SYMBOL) / size, blanks / size, last & SENTENCE_END != 0,
        codes[after - 1] == ord(":"), last & (LETTER | DIGIT) != 0, first & CAPITAL != 0, first & DIGIT != 0,
        first & (MARK | SYMBOL) != 0, _sums(codes == ord("\n"), starts),
        _sums((codes > _LAST_LATIN) & (sets & LETTER != 0), starts) / letters,
    )  # fmt: skip


def _sums(found: NDArray[np.bool_], starts: NDArray[np.int64]) -> Floats:
    """How many are true in each frame: (n,)."""
    return np.asarray(np.add.reduceat(found, starts, dtype=np.float32))


def _is_wide(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    low, high, low2, high2 = _WIDE
    return ((codes >= low) & (codes <= high)) | ((codes >= low2) & (codes <= high2))
