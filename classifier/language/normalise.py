"""Text as the language model sees it: lower case letters and single blanks, many texts at once.

All texts of a batch are joined, lower-cased and looked up in one table of code points, so that the cost is a few
passes over one array. Does not transliterate, split words of scripts written without blanks, or repair wrong encodings.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

WINDOW, LONG_WINDOW = 100, 300  # characters of a text that are read, and where those leave doubt
_WIDE_WINDOW = 4000  # read where the first window holds next to no letters
FEW_LETTERS = 12
_SEPARATOR = "\x1e"
BLANK, BREAK = 32, 10  # code points in the cleaned array
_ADDRESS = re.compile(r"(?:[a-z]+://|www\.)[!-~]+|[\w.+-]*@[\w.-]+", re.IGNORECASE | re.ASCII)
_ADDRESS_MARKS = ("@", "://", "www.", "WWW.", "Www.")
_APOSTROPHES = "\u2018\u2019\u02bc\uff07\u02bb\u2032\u00b4`"
_KEPT = "'-\u00b7"
_FULL_WIDTH, _TO_ASCII = "\uff41\uff5a", 0xFEE0  # small Latin letters as wide as Han signs; how far theirs are away
# spans of code points known to be letters throughout, to spare a look at each
_ALL_LETTERS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x323B0))
_LOOKED_UP = ((0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x11F00), (0x16A00, 0x17000), (0x1E000, 0x1EA00))
_COMPATIBLE = (0x2F800, 0x2FA20)  # Han signs that stand for others
_JOINING_HANGUL = ((0x1161, 0x1176), (0x11A8, 0x11C3))  # make one sign with the one before
UNSETTLED = 0xFFFFFFFF
_TABLE_SIZE = 0x323B1  # the last entry stands for all code points beyond


@dataclass(frozen=True, slots=True)
class CleanTexts:
    """Normalised texts in one array of code points, each text followed by BREAK, words parted by one or more BLANK."""

    codes: NDArray[np.uint32]
    ends: NDArray[np.intp]  # per text, the position of its BREAK in `codes`


def _rule(char: str) -> int:
    """What one character becomes: a code point, BLANK, or 0 for nothing."""
    if char in _APOSTROPHES:
        return ord("'")
    if char in _KEPT:
        return ord(char)
    if _FULL_WIDTH[0] <= char <= _FULL_WIDTH[1]:
        return ord(char) - _TO_ASCII
    category = unicodedata.category(char)
    if category[0] in "LM":
        return ord(char)
    return 0 if category[0] == "N" or category == "Cf" else BLANK


@cache
def becomes() -> NDArray[np.uint32]:
    """Code point of a settled text to code point, BLANK, BREAK or 0 (left out)."""
    table = np.full(_TABLE_SIZE, BLANK, np.uint32)
    for first, last in _ALL_LETTERS:
        table[first:last] = np.arange(first, last)
    for first, last in _LOOKED_UP:
        table[first:last] = [_rule(chr(code)) for code in range(first, last)]
    table[ord(_SEPARATOR)] = BREAK
    return table


def becomes_at_once() -> NDArray[np.uint32]:
    """`becomes` for a text that is not settled, UNSETTLED for what needs a look at its neighbours.

    These are marks and whatever else may compose with a character beside it, what has no single small letter or one
    that depends on its place, the separator, and "@". Other signs of an address are told by three characters or more.
    """
    spans = [range(*span) for span in (*_LOOKED_UP, _COMPATIBLE)]
    chars = [chr(code) for span in spans for code in span]
    composed = (unicodedata.decomposition(char).split() for char in chars)
    seconds = {chr(int(parts[1], 16)) for parts in composed if len(parts) == 2 and parts[0][0] != "<"}
    table = becomes().copy()
    for char in chars:
        small = char.lower()
        if len(small) == 1:
            table[ord(char)] = becomes()[ord(small)]
        if len(small) > 1 or unicodedata.combining(char) or not unicodedata.is_normalized("NFC", char):
            seconds.add(char)
    table[list(map(ord, [*seconds, _SEPARATOR, "@", "\u03a3"]))] = UNSETTLED
    for first, last in _JOINING_HANGUL:
        table[first:last] = UNSETTLED
    return table


def _with_addresses(texts: list[str], joined: str) -> set[int]:
    """Which texts may hold a URL, an e-mail address or a @handle; `joined` is all of them, one separator between."""
    if not any(mark in joined for mark in _ADDRESS_MARKS):
        return set()
    starts = [0, *accumulate(map((1).__add__, map(len, texts)))]
    found: set[int] = set()
    for mark in _ADDRESS_MARKS:
        at = joined.find(mark)
        while at >= 0:
            text = bisect_right(starts, at) - 1
            found.add(text)
            at = joined.find(mark, starts[text + 1])
    return found


def settled(texts: list[str]) -> str:
    """The texts without addresses, composed (NFC), in lower case, one separator between."""
    joined = _SEPARATOR.join(texts)
    if joined.count(_SEPARATOR) != len(texts) - 1:
        texts = [text.replace(_SEPARATOR, " ") for text in texts]
        joined = _SEPARATOR.join(texts)
    addressed = _with_addresses(texts, joined)
    for index in addressed:
        texts[index] = _ADDRESS.sub(" ", texts[index])
    if not joined.isascii():
        texts = [text if text.isascii() else unicodedata.normalize("NFC", text) for text in texts]
        joined = _SEPARATOR.join(texts)
    elif addressed:
        joined = _SEPARATOR.join(texts)
    return joined.lower()


def _clean(texts: list[str]) -> CleanTexts:
    raw = np.frombuffer((settled(texts) + _SEPARATOR).encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = becomes().take(raw, mode="clip")
    codes = codes[codes != 0]
    return CleanTexts(codes, np.flatnonzero(codes == BREAK))


def clean_texts(texts: Sequence[str], window: int = WINDOW) -> CleanTexts:
    """Normalise the first `window` characters of every text (more where those hold next to no letters)."""
    if not texts:
        return CleanTexts(np.zeros(0, np.uint32), np.zeros(0, np.intp))
    cut = [text[:window] for text in texts]
    got = _clean(cut)
    letters = np.add.reduceat(np.append(got.codes > BLANK, False), np.append(0, got.ends[:-1] + 1))
    poor = [i for i in np.flatnonzero(letters < FEW_LETTERS).tolist() if len(texts[i]) > window]
    if not poor:
        return got
    for i in poor:
        cut[i] = widened(texts[i], window)
    return _clean(cut)


def widened(text: str, window: int) -> str:
    """What is read of a text whose first `window` characters hold next to no letters: that many of its clean ones."""
    return as_strings(_clean([text[:_WIDE_WINDOW]]))[0][:window]


def as_strings(clean: CleanTexts) -> list[str]:
    """The normalised texts as strings with single blanks; "" where nothing is left."""
    whole = clean.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    return [" ".join(text.split()) for text in whole.split("\n")[:-1]]
