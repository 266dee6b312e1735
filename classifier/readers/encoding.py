"""Bytes to text: BOM, ISO-2022-JP, the charset told by HTTP or the page, then unmarked UTF-16, UTF-8, then detection.

The charset names mean what browsers mean by them (Encoding Standard: latin-1 is windows-1252, gb2312 is gb18030).
"""

from __future__ import annotations

import codecs
import re

from classifier.errors import DamagedInput
from classifier.readers.detection import detect, escaped_japanese, unmarked_utf16
from classifier.settings import TOLERATED_BYTES

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_META = re.compile(
    rb"""<meta[^>]{0,512}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,128}?encoding=["']([\w.:-]+)""", re.I
)
_META_WINDOW = 4096  # bytes; the standard says 1024, pages in the wild put scripts first
_UTF8_FOR_SURE = 10  # characters beyond ASCII; so many are hardly ever valid UTF-8 by chance, whatever is declared
_WHOLE_TO_BROKEN = 4  # characters of UTF-8 for each broken one, which other encodings hardly ever have by chance
_NOT_ASCII = re.compile("[^\\x00-\\x7f\ufffd]")
_AS_BROWSERS = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949",
    "utf-16": "utf-16-le", "utf-7": "utf-8",
}  # fmt: skip
# labels that browsers know and Python does not
_LABELS = {
    "windows-874": "cp874", "windows-949": "cp949", "windows-31j": "cp932", "iso-8859-8-i": "iso8859-8",
    "gb_2312-80": "gb18030", "unicode": "utf-16-le",
}  # fmt: skip
# codecs of Python that are no charset of any page
_OF_PYTHON = frozenset("undefined punycode idna unicode-escape raw-unicode-escape charmap mbcs oem".split())


def codec_of(charset: str | None) -> str | None:
    """The Python codec for a charset as browsers read it; None where it is unknown or no text encoding."""
    if not charset:
        return None
    label = charset.strip(" \t\"'").lower().removeprefix("x-")
    try:
        info = codecs.lookup(_LABELS.get(label, label))
    except (LookupError, ValueError):
        return None
    text_codec = getattr(info, "_is_text_encoding", True) and info.name not in _OF_PYTHON
    return _AS_BROWSERS.get(info.name, info.name) if text_codec else None


def meta_charset(data: bytes) -> str | None:
    """The charset that a page names itself, in a meta element or an XML declaration."""
    found = _META.search(data, 0, _META_WINDOW)
    if found is None:
        return None
    name = (found.group(1) or found.group(2)).decode("ascii", "replace")
    # bytes in which "<meta" could be read are not UTF-16, whatever they say (Encoding Standard)
    return "utf-8" if name.lower().startswith("utf-16") else name


def mark_of(data: bytes) -> tuple[bytes, str | None]:
    """The byte order mark at the beginning of `data` and the codec it stands for; b"" and None where there is none."""
    return next(((mark, codec) for mark, codec in _BOMS if data.startswith(mark)), (b"", None))


def decode_bytes(data: bytes, declared: str | None, is_html: bool, errors: str = "tolerate") -> str:
    """The text of `data`; `declared` is the charset of the HTTP header.

    `errors`: "strict" refuses any undecodable byte, "tolerate" replaces up to one in a thousand and refuses more,
    "replace" replaces all. Raises DamagedInput `undecodable`. Valid UTF-8 is read as UTF-8 where latin-1 or
    windows-1252 is declared, as servers do by default, or any other charset and there are `_UTF8_FOR_SURE` characters:
    programs that save pages keep what the markup declares. UTF-8 with a few broken places stays UTF-8.
    """
    bom, marked = mark_of(data)
    data = data[len(bom) :]
    named = marked or escaped_japanese(data) or codec_of(declared)
    named = named or (codec_of(meta_charset(data)) if is_html else None) or unmarked_utf16(data)
    text = None if marked else _valid_utf8(data, named)
    broken = text is None and not marked and _is_broken_utf8(data)
    if broken:
        named = "utf-8"
    if text is None and named:
        text = _fitting(data, named, errors)
    if text is None:
        text = _mostly_utf8(data, errors)
    if text is not None:
        return text
    guess = None if broken or (errors == "replace" and named) else detect(data, is_html)
    text = _fitting(data, guess, errors) if guess else None
    if text is not None:
        return text
    if errors == "replace":
        return data.decode(named or "utf-8", "replace")
    detail = f"not {named or 'UTF-8'} and no other encoding fits; --encoding-errors replace keeps the page"
    raise DamagedInput("undecodable", detail)


def _valid_utf8(data: bytes, named: str | None) -> str | None:
    """The text where all of it is UTF-8 and that is more likely than `named`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    sure = named in (None, "utf-8", "cp1252") or (
        not text.isascii() and len(_NOT_ASCII.findall(text)) >= _UTF8_FOR_SURE
    )
    return text if sure else None


def _is_broken_utf8(data: bytes) -> bool:
    """Whether data that is no valid UTF-8 was meant to be: a page with a comment in another encoding, say.

    Single-byte encodings fit nearly everything, so that the whole page would be read as another one's letters.
    """
    text = data.decode("utf-8", "replace")
    whole = len(_NOT_ASCII.findall(text))
    return whole >= _UTF8_FOR_SURE and whole >= _WHOLE_TO_BROKEN * text.count("\ufffd")


def _mostly_utf8(data: bytes, errors: str) -> str | None:
    """The text where more is UTF-8 than is broken: one accent of another encoding in a long English page is not UTF-8.

    In a short text one broken character is tolerated where many are whole: it was cut after a number of bytes.
    """
    text = _fitting(data, "utf-8", errors)
    if text is not None:
        return text if len(_NOT_ASCII.findall(text)) > text.count("\ufffd") else None
    if errors == "strict":
        return None
    text = data.decode("utf-8", "replace")
    return text if text.count("\ufffd") == 1 and len(_NOT_ASCII.findall(text)) >= _UTF8_FOR_SURE else None


def _fitting(data: bytes, codec: str, errors: str) -> str | None:
    """The text, or None where more bytes are undecodable than `errors` allows."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        if errors == "strict":
            return None
    text = data.decode(codec, "replace")
    return text if text.count("\ufffd") <= TOLERATED_BYTES * len(data) else None
