"""The encoding of bytes that are not UTF-8 and name no charset: UTF-16, or chardet's guess among those of the web."""

from __future__ import annotations

import re

# the legacy encodings of the Encoding Standard that pages are found in, as Python's supersets; those left out
# (Macintosh, ISO-8859-3 to -16, UTF-16) are hardly ever met without a charset and are mistaken for these
_WEB = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "koi8-r",
    "koi8-u", "cp866", "iso8859-2", "iso8859-5", "iso8859-7", "cp932", "euc-jp", "gb18030", "big5hkscs", "cp949",
)  # fmt: skip
# what a page in a language has where it says nothing (HTML Standard, encoding sniffing algorithm); others have cp1252
_OF_LANGUAGE = {
    "ar": "cp1256", "az": "cp1254", "be": "cp1251", "bg": "cp1251", "cs": "cp1250", "el": "iso8859-7", "et": "cp1257",
    "fa": "cp1256", "he": "cp1255", "hr": "cp1250", "hu": "iso8859-2", "ja": "cp932", "kk": "cp1251", "ko": "cp949",
    "ku": "cp1254", "ky": "cp1251", "lt": "cp1257", "lv": "cp1257", "mk": "cp1251", "pl": "iso8859-2", "ru": "cp1251",
    "sk": "cp1250", "sl": "iso8859-2", "sr": "cp1251", "tg": "cp1251", "th": "cp874", "tr": "cp1254", "tt": "cp1251",
    "uk": "cp1251", "vi": "cp1258", "zh": "gb18030",
}  # fmt: skip
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_MOST_CONTROLS = 0.05  # share of control characters from which bytes are no text; of compressed data they are 0.1
_UTF16_LOOKED_AT = 1 << 12  # bytes
_UTF16_ZEROS = 0.1  # least share of characters with a zero byte at their place; spaces alone are more in most languages
_UTF16_OTHERS = 0.2  # most zeros at the other place, as a share of those; letters such as U+AC00 have one
_JAPANESE = b"\x1b$B", b"\x1b$@"  # what begins the double bytes of ISO-2022-JP
_LEAST_SURE = 0.07  # chardet's confidence; 60 characters in an encoding other than cp1252 have 0.08 and more
_WINDOW = 1 << 14  # bytes shown to the detector; more changes no answer and takes longer
_LOOKED_AT = 1 << 18  # bytes of a page among which they are sought
_TAGS = re.compile(rb"<[^<>]*>")
_LANGUAGE = re.compile(rb"""<html[^>]{0,512}?\slang\s*=\s*["']?([a-z]{2})\b""", re.I)


def is_binary(data: bytes) -> bool:
    """Whether so many bytes are control characters that this is no text."""
    return len(data.translate(None, _CONTROLS)) < (1 - _MOST_CONTROLS) * len(data)


def unmarked_utf16(data: bytes) -> str | None:
    """The codec of UTF-16 without a byte order mark, by the zeros in every second byte; None for anything else.

    Chinese and Japanese with hardly a space or digit are not found out.
    """
    first = data[:_UTF16_LOOKED_AT]
    even, odd = first[::2].count(0), first[1::2].count(0)
    if max(even, odd) < max(2, _UTF16_ZEROS * len(first) / 2) or min(even, odd) > _UTF16_OTHERS * max(even, odd):
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def escaped_japanese(data: bytes) -> str | None:
    """The codec of ISO-2022-JP, by its escapes; None for anything else.

    All its bytes are ASCII, so that it would pass for UTF-8.
    """
    return "iso2022_jp_ext" if data.isascii() and any(escape in data for escape in _JAPANESE) else None


def detect(data: bytes, is_html: bool) -> str | None:
    """The Python codec that `data` is most likely written in; None where it is no text.

    A guess of little confidence gives way to the usual encoding of the page's `lang`, windows-1252 where it has none,
    if that fits.
    """
    import chardet

    usual = "cp1252"
    sample = data[:_LOOKED_AT]
    if is_binary(sample):
        return None
    if is_html:
        found = _LANGUAGE.search(sample)
        usual = _OF_LANGUAGE.get(found[1].decode().lower(), usual) if found else usual
        sample = _TAGS.sub(b"\n", sample)
    sample = _telling(sample)[:_WINDOW]
    if not sample:
        return None
    guesses = chardet.detect_all(
        sample, ignore_threshold=True, include_encodings=_WEB, no_match_encoding=usual, compat_names=False
    )
    if guesses[0]["confidence"] < _LEAST_SURE and any(guess["encoding"] == usual for guess in guesses):
        return usual
    return guesses[0]["encoding"]


def _telling(text: bytes) -> bytes:
    """The lines that are not plain ASCII, each once: the notice in Turkish, not the long English article before it."""
    return b"\n".join(dict.fromkeys(line for line in text.splitlines() if not line.isascii()))
