"""Files to pages: `discover` names the files, `split_file` cuts one into records, `decode` makes a page of a record.

Cutting is cheap and stays in one process; decoding is the costly half and can run in workers.

Reading order: `discover`, `streams` (bytes, decompressed), `formats` (what a file is), `raw` (a record before it is
decoded), `encoding` and `detection` (bytes to text); one module a format: `plain`, `jsonl`, `parquet`, `warc` with
`bodies` (what HTTP packed).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from classifier.errors import DamagedInput, InputError
from classifier.readers import jsonl, plain
from classifier.readers.discover import InputFile, discover
from classifier.readers.formats import PEEK, kind_of
from classifier.readers.raw import PAGES, Kind, Raw, refuse
from classifier.readers.streams import ByteSource, open_bytes
from classifier.records import Page, Rejection, without_nul
from classifier.settings import ReadOptions

__all__ = ["InputFile", "Kind", "Raw", "decode", "discover", "read_pages", "split_file"]


def split_file(
    file: InputFile, options: ReadOptions, progress: list[ByteSource] | None = None
) -> Iterator[Raw | Rejection]:
    """The records of one file in order, as raw bytes; what is no record comes as a Rejection in its place.

    The open source is appended to `progress`, whose `consumed` tells how far the reading is. Reasons besides those of
    the formats: `missing` and `unreadable` (no such file, no permission), `binary`.
    """
    if file.problem:
        reason = "unreadable" if file.problem == "permission denied" else "missing"
        address = "://" in file.name
        advice = "nothing is downloaded, name a file" if address else "check the name and the permissions"
        yield refuse(file.name, reason, f"{file.problem}: {advice}")
        return
    try:
        handle = open_bytes(file.path)
    except InputError as error:
        yield refuse(file.name, "unreadable", str(error))
        return
    with handle:
        try:
            source = ByteSource(handle)
        except DamagedInput as error:
            yield refuse(file.name, error.reason, error.detail)
            return
        if progress is not None:
            progress.append(source)
        yield from _split(source, file.name, options)


def _split(source: ByteSource, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    kind = kind_of(source.peek(PEEK), name)
    if kind is Kind.JSONL:
        yield from jsonl.split(source, name, options)
    elif isinstance(kind, Kind) and kind in PAGES:
        yield from plain.split(source, name, kind, options)
    elif kind is Kind.WARC:
        from classifier.readers import warc

        yield from warc.split(source, name, options)
    elif kind is Kind.PARQUET:
        from classifier.readers import parquet

        yield from parquet.split(source, name, options)
    else:
        yield refuse(name, "binary", f"{kind}, not text, Markdown or HTML")


def decode(raw: Raw, options: ReadOptions) -> Page | Rejection:
    """One record to a page, `without_nul`; a Rejection where it is none, or one over `limits.page` characters."""
    if raw.kind is Kind.JSONL:
        page = jsonl.decode(raw, options)
    elif raw.kind is Kind.WARC:
        from classifier.readers import warc

        page = warc.decode(raw, options)
    elif raw.kind is Kind.PARQUET:
        from classifier.readers import parquet

        page = parquet.decode(raw, options)
    else:
        page = plain.decode(raw, options)
    if isinstance(page, Page) and len(page.content) > options.limits.page:
        detail = f"{len(page.content)} characters, over the limit of {options.limits.page}: see --max-page"
        return Rejection(raw.source, "read", "too_large", detail, page.id)
    if isinstance(page, Page) and "\0" in page.content:
        return replace(page, content=without_nul(page.content, page.is_html))
    return page


def read_pages(
    inputs: Sequence[str], options: ReadOptions, leave_out: Sequence[str] = ()
) -> Iterator[Page | Rejection]:
    """Every page of every input, lazily and in order; `leave_out` names outputs, see `discover`."""
    for file in discover(inputs, leave_out):
        for raw in split_file(file, options):
            yield raw if isinstance(raw, Rejection) else decode(raw, options)
