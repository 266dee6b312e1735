"""WARC: where a record is found again, and the header of the HTTP answer in it."""

import pytest
from test_readers import FRENCH, RUSSIAN, html, http, packed, pages, record


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
