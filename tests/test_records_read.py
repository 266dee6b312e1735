"""Ids, values and encodings of records in JSON Lines and Parquet."""

import json

import pytest
from test_readers import RUSSIAN, pages

from classifier.records import Page


@pytest.mark.parametrize(
    ("value", "wanted"), [({"a": [1]}, '{"a":[1]}'), ([True, "й"], '[true,"й"]'), (False, "false")]
)
def test_an_id_that_is_no_text_is_written_as_json(tmp_path, value, wanted):
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": value, "text": "x"}))
    assert [page.id for page in pages(tmp_path)] == [wanted]


def test_a_parquet_id_that_is_not_a_number_is_missing_and_bytes_in_maps_are_text(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = pa.schema([("id", pa.float64()), ("text", pa.string()), ("more", pa.map_(pa.binary(), pa.binary()))])
    rows = [{"id": float("nan"), "text": "x", "more": [(b"a", b"b")]}]
    pq.write_table(pa.Table.from_pylist(rows, kinds), tmp_path / "in.parquet")
    (page,) = pages(tmp_path / "in.parquet")
    assert page.id == page.source and page.metadata == {"more": [["a", "b"]]}


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
