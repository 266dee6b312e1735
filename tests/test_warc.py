"""WARC: where a record is found again, and the header of the HTTP answer in it."""

import gzip
import io
import os
import zlib

import pytest
import zstandard
from fastwarc.stream_io import BrotliWriter
from test_readers import FRENCH, RUSSIAN, html, http, packed, pages, record

from classifier.readers import warc
from classifier.records import Page
from classifier.settings import Limits

PARAGRAPH = b"<p>The ferry left the harbour at nine.</p>" * 9


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_offsets_in_an_archive_packed_as_a_whole_are_those_in_the_unpacked_data(tmp_path, suffix):
    records = [record("conversion", f"https://example.org/{i}", FRENCH.encode() * i, "text/plain") for i in range(1, 5)]
    archive = tmp_path / f"in.warc{suffix}"
    archive.write_bytes(packed(b"".join(records), suffix))
    offsets = [sum(map(len, records[:i])) for i in range(4)]
    assert [p.source for p in pages(archive)] == [f"{archive}:{offset}" for offset in offsets]
    archive.write_bytes(b"".join(packed(r, suffix) for r in records))
    offsets = [sum(len(packed(r, suffix)) for r in records[:i]) for i in range(4)]
    assert [p.source for p in pages(archive)] == [f"{archive}:{offset}" for offset in offsets]


@pytest.mark.parametrize(
    ("header", "page", "text"),
    [
        ("iso-8859-1", FRENCH.encode("cp1252"), FRENCH),
        ("ISO-8859-5", RUSSIAN.encode("iso8859-5"), RUSSIAN),
        ('"utf-8"', html(RUSSIAN, "utf-8").replace(b"utf-8", b"iso-8859-2"), RUSSIAN),
        ("utf-16le", RUSSIAN.encode("utf-16-le"), RUSSIAN),
        ("windows-1251", "\ufeff".encode() + html(RUSSIAN, "utf-8"), RUSSIAN),
    ],
)
def test_the_charset_of_the_http_header_goes_before_that_of_the_page_and_a_mark_before_both(
    tmp_path, header, page, text
):
    answer = http(page).replace(b"windows-1251", header.encode(), 1)
    (tmp_path / "in.warc").write_bytes(record("response", "https://example.org/1", answer, "application/http"))
    (found,) = pages(tmp_path / "in.warc")
    assert text in found.content


def test_http_headers_whose_lines_end_in_lf_alone(tmp_path):
    answer = http(f"<p>{RUSSIAN}</p>\r\n\r\n<p>x".encode("cp1251"))
    head, _, body = answer.partition(b"\r\n\r\n")
    answer = head.replace(b"\r\n", b"\n") + b"\n\n" + body
    refused = b"HTTP/1.0 404\nContent-Type: text/html\n\n<p>x"
    records = [record("response", f"x:{i}", data, "application/http") for i, data in enumerate((answer, refused))]
    (tmp_path / "in.warc").write_bytes(b"".join(records))
    page, rejection = pages(tmp_path / "in.warc")
    assert page.content == f"<p>{RUSSIAN}</p>\r\n\r\n<p>x" and rejection.reason == "http_status"


@pytest.mark.parametrize(
    ("status", "told"),
    [("299", ""), ("", ""), ("404", "404"), ("0", "0"), ("2000", "2000"), ("2" * 5000, "2" * 20)],
)
def test_an_answer_whose_status_is_a_number_other_than_2xx_is_refused(tmp_path, status, told):
    answer = http(PARAGRAPH).replace(b"200", status.encode(), 1)
    (tmp_path / "in.warc").write_bytes(record("response", "https://example.org/1", answer, "application/http"))
    (found,) = pages(tmp_path)
    assert (found.detail == f"the server answered {told}") if told else found.content == PARAGRAPH.decode()


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("damage", [b"Content-Lungth: ", b"Content-Length: 99"])
def test_the_reading_goes_on_behind_a_broken_record(tmp_path, suffix, whole, damage):
    records = [record("conversion", f"https://example.org/{i}", FRENCH.encode() * i, "text/plain") for i in range(1, 6)]
    records[2] = records[2].replace(b"Content-Length: ", damage)
    data = packed(b"".join(records), suffix) if whole else b"".join(packed(r, suffix) for r in records)
    (tmp_path / f"in.warc{suffix}").write_bytes(data)
    found = pages(tmp_path / f"in.warc{suffix}")
    reason = "truncated" if damage.endswith(b"99") else "bad_warc"
    assert [x.id[-1] if isinstance(x, Page) else x.reason for x in found] == ["1", "2", reason, "4", "5"]
    offsets = [int(x.source.rpartition(":")[2]) for x in found]
    assert offsets == [sum(len(r if whole else packed(r, suffix)) for r in records[:i]) for i in range(5)]


def outcome(folder, **options):
    return [x.id[-1] if isinstance(x, Page) else x.reason for x in pages(folder, **options)]


def overstated(by, body=b"x" * 500):
    one = record("conversion", "https://example.org/b", body, "text/plain")
    return one.replace(b"Content-Length: ", b"Content-Length: %d" % by)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_records_that_overstate_their_length_are_not_each_read_to_the_end(tmp_path, monkeypatch, suffix):
    good = record("conversion", "https://example.org/1", FRENCH.encode(), "text/plain")
    whole = [overstated(99999)] * 300 + [good]
    (tmp_path / f"in.warc{suffix}").write_bytes(b"".join(packed(r, suffix) for r in whole))
    taken = []
    read = warc._Stream.read
    monkeypatch.setattr(warc._Stream, "read", lambda self, size: taken.append(len(data := read(self, size))) or data)
    assert outcome(tmp_path) == ["truncated"] * 300 + ["1"]
    size = sum(map(len, whole))
    assert sum(taken) < 2 * size + 300 * (1 << 16)


def test_reading_ends_where_a_hundred_records_reach_just_beyond_the_end(tmp_path):
    sizes = range(150, 0, -1)
    one = len(overstated(9000000))
    data = b"".join(overstated(1).replace(b": 1500", b": %07d" % (left * one - 100)) for left in sizes)
    (tmp_path / "in.warc").write_bytes(data)
    found = pages(tmp_path)
    assert [x.reason for x in found] == ["truncated"] * 102
    assert found[-1].detail == "more than 100 records reach beyond the end; what follows in the archive is not read"


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_pages_behind_a_record_that_is_too_large_for_the_file_are_sought(tmp_path, suffix):
    noise = os.urandom(20_000).hex().encode()
    good = [record("conversion", f"https://example.org/{i}", noise, "text/plain") for i in range(10)]
    records = [good[0], overstated(99999), *good[1:]]
    (tmp_path / f"in.warc{suffix}").write_bytes(b"".join(packed(r, suffix) for r in records))
    found = outcome(tmp_path, limits=Limits(record=200_000))
    assert found[:2] == ["0", "truncated"] and found[-2:] == ["8", "9"]
    told = pages(tmp_path, limits=Limits(record=200_000))[1].detail
    assert told.endswith(", of which the last 200000 are searched for records: see --max-record")


def test_damage_in_the_packed_data_of_a_whole_archive_tells_that_the_rest_is_lost(tmp_path):
    records = [record("conversion", f"https://example.org/{i}", FRENCH.encode(), "text/plain") for i in range(1, 5)]
    data = gzip.compress(b"".join(records[:3])) + b"\x1f\x8b\x08damage" * 9
    (tmp_path / "in.warc.gz").write_bytes(data)
    *read, last = pages(tmp_path / "in.warc.gz")
    assert len(read) == 3 and last.detail.endswith("; what follows in the archive is not read")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_offsets_behind_a_first_record_that_is_large(tmp_path, suffix):
    records = [record("resource", f"https://example.org/{i}", b"x " * 700_000, "text/plain") for i in range(3)]
    (tmp_path / f"in.warc{suffix}").write_bytes(packed(b"".join(records), suffix))
    assert [int(p.source.rpartition(":")[2]) for p in pages(tmp_path)] == [len(records[0]) * i for i in range(3)]


def test_an_archive_that_begins_with_a_frame_to_skip(tmp_path):
    one = record("conversion", "https://example.org/1", FRENCH.encode(), "text/plain")
    (tmp_path / "in.warc.zst").write_bytes(b"\x50\x2a\x4d\x18\4\0\0\0data" + packed(one, ".zst"))
    assert [p.content for p in pages(tmp_path)] == [FRENCH]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("zstd", zstandard.compress),
        ("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
        ("deflate, zstd", lambda body: zstandard.compress(zlib.compress(body))),
        ("", gzip.compress),
    ],
)
@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("chunked", [True, False])
def test_bodies_packed_in_other_ways(tmp_path, encoding, pack, told, chunked):
    body = pack(PARAGRAPH)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    answer = http(body, f"Content-Encoding: {encoding}\r\n" + "Transfer-Encoding: chunked\r\n" * chunked)
    answer = answer if told else answer.replace(b"Content-Type", b"X-Type", 1)
    (tmp_path / "in.warc").write_bytes(record("response", "https://example.org/1", answer, "application/http"))
    (found,) = pages(tmp_path)
    assert (found.content, found.is_html) == (PARAGRAPH.decode(), True)


def brotli(body):
    with BrotliWriter(file := io.BytesIO()) as writer:
        writer.write(body)
        writer.close()
        return file.getvalue()


LIKE_MARKUP = PARAGRAPH[:114] + b"<p>more"  # of this length, Brotli begins with a blank and <


@pytest.mark.parametrize("cut", ["", "WARC-Truncated: length\r\n"])
@pytest.mark.parametrize("encoding", ["br", "deflate", "deflate, br", "x-pack"])
@pytest.mark.parametrize("body", [PARAGRAPH, b"<p>x", b" <p>" + b"\xe9" * 40, "<p>ferry".encode("utf-16-le")])
def test_a_body_that_the_crawler_unpacked_is_read_as_it_is(tmp_path, body, encoding, cut):
    answer = http(body, f"Content-Encoding: {encoding}\r\n")
    (tmp_path / "in.warc").write_bytes(record("response", "x:1", answer, "application/http", cut))
    (found,) = pages(tmp_path)
    assert found.content in (body.decode("cp1251"), body.decode("utf-16-le", "replace"))


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (brotli(PARAGRAPH), PARAGRAPH.decode()),
        (brotli(LIKE_MARKUP), LIKE_MARKUP.decode()),
        (brotli(LIKE_MARKUP)[:-20], "corrupt"),
        (brotli(b"x" * 3000), "too_large"),
        (b" ", "empty"),
    ],
    ids=["usual", "like markup", "cut", "too large", "nothing"],
)
def test_brotli_is_tried_before_its_first_bytes_pass_for_markup(tmp_path, body, content):
    answer = http(body, "Content-Encoding: br\r\n")
    (tmp_path / "in.warc").write_bytes(record("response", "x:1", answer, "application/http"))
    (found,) = pages(tmp_path, limits=Limits(record=2000))
    assert content == (found.content if isinstance(found, Page) else found.reason)


def test_a_chunked_body_without_a_type_is_looked_at_behind_its_length(tmp_path):
    answer = http(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PARAGRAPH), PARAGRAPH), "Transfer-Encoding: chunked\r\n")
    answer = answer.replace(b"Content-Type", b"X-Type", 1)
    (tmp_path / "in.warc").write_bytes(record("response", "https://example.org/1", answer, "application/http"))
    (found,) = pages(tmp_path)
    assert (found.content, found.is_html) == (PARAGRAPH.decode(), True)


@pytest.mark.parametrize("errors", ["tolerate", "replace"])
def test_an_encoding_that_is_unknown_is_named(tmp_path, errors):
    answer = http(bytes(range(256)) * 9, "Content-Encoding: x-pack\r\n")
    (tmp_path / "in.warc").write_bytes(record("response", "https://example.org/1", answer, "application/http"))
    (refused,) = pages(tmp_path, encoding_errors=errors)
    assert refused.reason == "undecodable" and "Content-Encoding x-pack is unknown" in refused.detail
