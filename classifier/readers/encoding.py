"""Bytes to text: BOM, then the charset told by HTTP or the page, then UTF-8, then detection.

The charset names mean what browsers mean by them (Encoding Standard: latin-1 is windows-1252, gb2312 is gb18030).
"""

from __future__ import annotations

import codecs
import re

from classifier.errors import DamagedInput
from classifier.settings import TOLERATED_BYTES

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
         (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_META = re.compile(
    rb"""<meta[^>]{0,512}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,128}?encoding=["']([\w.:-]+)""", re.I
)
_META_WINDOW = 4096  # bytes; the standard says 1024, pages in the wild put scripts first
_DETECT_WINDOW = 65536  # bytes shown to the detector
_TAGS = re.compile(rb"<script.*?</script>|<style.*?</style>|<[^>]*>", re.I | re.S)
_AS_BROWSERS = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "utf-16": "utf-16-le",
    "utf-7": "utf-8",
}  # fmt: skip


def codec_of(charset: str | None) -> str | None:
    """The Python codec for a charset as browsers read it; None where it is unknown or no text encoding."""
    if not charset:
        return None
    try:
        info = codecs.lookup(charset.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    text_codec: bool = getattr(info, "_is_text_encoding", True)
    return _AS_BROWSERS.get(info.name, info.name) if text_codec else None


def meta_charset(data: bytes) -> str | None:
    """The charset that a page names itself, in a meta element or an XML declaration."""
    found = _META.search(data, 0, _META_WINDOW)
    if found is None:
        return None
    name = (found.group(1) or found.group(2)).decode("ascii", "replace")
    # bytes in which "<meta" could be read are not UTF-16, whatever they say (Encoding Standard)
    return "utf-8" if name.lower().startswith("utf-16") else name


def decode_bytes(data: bytes, declared: str | None, is_html: bool, errors: str = "tolerate") -> str:
    """The text of `data`; `declared` is the charset of the HTTP header.

    `errors`: "strict" refuses any undecodable byte, "tolerate" replaces up to one in a thousand and refuses more,
    "replace" replaces all. Raises DamagedInput `undecodable`. Valid UTF-8 declared as latin-1 or windows-1252 is read
    as UTF-8: servers send that header by default, and other text is hardly ever valid UTF-8 by chance.
    """
    bom, named = next(((mark, codec) for mark, codec in _BOMS if data.startswith(mark)), (b"", None))
    data = data[len(bom) :]
    named = named or codec_of(declared) or (codec_of(meta_charset(data)) if is_html else None)
    if named is None or named in ("utf-8", "cp1252"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for codec in filter(None, (named, "utf-8")):
        text = _fitting(data, codec, errors)
        if text is not None:
            return text
    guess = None if errors == "replace" and named else detect(data, is_html)
    text = _fitting(data, guess, errors) if guess else None
    if text is not None:
        return text
    if errors == "replace":
        return data.decode(named or "utf-8", "replace")
    detail = f"not {named or 'UTF-8'} and no other encoding fits; --encoding-errors replace keeps the page"
    raise DamagedInput("undecodable", detail)


def _fitting(data: bytes, codec: str, errors: str) -> str | None:
    """The text, or None where more bytes are undecodable than `errors` allows."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        if errors == "strict":
            return None
    text = data.decode(codec, "replace")
    return text if text.count("\ufffd") <= TOLERATED_BYTES * len(data) else None


def detect(data: bytes, is_html: bool) -> str | None:
    """The codec that `data` is most likely written in, or None; looks at no more than 64 kB of text."""
    from charset_normalizer import from_bytes

    sample = data[: 4 * _DETECT_WINDOW]
    if is_html:
        sample = _TAGS.sub(b" ", sample)
    best = from_bytes(sample[:_DETECT_WINDOW]).best()
    return codec_of(best.encoding) if best is not None else None
