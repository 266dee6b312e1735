"""Parquet: one row a page, the blocks as a list of structs. Made at the end of a run from the rendered JSON Lines,
because a Parquet file cannot be gone on with after a break.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.records import LABELS

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 500  # pages in one row group: some 20 MB of pages with all their blocks


def schema() -> pa.Schema:
    """The columns: id, url, source, text, language, languages, blocks, metadata (JSON as text), model."""
    import pyarrow as pa

    scores = pa.struct([(label.value, pa.float32()) for label in LABELS])
    block = pa.struct([
        ("index", pa.int32()), ("text", pa.string()), ("start", pa.int64()), ("end", pa.int64()),
        ("label", pa.string()), ("scores", scores), ("language", pa.string()),
        ("language_score", pa.float32()), ("kept", pa.bool_()),
    ])  # fmt: skip
    return pa.schema([
        ("id", pa.string()), ("url", pa.string()), ("source", pa.string()), ("text", pa.string()),
        ("language", pa.string()), ("languages", pa.map_(pa.string(), pa.float32())), ("blocks", pa.list_(block)),
        ("metadata", pa.string()), ("model", pa.string()),
    ])  # fmt: skip


def convert(rendered: Path, final: Path) -> None:
    """Read rendered JSON Lines and write them to `final`, a few hundred pages at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = schema()
    with (
        rendered.open("rb") as lines,
        final.open("wb") as file,  # by its name, pyarrow could not open one that is not UTF-8
        pq.ParquetWriter(file, columns, compression="zstd") as writer,
    ):
        while rows := list(_rows(islice(lines, _ROWS))):
            writer.write_table(pa.Table.from_pylist(rows, schema=columns))


def _rows(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    import orjson

    for line in lines:
        row = orjson.loads(line)
        row["languages"] = list(row["languages"].items())
        row["metadata"] = orjson.dumps(row["metadata"]).decode()
        yield row
