"""Tables over code points: how a character is folded, and what kind it is. The one place that asks Unicode.

Built at first use, in some 0.1 s; they follow the Unicode version of the running Python.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

TABLE_SIZE = 0x30000  # code points told apart; those above count as one
LETTER, CAPITAL, DIGIT, SENTENCE_END, COMMA, MARK, SYMBOL, BLANK, WORD = (1 << i for i in range(9))
READING_BIT = 18  # above all code points told apart
WIDE = (0x2E80, 0x9FFF, 0xAC00, 0xD7AF)  # first and last, twice: Han and kana, Hangul
_SENTENCE_ENDS = ".!?…。！？।؟۔።։｡"
_COMMAS = ",;:،؛、，；："
_BY_CATEGORY = {"L": LETTER, "M": LETTER, "N": DIGIT, "P": MARK, "S": SYMBOL}  # by the category's first letter
_CAPITALS = ("Lu", "Lt")


@lru_cache(maxsize=1)
def _characters() -> list[str]:
    return list(map(chr, range(TABLE_SIZE)))


@lru_cache(maxsize=1)
def folding() -> NDArray[np.uint64]:
    """Code point to code point: lower case, every digit 0, every white space a blank: (TABLE_SIZE,)."""
    table = np.arange(TABLE_SIZE, dtype=np.uint64)
    for code, (char, low) in enumerate(zip(_characters(), map(str.lower, _characters()), strict=True)):
        if low != char and len(low) == 1:
            table[code] = ord(low)
    for kind, sign in ((str.isspace, " "), (str.isdecimal, "0")):
        table[np.fromiter(map(kind, _characters()), dtype=bool, count=TABLE_SIZE)] = ord(sign)
    return table


@lru_cache(maxsize=1)
def kinds() -> NDArray[np.uint16]:
    """Code point to a set of the kinds above: (TABLE_SIZE,). WORD is what words consist of: letters and numbers."""
    categories = list(map(unicodedata.category, _characters()))
    sets = {c: _BY_CATEGORY.get(c[0], 0) | (CAPITAL if c in _CAPITALS else 0) for c in set(categories)}
    table = np.array([sets[c] for c in categories], dtype=np.uint16)
    table[np.fromiter(map(str.isspace, _characters()), dtype=bool, count=TABLE_SIZE)] = BLANK
    table[list(map(ord, _COMMAS))] = COMMA
    table[list(map(ord, _SENTENCE_ENDS))] = SENTENCE_END
    table[np.fromiter(map(str.isalnum, _characters()), dtype=bool, count=TABLE_SIZE)] |= WORD
    return table


@lru_cache(maxsize=1)
def reading() -> NDArray[np.uint32]:
    """Code point to the folded one, with a 1 at READING_BIT where words hold that: (TABLE_SIZE,)."""
    folded = folding()
    word = kinds().take(folded.astype(np.intp)) & WORD != 0
    return np.asarray(folded.astype(np.uint32) | word.astype(np.uint32) << np.uint32(READING_BIT))


def is_wide(codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Which code points are wide signs, each worth several letters: (n,)."""
    low, high, low2, high2 = WIDE
    return ((codes >= low) & (codes <= high)) | ((codes >= low2) & (codes <= high2))
