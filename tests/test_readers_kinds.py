"""Files are told apart by what they hold, and by their names where that says nothing."""

import pytest

from classifier.readers.formats import kind_of
from classifier.readers.raw import Kind

MHTML = b"""From: <Saved by a browser>
Subject: Ferry
 fares
MIME-Version: 1.0
Content-Type: multipart/related;
\ttype="text/html"; boundary="b"

--b
Content-Type: text/html

<p>The ferry left.</p>
--b--
"""


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"<!doctype html><p>x", "page.txt", Kind.HTML),
        (b"\xef\xbb\xbf\n <div class='a'>x", "", Kind.HTML),
        (b"< 5 items left", "", Kind.TEXT),
        (b'{"id": 1}', "page", Kind.JSONL),
        (b'{"id": 1}', "page.html", Kind.JSONL),
        (b"broken", "crawl.jsonl.gz", Kind.JSONL),
        (b"{braces} in a text", "a.txt", Kind.TEXT),
        (b"WARC/1.1\r\n", "x.bin", Kind.WARC),
        (b"PAR1....", "x", Kind.PARQUET),
        (b"plain", "page.html", Kind.HTML),
        (b"plain", "", Kind.TEXT),
        (b"%PDF-1.7", "a.txt", "PDF"),
        (MHTML, "page.mhtml", "an MHTML archive"),
        (MHTML.replace(b"\n", b"\r\n"), "page.html", "an MHTML archive"),
        (b"Archives of one page\n\n" + MHTML, "a.txt", Kind.TEXT),
        (b"To: the crew\nContent-Type: text/plain\n\nThe ferry leaves at nine.\n", "", Kind.TEXT),
        (b"\0\1\2\3", "a.txt", "binary data"),
        (bytes(range(256)) * 9, "a.html", "binary data"),
        (b"\0\1" * 99, "a.txt", "binary data"),
        (b"\xff\xfe" + "<p>x".encode("utf-16-le"), "", Kind.HTML),
        ("\ufeff<p>x".encode("utf-32-le"), "", Kind.HTML),
        ("\ufeffplain".encode("utf-32-be"), "", Kind.TEXT),
    ],
)
def test_content_decides_before_the_suffix(data, name, kind):
    assert kind_of(data, name) == kind
