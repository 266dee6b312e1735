"""One record as it was cut out of its file, not yet decoded: small to send to a worker, decoded there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from classifier.records import Rejection


class Kind(StrEnum):
    """What the bytes of a record are, and so who decodes them."""

    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"
    JSONL = "jsonl"
    WARC = "warc"
    PARQUET = "parquet"


PAGES = (Kind.TEXT, Kind.HTML, Kind.MARKDOWN)  # a file of these kinds is one page


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one record. `source` finds it again; `fields` is what the container said about it.

    For WARC `fields` are id, url, metadata, kind (of PAGES), charset, encoding, chunked and cut; for Parquet the row.
    """

    kind: Kind
    data: bytes
    source: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of the record, near enough to fill batches evenly."""
        return len(self.data) + _size(self.fields)


def _size(value: Any) -> int:
    """Characters of text and bytes in a value, however deep they stand in it."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return 0
    return sum(map(_size, value))


def refuse(source: str, reason: str, detail: str = "", page_id: str | None = None) -> Rejection:
    """A rejection by the readers; `page_id` where the record told it."""
    return Rejection(source, "read", reason, detail, page_id)
