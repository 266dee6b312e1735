"""Numbers that describe a text without knowing its words: length, capitals, digits, punctuation.

Script-independent: a sentence end is one in any script, a letter without case is simply never a capital.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from classifier.model.ngrams import TABLE_SIZE

NAMES = (
    "length", "words", "word_length", "digits", "capitals", "sentence_ends", "commas", "other_marks", "symbols", "blanks",
    "ends_sentence", "ends_colon", "ends_open", "starts_capital", "starts_digit", "starts_mark", "line_breaks", "non_latin",
)  # fmt: skip
_LETTER, _CAPITAL, _DIGIT, _END, _COMMA, _MARK, _SYMBOL, _BLANK = (1 << i for i in range(8))
_SENTENCE_ENDS = ".!?…。！？।؟۔።։｡"
_COMMAS = ",;:،؛、，；："
_WIDE = (0x2E80, 0x9FFF, 0xAC00, 0xD7AF)  # Han, kana, Hangul: a sign is worth several letters
_WIDE_WEIGHT = 2.5  # letters a wide sign is worth: Chinese against English text of the same meaning


@lru_cache(maxsize=1)
def _classes() -> np.ndarray:
    """Code point to a set of the classes above: uint8 (table size,)."""
    table = np.zeros(TABLE_SIZE, dtype=np.uint8)
    for code in range(TABLE_SIZE):
        char = chr(code)
        category = unicodedata.category(char)
        if char in _SENTENCE_ENDS:
            table[code] = _END
        elif char in _COMMAS:
            table[code] = _COMMA
        elif char.isspace():
            table[code] = _BLANK
        elif category[0] in "LM":
            table[code] = _LETTER | (_CAPITAL if category in ("Lu", "Lt") else 0)
        elif category[0] == "N":
            table[code] = _DIGIT
        elif category[0] == "P":
            table[code] = _MARK
        elif category[0] == "S":
            table[code] = _SYMBOL
    return table


def describe(texts: Sequence[str], clipped: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Numbers of n texts: float32 (n, len(NAMES)).

    `clipped` holds the raw code points of the parts read, uint32, framed as in `ngrams.Batch`; `starts` int64 (n,) the
    start marks. Shares are per character read; `length` and `words` are logarithms.
    """
    n = len(texts)
    out = np.zeros((n, len(NAMES)), dtype=np.float32)
    if not n:
        return out
    kinds = _classes()[clipped]

    def count(bit: int) -> np.ndarray:
        return np.add.reduceat((kinds & bit != 0).astype(np.float32), starts)

    spread = np.fromiter(map(len, texts), dtype=np.float32, count=n)
    ends = np.append(starts[1:], len(clipped)) - 1
    size = np.maximum(1.0, (ends - starts - 4).astype(np.float32))
    letters, blanks = np.maximum(1.0, count(_LETTER)), count(_BLANK)
    wide = np.add.reduceat(_is_wide(clipped).astype(np.float32), starts)
    weight = 1.0 + (_WIDE_WEIGHT - 1.0) * wide / size
    first, last = kinds[starts + 1], kinds[ends - 4]
    last_code = clipped[ends - 4]
    columns = (
        np.log1p(spread * weight), np.log1p((blanks + 1.0) * spread / size + wide), letters / (blanks + 1.0), count(_DIGIT) / size,
        count(_CAPITAL) / letters, count(_END) / size, count(_COMMA) / size, count(_MARK) / size, count(_SYMBOL) / size,
        blanks / size, last & _END != 0, last_code == ord(":"), last & (_LETTER | _DIGIT) != 0, first & _CAPITAL != 0,
        first & _DIGIT != 0, first & (_MARK | _SYMBOL) != 0, np.add.reduceat(clipped == 10, starts, dtype=np.float32),
        np.add.reduceat((clipped > 0x24F) & (kinds & _LETTER != 0), starts, dtype=np.float32) / letters,
    )  # fmt: skip
    for i, column in enumerate(columns):
        out[:, i] = column
    return out


def _is_wide(codes: np.ndarray) -> np.ndarray:
    low, high, low2, high2 = _WIDE
    return ((codes >= low) & (codes <= high)) | ((codes >= low2) & (codes <= high2))
