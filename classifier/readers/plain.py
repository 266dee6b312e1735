"""A whole file as one page: plain text (Markdown included) or HTML."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.errors import DamagedInput
from classifier.readers.raw import Kind, Raw, refuse
from classifier.readers.streams import ByteSource
from classifier.records import Page, Rejection
from classifier.settings import ReadOptions


def split(source: ByteSource, name: str, kind: Kind, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """One record: the file. Reasons: `too_large`, `truncated`, `corrupt`."""
    try:
        yield Raw(kind, source.read_all(options.limits.record), name)
    except DamagedInput as error:
        yield refuse(name, error.reason, error.detail)


def decode(raw: Raw, options: ReadOptions) -> Page | Rejection:
    """Bytes to a page. Reasons: `empty`, `undecodable`."""
    from classifier.readers.encoding import decode_bytes

    is_html = raw.kind is Kind.HTML
    if not raw.data.strip():
        return refuse(raw.source, "empty", "nothing in it")
    try:
        return Page(raw.source, decode_bytes(raw.data, None, is_html, options.encoding_errors), is_html, raw.source)
    except DamagedInput as error:
        return refuse(raw.source, error.reason, error.detail)
