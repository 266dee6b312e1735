"""Parquet: one page a row; the columns for id, url, html and text are options, every other column is metadata."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from classifier.errors import DamagedInput
from classifier.readers.jsonl import id_of, page_of
from classifier.readers.raw import Kind, Raw, refuse
from classifier.readers.streams import PACKED, ByteSource
from classifier.records import Page, Rejection
from classifier.settings import BATCH_BYTES, ReadOptions

_ROWS = 8  # rows taken out of the file at once; more are hardly faster, and a dictionary can make every row a large one


def split(source: ByteSource, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The rows, a few at a time; a compressed file is held in memory, as its end has to be read first.

    Reasons: `corrupt`; `too_large`; `not_seekable` for a pipe, which Parquet cannot be read from; for a compressed file
    `truncated`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    packed = source.first.startswith(PACKED)
    if not packed and not source.file.seekable():
        yield refuse(name, "not_seekable", "Parquet cannot be read from a pipe: give a file")
        return
    number = 0
    try:
        file = pa.BufferReader(source.read_all(options.limits.record)) if packed else source.file
        with pq.ParquetFile(file, pre_buffer=False) as table:
            for batch in table.iter_batches(batch_size=_rows_at_once(table.metadata), use_threads=False):
                columns = [_values(column) for column in batch.columns]
                for row in zip(*columns, strict=True):
                    fields = dict(zip(batch.schema.names, row, strict=True))
                    yield _within(Raw(Kind.PARQUET, b"", f"{name}:{number}", fields), options)
                    number += 1
    except DamagedInput as error:
        yield refuse(name, error.reason, error.detail)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last for names of columns
        yield refuse(f"{name}:{number}", "corrupt", f"broken Parquet ({str(error).splitlines()[0]})")
    if not packed:
        source.consumed = source.file.seek(0, 2)


def _rows_at_once(metadata: Any) -> int:
    """As many as make a batch of pages where rows are as large as the largest are on average, but at least one."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=0)
    return max(1, min(_ROWS, int(BATCH_BYTES / max(1, largest))))


def _within(raw: Raw, options: ReadOptions) -> Raw | Rejection:
    limit = options.limits.record
    if raw.size <= limit:
        return raw
    page_id = id_of(_without_bytes(raw.fields.get(options.id_key)))
    return refuse(raw.source, "too_large", f"more than {limit} bytes: see --max-record", page_id)


def _values(column: Any) -> list[Any]:
    """The values of an Arrow array; those that Python has no type for, or that are not what they should be, as text."""
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        return [_value(scalar) for scalar in column]
    return values


def _value(scalar: Any) -> Any:
    """A value of Arrow: text that is not UTF-8 as bytes; nanoseconds, years beyond 9999 and unknown zones as text."""
    import pyarrow as pa

    with suppress(ValueError, OverflowError):
        return scalar.as_py()
    if isinstance(scalar, pa.StructScalar):
        return {key: _value(inner) for key, inner in scalar.items()}
    if isinstance(scalar, pa.MapScalar):
        return [tuple(_value(inner) for _, inner in pair.items()) for pair in scalar.values]
    if isinstance(scalar, pa.ListScalar):
        return [_value(inner) for inner in scalar.values]
    if isinstance(scalar, pa.BinaryScalar):
        return scalar.as_buffer().to_pybytes()
    if isinstance(scalar.value, pa.Scalar):
        return _value(scalar.value)
    if not pa.types.is_duration(scalar.type):
        with suppress(pa.ArrowException):
            return scalar.cast(pa.string()).as_py()
    return f"{scalar.value} {scalar.type}"


def decode(raw: Raw, options: ReadOptions) -> Page | Rejection:
    """A row to a page; a column of bytes with the page is decoded as a file would be, any other as UTF-8.

    Reasons: `undecodable`, `no_text`.
    """
    from classifier.readers.encoding import decode_bytes

    row = {**raw.fields, options.id_key: _without_bytes(raw.fields.get(options.id_key))}
    try:
        for key in (options.html_key, options.markdown_key, options.text_key):
            if isinstance(row.get(key), bytes):
                row[key] = decode_bytes(row[key], None, key == options.html_key, options.encoding_errors)
    except DamagedInput as error:
        return refuse(raw.source, error.reason, error.detail, id_of(row[options.id_key]))
    return page_of({key: _without_bytes(value) for key, value in row.items()}, raw.source, options)


def _without_bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: _without_bytes(inner) for key, inner in value.items()}
    return [_without_bytes(inner) for inner in value] if isinstance(value, list | tuple) else value
