"""Which format a file has: by its first bytes, then by its suffix."""

from __future__ import annotations

import re
from pathlib import PurePath

from classifier.markdown import is_markdown
from classifier.readers.detection import is_binary, unmarked_utf16
from classifier.readers.encoding import mark_of
from classifier.readers.raw import Kind
from classifier.settings import COMPRESSIONS

PEEK = 4096  # bytes looked at
_BINARY = {
    b"%PDF-": "PDF", b"\x89PNG": "a PNG picture", b"\xff\xd8\xff": "a JPEG picture", b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive or office document", b"7z\xbc\xaf": "a 7z archive", b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data", b"\x7fELF": "a program", b"SQLite format 3": "an SQLite file", b"ARROW1": "an Arrow file",
}  # fmt: skip
_MARKUP = re.compile(
    rb"\s*(?:<!doctype\s+html|<\?xml|<!--|<(?:html|head|body|title|meta|link|script|style|div|section|article|main|header"
    rb"|nav|table|ul|ol|p|h[1-6]|a|span|br)[\s>/])",
    re.I,
)
_DOCUMENT = re.compile(  # Markdown may begin with other tags
    rb"(?:\s++|<\?xml[^>]*>|<!--.*?-->)*+(?:<!doctype\s+html|<html[\s>])", re.I | re.S
)
_MHTML = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related\b", re.I)  # RFC 2557
_JSON_OBJECT = re.compile(rb'\s*\{\s*(?:"|\})')
_SUFFIXES = {
    ".txt": Kind.TEXT, ".text": Kind.TEXT, ".md": Kind.MARKDOWN, ".markdown": Kind.MARKDOWN,
    ".html": Kind.HTML, ".htm": Kind.HTML, ".xhtml": Kind.HTML,
    ".jsonl": Kind.JSONL, ".ndjson": Kind.JSONL, ".json": Kind.JSONL, ".warc": Kind.WARC, ".wet": Kind.WARC,
    ".parquet": Kind.PARQUET,
}  # fmt: skip


def begins_as_html(text: str) -> bool:
    """Whether a text begins with a tag of HTML."""
    return _MARKUP.match(text.encode("utf-8", "replace")) is not None


def kind_of(first: bytes, name: str) -> Kind | str:
    """The format of a file that starts with `first` (decompressed); where it is no page, what it is instead."""
    if first.startswith(b"PAR1"):
        return Kind.PARQUET
    if first.startswith(b"WARC/"):
        return Kind.WARC
    known = next((what for magic, what in _BINARY.items() if first.startswith(magic)), None)
    if known:
        return known
    body = _as_utf8(first)
    by_suffix = suffix_kind(name)
    if _JSON_OBJECT.match(first.removeprefix(b"\xef\xbb\xbf")):
        return Kind.JSONL  # zeros in a later line are that line's fault
    if is_binary(body):
        return "binary data"
    if _MHTML.match(body):
        return "an MHTML archive"
    if by_suffix is Kind.MARKDOWN and not _DOCUMENT.match(body):
        return Kind.MARKDOWN
    if _MARKUP.match(body):
        return Kind.HTML
    if by_suffix in (Kind.HTML, Kind.JSONL, Kind.WARC):
        return by_suffix
    return Kind.MARKDOWN if is_markdown(body.decode("utf-8", "ignore")) else Kind.TEXT


def suffix_kind(name: str) -> Kind | None:
    """The format that a file name promises, compression aside; None where it promises none."""
    path = PurePath(name)
    if path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    return _SUFFIXES.get(path.suffix.lower())


def _as_utf8(first: bytes) -> bytes:
    """The same without a mark and not in UTF-16 or UTF-32, so that tags can be seen and control characters counted."""
    mark, marked = mark_of(first)
    body = first[len(mark) :]
    codec = marked or unmarked_utf16(body)
    return body.decode(codec, "ignore").encode("utf-8", "ignore") if codec not in (None, "utf-8") else body
