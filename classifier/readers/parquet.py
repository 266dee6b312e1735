"""Parquet: one page a row; the columns for id, url, html and text are options, every other column is metadata."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.readers.raw import Kind, Raw, refuse
from classifier.readers.streams import ByteSource
from classifier.records import Rejection
from classifier.settings import ReadOptions

_ROWS = 64  # rows taken out of the file at once


def split(source: ByteSource, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The rows, a few at a time. Reasons: `corrupt`; `not_seekable` for a pipe, which Parquet cannot be read from."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not source.file.seekable():
        yield refuse(name, "not_seekable", "Parquet cannot be read from a pipe: give a file")
        return
    number = 0
    try:
        with pq.ParquetFile(source.file, pre_buffer=False) as file:
            for batch in file.iter_batches(batch_size=_ROWS, use_threads=False):
                for row in batch.to_pylist():
                    yield Raw(Kind.PARQUET, b"", f"{name}:{number}", row)
                    number += 1
    except (pa.ArrowException, OSError) as error:
        yield refuse(f"{name}:{number}", "corrupt", f"broken Parquet ({str(error).splitlines()[0]})")
    source.consumed = source.file.seek(0, 2)
