"""A whole file as one page: plain text, Markdown or HTML."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.errors import DamagedInput
from classifier.markdown import markdown_to_html
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

    if not raw.data.strip():
        return refuse(raw.source, "empty", "nothing in it")
    try:
        text = decode_bytes(raw.data, None, raw.kind is Kind.HTML, options.encoding_errors)
    except DamagedInput as error:
        return refuse(raw.source, error.reason, error.detail)
    return Page(raw.source, *content_of(text, raw.kind), raw.source)


def content_of(text: str, kind: Kind) -> tuple[str, bool]:
    """What a page of this kind holds, and whether that is HTML: Markdown becomes HTML."""
    return (markdown_to_html(text), True) if kind is Kind.MARKDOWN else (text, kind is Kind.HTML)
