"""Text as the language model sees it: lower case letters and single blanks, at most 300 characters."""

from __future__ import annotations

import re
import unicodedata

MAX_FEATURES = 300  # characters of normalised text that the model reads
_WINDOW = 1500  # characters of raw text looked at
_ADDRESS = re.compile(r"(?:https?|ftp)://\S+|\bwww\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w+", re.IGNORECASE)
_APOSTROPHES = "\u2018\u2019\u02bc\uff07\u02bb\u2032\u00b4`"
_KEPT = "'-\u00b7"


def _rule(char: str) -> str:
    """What one character becomes: itself, a blank, an apostrophe, or nothing."""
    if char in _APOSTROPHES:
        return "'"
    if char in _KEPT:
        return char
    category = unicodedata.category(char)
    if category[0] in "LM":
        return char
    if category[0] == "N" or category == "Cf":
        return ""
    return " "


class _Rules(dict[int, str]):
    """A table for str.translate that fills itself: code point to text."""

    def __missing__(self, code: int) -> str:
        got = self[code] = _rule(chr(code))
        return got


_RULES = _Rules()


def _clean(raw: str) -> str:
    if not raw.isascii():
        raw = unicodedata.normalize("NFC", raw)
    if "@" in raw or "://" in raw or "ww." in raw or "WW." in raw:
        raw = _ADDRESS.sub(" ", raw)
    return " ".join(raw.lower().translate(_RULES).split())


def feat(text: str) -> str:
    """The first 300 characters of `text` after normalisation; "" where it has no letters.

    Never holds line breaks, control characters or lone surrogates, so that it can go to fastText as it is.
    """
    got = _clean(text[:_WINDOW])
    if len(got) < 20 and len(text) > _WINDOW:
        got = (got + " " + _clean(text[_WINDOW : 20 * _WINDOW])).strip()
    return got[:MAX_FEATURES].rstrip()


def letters(text: str) -> int:
    """The number of letters in the first 300 normalised characters of `text`: the length `context.smooth` wants."""
    return sum(map(str.isalpha, feat(text)))
