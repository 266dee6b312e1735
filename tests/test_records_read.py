"""Ids, values and encodings of records in JSON Lines and Parquet."""

import io
import json
import math

import orjson
import pytest
from test_readers import RUSSIAN, pages

from classifier.readers import discover, parquet, split_file
from classifier.records import Page
from classifier.settings import Limits, ReadOptions

WHOLE = {
    b"18446744073709551615": (int, 2**64 - 1),
    b"18446744073709551616": (float, 2.0**64),
    b"-9223372036854775808": (int, -(2**63)),
    b"-9223372036854775809": (float, -(2.0**63)),
    b"1" + b"0" * 300: (float, 1e300),
    b"1" + b"0" * 5000: (float, math.inf),
}


@pytest.mark.parametrize(
    ("value", "wanted"), [({"a": [1]}, '{"a":[1]}'), ([True, "й"], '[true,"й"]'), (False, "false")]
)
def test_an_id_that_is_no_text_is_written_as_json(tmp_path, value, wanted):
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": value, "text": "x"}))
    assert [page.id for page in pages(tmp_path)] == [wanted]


@pytest.mark.parametrize("more", [b"", b', "x": NaN', b', "x": "\\ud800"', b', "x": "\xff"'])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("number", WHOLE)
def test_whole_numbers_beyond_64_bits_are_rounded_but_for_the_id(tmp_path, more, mark, number):
    (tmp_path / "in.jsonl").write_bytes(mark + b'{"id": %s, "n": [%s]%s, "text": "x"}' % (number, number, more))
    (page,) = pages(tmp_path, encoding_errors="replace")
    (read,) = page.metadata["n"]
    assert page.id == number.decode() and (type(read), read) == WHOLE[number]
    assert orjson.loads(orjson.dumps(page.metadata))["n"] == [read if math.isfinite(read) else None]


def test_a_parquet_id_that_is_not_a_number_is_missing_and_bytes_in_maps_are_text(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = pa.schema([("id", pa.float64()), ("text", pa.string()), ("more", pa.map_(pa.binary(), pa.binary()))])
    rows = [{"id": float("nan"), "text": "x", "more": [(b"a", b"b")]}]
    pq.write_table(pa.Table.from_pylist(rows, kinds), tmp_path / "in.parquet")
    (page,) = pages(tmp_path / "in.parquet")
    assert page.id == page.source and page.metadata == {"more": [["a", "b"]]}


def odd_columns():
    """What stands in a column of Parquet, and what comes as metadata, where Python has no value for it."""
    import pyarrow as pa

    text = pa.Array.from_buffers(pa.utf8(), 2, pa.array([b"ok", b"\xff!"]).buffers())
    stamp, zoned = pa.timestamp("ns"), pa.timestamp("us", "No/Where")
    return {
        "text that is not UTF-8": (text, ["ok", "\ufffd!"]),
        "in a list": (pa.ListArray.from_arrays([0, 1, 2], text), [["ok"], ["\ufffd!"]]),
        "in a struct": (pa.StructArray.from_arrays([text], ["k"]), [{"k": "ok"}, {"k": "\ufffd!"}]),
        "in a map": (pa.MapArray.from_arrays([0, 1, 2], text, pa.array([1, 2])), [[["ok", 1]], [["\ufffd!", 2]]]),
        "in a dictionary": (text.dictionary_encode(), ["ok", "\ufffd!"]),
        "nanoseconds": (pa.array([1, None], stamp), ["1970-01-01 00:00:00.000000001", None]),
        "a time": (pa.array([1, None], pa.duration("ns")), ["1 duration[ns]", None]),
        "no zone": (pa.array([1, None], zoned), ["1 timestamp[us, tz=No/Where]", None]),
        "a far day": (pa.array([2**30, None], pa.date32()), ["<value out of range: 1073741824>", None]),
        "a name twice": (pa.StructArray.from_arrays([text, text], ["k", "k"]), [{"k": "ok"}, {"k": "\ufffd!"}]),
    }


@pytest.mark.parametrize("what", odd_columns())
def test_no_value_of_a_parquet_column_costs_a_page(tmp_path, what):
    import pyarrow as pa
    import pyarrow.parquet as pq

    column, wanted = odd_columns()[what]
    pq.write_table(pa.table({"text": ["x", "y"], "odd": column}), tmp_path / "in.parquet")
    assert [page.metadata["odd"] for page in pages(tmp_path)] == wanted


def test_parquet_text_that_is_not_utf8_is_decoded_as_a_file_is(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = pa.Array.from_buffers(pa.utf8(), 1, pa.array([RUSSIAN.encode("cp1251")]).buffers())
    pq.write_table(pa.table({"text": text}), tmp_path / "in.parquet")
    assert [page.content for page in pages(tmp_path)] == [RUSSIAN]


def test_a_parquet_column_whose_name_is_not_utf8_is_told(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": ["x"], "name": [1]}), file := io.BytesIO(), store_schema=False)
    (tmp_path / "in.parquet").write_bytes(file.getvalue().replace(b"name", b"na\xffe"))
    (refused,) = pages(tmp_path)
    assert refused.reason == "corrupt" and "can't decode byte 0xff" in refused.detail


@pytest.mark.parametrize("large", [b"x" * 2000, "x" * 2000, {"inner": [b"x" * 2000]}])
def test_a_parquet_row_over_the_limit_is_refused_whatever_holds_it(tmp_path, large):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"id": b"%d" % i, "text": "x", "more": large if i == 1 else None} for i in range(3)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    first, refused, last = pages(tmp_path, limits=Limits(record=1000))
    assert (first.id, refused.reason, refused.id, last.id) == ("0", "too_large", "1", "2")
    assert refused.detail == "more than 1000 bytes: see --max-record"
    (file,) = discover([str(tmp_path)])
    assert [raw.size > 2000 for raw in split_file(file, ReadOptions())] == [False, True, False]


@pytest.mark.parametrize(("size", "rows"), [(0, 8), (9, 8), (900_000, 4), (9_000_000, 1)])
def test_large_rows_of_parquet_are_taken_a_few_at_a_time(size, rows):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": [b"x" * size] * bool(size)}), file := io.BytesIO(), compression="none")
    assert parquet._rows_at_once(pq.ParquetFile(file).metadata) == rows


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-16", "not UTF-8, in which JSON Lines are written; convert the file"),
        ("utf-16-le", "one JSON object a line is expected, in UTF-8"),
        ("cp1251", "not UTF-8, in which JSON Lines are written; --encoding-errors replace keeps the page"),
    ],
)
def test_json_lines_in_another_encoding_are_told_so(tmp_path, codec, told):
    (tmp_path / "in.jsonl").write_bytes((json.dumps({"text": RUSSIAN}, ensure_ascii=False) + "\n").encode(codec))
    found = pages(tmp_path)
    assert found and not any(isinstance(x, Page) for x in found) and found[0].detail.endswith(told)
