"""Every format and encoding that is read, and how files are found and told apart."""

import gzip
import io
import json
import os
import subprocess
import sys
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import classifier
from classifier.errors import DamagedInput
from classifier.readers.encoding import decode_bytes
from classifier.readers.streams import ByteSource, lines_of
from classifier.records import Rejection
from classifier.settings import ReadOptions

RUSSIAN = "Старый паром вышел из гавани до того, как опустился туман, и никто на пристани не видел, куда он пошёл."
JAPANESE = "古いフェリーは霧が出る前に港を出たので、桟橋にいた人は誰もその行方を見ていなかった。" * 3
FRENCH = "Le vieux ferry a quitté le port avant que le brouillard ne tombe ; personne n’a vu où il allait, même à midi."


def pages(*inputs, **options):
    return list(classifier.read(*inputs, options=ReadOptions(**options)))


def html(text, charset):
    return f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'.encode(charset)


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("\ufeff".encode() + RUSSIAN.encode(), None, RUSSIAN),
        (b"\xff\xfe" + RUSSIAN.encode("utf-16-le"), "latin-1", RUSSIAN),
        (b"\xfe\xff" + RUSSIAN.encode("utf-16-be"), None, RUSSIAN),
        (RUSSIAN.encode("cp1251"), "windows-1251", RUSSIAN),
        (RUSSIAN.encode("koi8-r"), "KOI8-R", RUSSIAN),
        (JAPANESE.encode("shift_jis"), "Shift_JIS", JAPANESE),
        (JAPANESE.encode("iso2022_jp"), "ISO-2022-JP", JAPANESE),
        (FRENCH.encode("cp1252"), "iso-8859-1", FRENCH),
        (FRENCH.encode("utf-8"), "iso-8859-1", FRENCH),
        (FRENCH.encode("utf-8"), "no-such-charset", FRENCH),
        (RUSSIAN.encode("cp1251"), None, RUSSIAN),
        (RUSSIAN.encode("cp1251"), "utf-8", RUSSIAN),
    ],
)
def test_encodings(data, declared, text):
    assert decode_bytes(data, declared, is_html=False) == text


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8", "iso-8859-5"])
def test_the_charset_that_the_page_names_and_http_before_it(charset):
    assert RUSSIAN in decode_bytes(html(RUSSIAN, charset), None, is_html=True)
    assert RUSSIAN in decode_bytes(html(RUSSIAN, "utf-8").replace(b"utf-8", charset.encode()), "utf-8", is_html=True)


@pytest.mark.parametrize("errors", ["tolerate", "replace", "strict"])
@pytest.mark.parametrize("codec", ["undefined", "punycode", "IDNA", "unicode_escape", "raw-unicode-escape", "charmap"])
def test_a_codec_that_python_alone_knows_is_no_charset(codec, errors):
    page = html(f"{RUSSIAN} \\u0041", "utf-8").replace(b'"utf-8"', codec.encode())
    assert f"{RUSSIAN} \\u0041" in decode_bytes(page, None, is_html=True, errors=errors)
    assert decode_bytes(FRENCH.encode("cp1252"), codec, is_html=False, errors=errors) == FRENCH


def test_a_few_bad_bytes_are_tolerated_and_many_are_not():
    few = RUSSIAN.encode() * 20 + b"\xff"
    assert decode_bytes(few, "utf-8", is_html=False).endswith("\ufffd")
    with pytest.raises(DamagedInput, match="--encoding-errors replace"):
        decode_bytes(bytes(range(256)) * 9, "utf-8", is_html=False, errors="strict")
    assert "\ufffd" in decode_bytes(b"caf\xe9 " * 3, "utf-8", is_html=False, errors="replace")


@given(st.text(), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_unicode_comes_back_as_it_was(text, codec):
    if not text.startswith(("\ufeff", "\0")):  # a mark of its own, and UTF-16 whose mark looks like that of UTF-32
        assert decode_bytes(text.encode(codec), "utf-8", is_html=False) == text


def packed(data, suffix):
    return {"": data, ".gz": gzip.compress(data), ".zst": zstandard.ZstdCompressor().compress(data)}[suffix]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_text_html_and_jsonl_plain_and_packed(tmp_path, suffix):
    record = json.dumps({"id": 7, "url": "https://example.org/", "text": RUSSIAN, "section": "sea"}) + "\n"
    for name, data in {
        "a.txt": RUSSIAN.encode(),
        "b.html": html(RUSSIAN, "koi8-r"),
        "c.jsonl": record.encode(),
    }.items():
        (tmp_path / (name + suffix)).write_bytes(packed(data, suffix))
    text, page, line = pages(tmp_path)
    assert (text.content, text.is_html, text.id) == (RUSSIAN, False, f"{tmp_path}/a.txt{suffix}")
    assert page.is_html and RUSSIAN in page.content
    assert (line.id, line.url, line.content, line.metadata) == (
        "7",
        "https://example.org/",
        RUSSIAN,
        {"section": "sea"},
    )
    assert line.source == f"{tmp_path}/c.jsonl{suffix}:1"


def test_members_and_frames_one_after_another_are_one_file(tmp_path):
    lines = [b'{"id": "%d", "text": "x"}\n' % i for i in range(3)]
    for suffix in (".gz", ".zst"):
        (tmp_path / f"in.jsonl{suffix}").write_bytes(b"".join(packed(line, suffix) for line in lines))
        assert [p.id for p in pages(tmp_path / f"in.jsonl{suffix}")] == ["0", "1", "2"]


def test_keys_are_options_and_html_goes_before_text(tmp_path):
    rows = [{"docid": "a", "raw": "<p>x</p>", "body": "y"}, {"docid": "b", "body": "y", "metadata": {"m": 1}, "k": 2}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    first, second = pages(tmp_path / "in.jsonl", id_key="docid", html_key="raw", text_key="body")
    assert (first.id, first.content, first.is_html) == ("a", "<p>x</p>", True)
    assert (second.content, second.is_html, second.metadata) == ("y", False, {"m": 1, "k": 2})


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_text_stands_in_for_html_that_holds_nothing(tmp_path, nothing):
    (tmp_path / "a.jsonl").write_text(json.dumps({"html": nothing, "text": RUSSIAN}))
    (page,) = pages(tmp_path)
    assert (page.content, page.is_html) == (RUSSIAN, False)


def test_ids_as_they_are_written_and_a_url_that_is_no_text(tmp_path):
    lines = [json.dumps({"id": 2**70, "text": "x"}), '{"id": 1.5, "text": "x"}', '{"id": true, "url": 5, "text": "x"}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    found = pages(tmp_path / "in.jsonl")
    assert [page.id for page in found] == [str(2**70), "1.5", "true"]
    assert found[2].url is None and found[2].metadata == {"url": 5}


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_parquet_rows_with_columns_as_metadata(tmp_path, suffix):
    path = tmp_path / f"in.parquet{suffix}"
    path.write_bytes(packed(parquet(), suffix))
    first, second = pages(path)
    assert (first.content, first.metadata, first.source) == (RUSSIAN, {"n": 1}, f"{path}:0")
    assert second.is_html and second.id == "b"


def parquet():
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"id": ["a", "b"], "text": [RUSSIAN, None], "html": [None, "<p>x</p>"], "n": [1, 2]})
    pq.write_table(table, file := io.BytesIO())
    return file.getvalue()


def test_parquet_columns_of_bytes(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {"id": b"a", "html": html(RUSSIAN, "koi8-r"), "text": None, "blob": b"\xff\0", "more": {"list": [b"x"]}},
        {"id": b"b", "html": None, "text": FRENCH.encode("cp1252"), "blob": None, "more": None},
        {"id": b"c", "html": bytes(range(256)), "text": None, "blob": None, "more": None},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    page, text, refused = pages(tmp_path / "in.parquet")
    assert RUSSIAN in page.content and page.is_html and page.id == "a"
    assert page.metadata == {"blob": "\ufffd\0", "more": {"list": ["x"]}}
    assert (text.content, text.is_html) == (FRENCH, False)
    assert (refused.reason, refused.id) == ("undecodable", "c")


def test_parquet_on_stdin_is_read_from_a_file_and_from_a_pipe_where_it_is_compressed(monkeypatch):
    def outcome(file):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        return [x.reason if isinstance(x, Rejection) else x.id for x in pages("-")]

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    assert outcome(io.BytesIO(parquet())) == ["a", "b"]
    assert outcome(Pipe(parquet())) == ["not_seekable"]
    assert outcome(Pipe(packed(parquet(), ".gz"))) == ["a", "b"]


def record(kind, uri, body, content_type, more=""):
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{uri[-1]}>\r\nWARC-Date: 2026-01-05T08:00:00Z\r\n"
    )
    head += more
    head += f"WARC-Target-URI: {uri}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


def http(body, more=""):
    return f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=windows-1251\r\n{more}\r\n".encode() + body


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_warc_and_wet(tmp_path, pack):
    body = f"<p>{RUSSIAN}</p>".encode("cp1251")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    response = "application/http; msgtype=response"
    records = [
        record("warcinfo", "x:0", b"software: none", "application/warc-fields"),
        record("response", "https://example.org/1", http(body), response),
        record("response", "https://example.org/2", http(gzip.compress(body), "Content-Encoding: gzip\r\n"), response),
        record("response", "https://example.org/3", http(chunked, "Transfer-Encoding: chunked\r\n"), response),
        record("resource", "https://example.org/4", body, "text/html; charset=windows-1251"),
        record("conversion", "https://example.org/5", RUSSIAN.encode(), "text/plain"),
    ]
    members = [pack(r) for r in records]
    (tmp_path / "crawl.warc").write_bytes(b"".join(members))
    found = pages(tmp_path / "crawl.warc")
    assert [p.url for p in found] == [f"https://example.org/{i}" for i in range(1, 6)]
    assert [p.content for p in found] == [f"<p>{RUSSIAN}</p>"] * 4 + [RUSSIAN]
    assert [p.is_html for p in found] == [True] * 4 + [False]
    assert found[0].id == "urn:uuid:1" and found[0].metadata["date"] == "2026-01-05T08:00:00Z"
    offsets = [int(p.source.rpartition(":")[2]) for p in found]
    assert offsets == [sum(map(len, members[:i])) for i in range(1, 6)]


def test_a_nul_here_and_there_is_no_reason_to_refuse_a_page(tmp_path):
    texts = {"a.html": f"<p>{FRENCH}\0</p>", "b.txt": f"{FRENCH}\0", "c.jsonl": json.dumps({"text": f"{FRENCH}\0"})}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    answer = http(f"<p>{RUSSIAN}\0".encode("cp1251"))
    (tmp_path / "d.warc").write_bytes(record("response", "https://example.org/1", answer, "application/http"))
    found = [page.content for page in pages(tmp_path)]
    assert found == [f"<p>{FRENCH}</p>", f"{FRENCH}\ufffd", f"{FRENCH}\ufffd", f"<p>{RUSSIAN}"]


def body_outcome(tmp_path, body, encoding, more=""):
    """The content of the page with this body of HTTP, or why it was refused."""
    one = record("response", "https://example.org/1", http(body, encoding), "application/http; msgtype=response", more)
    (tmp_path / "crawl.warc").write_bytes(one)
    (found,) = pages(tmp_path / "crawl.warc")
    return found.reason if isinstance(found, Rejection) else found.content


BODY = f"<p>{RUSSIAN}</p>".encode("cp1251") + b"<p>12 words</p>" * 9
DEFLATED = zlib.compressobj(wbits=-15)
GZIP, CHUNKED = "Content-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\n"
WHOLE = [
    (gzip.compress(BODY), GZIP),
    (zlib.compress(BODY), "Content-Encoding: deflate\r\n"),
    (DEFLATED.compress(BODY) + DEFLATED.flush(), "Content-Encoding: deflate\r\n"),
    (b"64\r\n%s\r\n%x;last\r\n%s\r\n0\r\n\r\n" % (BODY[:100], len(BODY) - 100, BODY[100:]), CHUNKED),
]


@pytest.mark.parametrize(("body", "encoding"), WHOLE)
def test_a_body_cut_anywhere_is_truncated(tmp_path, body, encoding):
    assert body_outcome(tmp_path, body, encoding) == BODY.decode("cp1251")
    framing = 3 if encoding == CHUNKED else 0  # what stands behind the empty chunk's length tells nothing
    cuts = range(8, len(body) - framing, 7)
    assert {body_outcome(tmp_path, body[:size], encoding) for size in cuts} == {"truncated"}


@pytest.mark.parametrize(("body", "encoding"), WHOLE)
def test_a_body_that_the_crawler_cut_and_marked_so_is_read_as_far_as_it_goes(tmp_path, body, encoding):
    read = body_outcome(tmp_path, body[:-20], encoding, "WARC-Truncated: length\r\n")
    assert len(read) > 40 and BODY.decode("cp1251").startswith(read)


@pytest.mark.parametrize(
    ("body", "encoding", "content"),
    [
        (BODY, GZIP, BODY),  # as Common Crawl keeps it: unpacked, with the header that says otherwise
        (BODY, CHUNKED, BODY),  # as pywb does
        (BODY, "Content-Encoding: deflate\r\n", BODY),
        (gzip.compress(BODY) + b"rest", GZIP, BODY),
        (b"%-5x\r\n%s\r\n00000000\r\n\r\n\r" % (len(BODY), BODY), CHUNKED, BODY),  # servers and wget pad and add
        (b"0\r\n\r\n", CHUNKED, None),
        (b"", "Content-Encoding: deflate\r\n", None),
        (b"", CHUNKED, None),
    ],
)
def test_odd_bodies_of_real_archives(tmp_path, body, encoding, content):
    assert body_outcome(tmp_path, body, encoding) == (content.decode("cp1251") if content else "empty")


@pytest.mark.parametrize("encode", [os.fspath, os.fsencode])
def test_an_entry_of_a_folder_is_a_path(tmp_path, encode):
    (tmp_path / "a.txt").write_text("x")
    assert [page.content for page in classifier.read(*os.scandir(encode(tmp_path)))] == ["x"]


def test_a_list_of_paths_is_no_path():
    with pytest.raises(TypeError, match=r"not list: give several as read\(\*paths\)"):
        classifier.read(["a.txt", "b.txt"])


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), max_size=20), st.integers(1, 50))
def test_lines_are_cut_the_same_wherever_chunks_end(lines, size):
    class Slow(io.BytesIO):
        def read(self, wanted=-1):
            return super().read(min(wanted, size))

    data = b"".join(line + b"\n" for line in lines)
    if data[:2] != b"\x1f\x8b" and data[:4] != b"\x28\xb5\x2f\xfd":
        assert list(lines_of(ByteSource(Slow(data)), 1000)) == lines


def test_importing_the_package_loads_nothing_heavy():
    heavy = "sklearn scipy pyarrow fastwarc fasttext selectolax turbohtml typer zstandard chardet".split()
    code = f"import sys, classifier; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
