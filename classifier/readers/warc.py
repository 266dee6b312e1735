"""WARC and WET: the pages among the records `response`, `resource` and `conversion`; gzip a record or the whole file.

Other records (requests, revisits, metadata) are no pages and not counted. A broken record is refused and, in a file
that can be searched, the reading goes on with the next record that is whole. A page that the crawler cut and marked so
(`WARC-Truncated`, as Common Crawl does from a size on) is read as far as it goes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from classifier.errors import DamagedInput
from classifier.readers.formats import PEEK, kind_of
from classifier.readers.raw import Kind, Raw, refuse
from classifier.readers.streams import GZIP_MAGIC, ZSTD_MAGIC, ByteSource
from classifier.records import Page, Rejection
from classifier.settings import ReadOptions

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_MARKUP_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_SEARCHED = 1 << 20  # bytes looked through at once for the next record
_MEMBER = b"\x1f\x8b\x08"  # a gzip member with the one method there is
_RECORD = b"\nWARC/1."
_BEHIND = b"\r\n\r\nWARC/1."  # a record behind another
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH_LINE = 32  # bytes in which the line with the length of a chunk must end


class _Rest:
    """`first` and what `more` gives after it, as the file object that fastwarc wants."""

    def __init__(self, first: bytes, more: Callable[[int], bytes]) -> None:
        self._first = first
        self._more = more
        self._given = 0

    def read(self, size: int) -> bytes:
        data = self._first or self._more(size)
        data, self._first = data[:size], data[size:]
        self._given += len(data)
        return data

    def tell(self) -> int:
        return self._given


def split(source: ByteSource, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The pages of an archive. Reasons: `bad_warc`, `truncated`, `too_large`, `not_text`, `http_status`."""
    base, first, more = 0, source.first, source.take
    whole = _packed_whole(source.first)
    if whole:  # offsets are then those in the unpacked data
        chunks = iter(source)
        first, more = b"", lambda size: next(chunks, b"")
    fresh = True  # a damaged stretch is one rejection, however many times reading is tried again in it
    while True:
        good = base  # where the last record that could be read begins
        try:
            for record in _records(_Rest(first, more)):
                good, fresh = base + record.stream_pos, True
                result = _cut(record, f"{name}:{good}", options.limits.record)
                if result is not None:
                    yield result
                if isinstance(result, Rejection) and result.reason in ("truncated", "bad_warc"):
                    break
            else:
                return
        except DamagedInput as error:  # the file, not what is in it
            yield refuse(f"{name}:{good}", error.reason, error.detail)
            return
        except OSError as error:
            if fresh:
                yield refuse(f"{name}:{good}", "bad_warc", f"behind this record: {str(error).lower()}")
        fresh = False
        following = None if whole else _next_record(source, good + 1)
        if following is None:
            return
        base, first = following, b""


def _packed_whole(first: bytes) -> bool:
    """Whether the first gzip member or zstd frame holds more than one record."""
    import zstandard

    try:
        if first.startswith(GZIP_MAGIC):
            return _BEHIND in zlib.decompressobj(wbits=31).decompress(first, _SEARCHED)
        if first.startswith(ZSTD_MAGIC):
            return _BEHIND in zstandard.ZstdDecompressor().stream_reader(first).read(_SEARCHED)
    except (zlib.error, zstandard.ZstdError):
        pass  # told when it is read
    return False


def _records(rest: _Rest) -> Iterator[WarcRecord]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    return iter(ArchiveIterator(rest, record_types=wanted, parse_http=False))  # type: ignore[arg-type]


def _cut(record: WarcRecord, source: str, limit: int) -> Raw | Rejection | None:
    """One record with its body as it stands in the archive."""
    headers = record.headers
    page_id = (headers.get("WARC-Record-ID") or "").strip("<>") or None
    if not (headers.get("Content-Length") or "").strip().isdigit():
        return refuse(source, "bad_warc", "the record does not tell its length", page_id)
    length = record.content_length
    data = record.reader.read(limit + 1)
    if len(data) > limit:
        return refuse(source, "too_large", f"more than {limit} bytes: see --max-record", page_id)
    if len(data) < length:
        return refuse(source, "truncated", f"{len(data)} of {length} bytes", page_id)
    http: dict[str, str] = {}
    told = headers.get("Content-Type")
    if record.is_http:
        status, http, data = _answer(data)
        if status is not None and not 200 <= status < 300:
            return refuse(source, "http_status", f"the server answered {status}", page_id)
        told = http.get("content-type")
    mime = (told or "").partition(";")[0].strip().lower()
    packed = http.get("content-encoding", "").lower()
    is_html = _is_html(mime, data if not packed else b"<p>")
    if is_html is None:
        return refuse(source, "not_text", f"{mime or 'data of no known type'}, not text or HTML", page_id)
    metadata = {"date": headers.get("WARC-Date"), "content_type": mime or None, "record_type": str(record.record_type)}
    fields: dict[str, Any] = {
        "id": page_id or source, "url": headers.get("WARC-Target-URI"),
        "metadata": metadata, "is_html": is_html, "charset": _charset(told), "encoding": packed,
        "chunked": "chunked" in http.get("transfer-encoding", "").lower(), "cut": "WARC-Truncated" in headers,
    }  # fmt: skip
    return Raw(Kind.WARC, data, source, fields)


def _answer(data: bytes) -> tuple[int | None, dict[str, str], bytes]:
    """Status, headers (names in lower case) and body of an HTTP answer; data that is none is all body.

    Not left to fastwarc, which takes lines that end in LF alone, as some crawlers write them, for one line without a
    body, and gives content types without their charset.
    """
    if not data.startswith(b"HTTP/"):
        return None, {}, data
    head, *body = _BLANK_LINE.split(data, maxsplit=1)
    first, *lines = head.decode("latin-1").split("\n")
    status = (first.split() + [""])[1]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(status) if status.isdecimal() else None, headers, b"".join(body)


def _charset(content_type: str | None) -> str | None:
    """`text/html; charset=utf-8` to `utf-8`."""
    for part in (content_type or "").split(";")[1:]:
        key, _, value = part.partition("=")
        if key.strip().lower() == "charset":
            return value.strip()
    return None


def _is_html(mime: str, data: bytes) -> bool | None:
    """Whether a page is HTML or plain text; None where it is neither. Looked at where the server did not say."""
    if mime in _MARKUP_TYPES:
        return True
    if mime == "text/plain":
        return False
    kind = kind_of(data[:PEEK], "") if mime in ("", "application/octet-stream", "unknown/unknown") else None
    return kind is Kind.HTML if kind in (Kind.HTML, Kind.TEXT) else None


def _next_record(source: ByteSource, start: int) -> int | None:
    """Where the next record begins at or behind `start`, the file standing there; None at the end or in a pipe."""
    if not source.file.seekable():
        return None
    mark, shift = (_MEMBER, 0) if source.first.startswith(GZIP_MAGIC) else (_RECORD, 1)
    tail = b""
    position = source.file.seek(start)
    while chunk := source.file.read(_SEARCHED):
        window = tail + chunk
        found = window.find(mark)
        if found >= 0:
            return source.file.seek(position - len(tail) + found + shift)
        tail = window[-len(mark) :]
        position += len(chunk)
    return None


def decode(raw: Raw, options: ReadOptions) -> Page | Rejection:
    """Undo the encodings of HTTP, then bytes to text.

    Reasons: `undecodable`, `too_large`, `truncated`, `corrupt`, `empty`.
    """
    from classifier.readers.encoding import decode_bytes

    fields = raw.fields
    try:
        data = _unchunk(raw.data, fields["cut"]) if fields["chunked"] else raw.data
        data = _unpack(data, fields["encoding"], options.limits.record, fields["cut"])
        if not data.strip():
            return Rejection(raw.source, "read", "empty", "nothing in it", fields["id"])
        content = decode_bytes(data, fields["charset"], fields["is_html"], options.encoding_errors)
    except DamagedInput as error:
        return Rejection(raw.source, "read", error.reason, error.detail, fields["id"])
    return Page(fields["id"], content, fields["is_html"], raw.source, fields["url"], fields["metadata"])


def _unpack(data: bytes, encoding: str, limit: int, cut: bool) -> bytes:
    """The body without its Content-Encoding; as it is where the crawler has unpacked it already."""
    if encoding in ("gzip", "x-gzip") and data.startswith(GZIP_MAGIC):
        return _inflate(data, 31, limit, cut)
    if data.lstrip()[:1] in (b"", b"<"):
        return data
    if encoding == "deflate":
        return _inflate(data, 15 if data[:1] == b"\x78" else -15, limit, cut)
    if encoding == "br":
        return _unbrotli(data, limit)
    return data


def _inflate(data: bytes, window: int, limit: int, cut: bool) -> bytes:
    inner = zlib.decompressobj(wbits=window)
    try:
        out = inner.decompress(data, limit + 1)
    except zlib.error as error:
        raise DamagedInput("corrupt", f"broken compressed body ({error})") from None
    if len(out) > limit:
        raise DamagedInput("too_large", f"the body unpacks to more than {limit} bytes: see --max-record")
    if not inner.eof and not cut:
        raise DamagedInput("truncated", "the compressed body ends early")
    return out


def _unbrotli(data: bytes, limit: int) -> bytes:
    from io import BytesIO

    from fastwarc.stream_io import BrotliReader

    try:
        out: bytes = BrotliReader(BytesIO(data)).read(limit + 1)
    except OSError as error:  # damage and an early end are one to it
        raise DamagedInput("corrupt", f"broken compressed body ({error})") from None
    if len(out) > limit:
        raise DamagedInput("too_large", f"the body unpacks to more than {limit} bytes: see --max-record")
    return out


def _unchunk(data: bytes, cut: bool) -> bytes:
    """The body without its chunk lengths; as it is where the crawler has taken them out already.

    Without the empty chunk at its end a body is incomplete (RFC 9112, section 8).
    """
    parts: list[bytes] = []
    position = 0
    while position < len(data):
        end = data.find(b"\r\n", position, position + _LENGTH_LINE)
        if end < 0 and parts and len(data) - position < _LENGTH_LINE:
            break
        try:
            size = int(data[position:end].partition(b";")[0], 16) if end > 0 else -1
        except ValueError:
            size = -1
        if size < 0:
            return data
        if size == 0:
            return b"".join(parts)
        parts.append(data[end + 2 : end + 2 + size])
        position = end + 2 + size + 2
    if parts and not cut:
        raise DamagedInput("truncated", "the chunked body ends early")
    return b"".join(parts)
