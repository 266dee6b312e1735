"""WARC and WET: the pages among the records `response`, `resource` and `conversion`; gzip a record or the whole file.

Other records (requests, revisits, metadata) are no pages and not counted. A broken record is refused and the reading
goes on with the next one that is whole; damage in the packed data of an archive packed as a whole ends it. A page that
the crawler cut and marked so (`WARC-Truncated`, as Common Crawl does from a size on) is read as far as it goes.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from classifier.errors import DamagedInput
from classifier.readers.bodies import unchunk, unpack
from classifier.readers.formats import PEEK, kind_of
from classifier.readers.plain import content_of
from classifier.readers.raw import PAGES, Kind, Raw, refuse
from classifier.readers.streams import GZIP_MAGIC, SKIPPABLE, ZSTD_MAGIC, ZSTD_WINDOW, ByteSource
from classifier.records import Page, Rejection
from classifier.settings import ReadOptions

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

_UNTOLD = frozenset({"", "application/octet-stream", "unknown/unknown"})
_KINDS = {
    "text/html": Kind.HTML, "application/xhtml+xml": Kind.HTML, "text/plain": Kind.TEXT, "text/markdown": Kind.MARKDOWN,
}  # fmt: skip
_SEARCHED = 1 << 20  # bytes looked through at once for the next record
_PIECE = 1 << 6  # packed bytes unpacked at once to look inside; small, as a damaged piece gives nothing at all
_MEMBER = b"\x1f\x8b\x08"  # a gzip member with the one method there is
_RECORD = b"\nWARC/1."
_BEHIND = b"\r\n\r\nWARC/1."  # a record behind another
_STATUS = 20  # digits of a status that are told
_TRIES = 100  # records in which the end of the file may come as a surprise; honest ones are one or two
_LOST = "; what follows in the archive is not read"
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


class _Stream:
    """The file object that fastwarc reads from: `first`, then what `more` gives. After damage it can be set back.

    What was read since the last `forget` is kept for that, up to `most` bytes. Positions count from the beginning.
    """

    def __init__(self, first: bytes, more: Callable[[int], bytes], most: int) -> None:
        self._ahead = deque([first])
        self._more = more
        self._most = most
        self._behind: deque[bytes] = deque()
        self._kept = 0  # bytes in `_behind`
        self._at = 0
        self.base = 0  # where fastwarc began to read
        self.ended = False  # the last read found the end
        self.left = math.inf  # bytes behind the header of any record still to come, at most
        self.tries = 0  # records for which everything up to the end was read in vain

    def _next(self, size: int) -> bytes:
        data = (self._ahead.popleft() if self._ahead else b"") or self._more(size)
        self.ended = not data
        return data

    def read(self, size: int) -> bytes:
        data = self._next(size)
        if len(data) > size:
            self._ahead.appendleft(data[size:])
            data = data[:size]
        self._behind.append(data)
        self._kept += len(data)
        self._at += len(data)
        while self._kept > self._most:
            self._kept -= len(self._behind.popleft())
        return data

    def tell(self) -> int:
        return self._at - self.base

    def forget(self, position: int) -> None:
        """What stands before `position` is not wanted again."""
        while self._behind and self._at - self._kept + len(self._behind[0]) <= position:
            self._kept -= len(self._behind.popleft())

    def go_to(self, mark: bytes, shift: int, start: int) -> bool:
        """Go on `shift` bytes behind where `mark` is next found from `start` on; False where it is not found."""
        self._ahead.extendleft(reversed(self._behind))
        position = self._at - self._kept
        self._behind.clear()
        self._kept = 0
        window = b""
        while chunk := self._next(_SEARCHED):
            window += chunk
            found = window.find(mark, max(0, start - position))
            if found >= 0:
                self._ahead.appendleft(window[found + shift :])
                self._at = self.base = position + found + shift
                return True
            position += max(0, len(window) - len(mark) + 1)
            window = window[-len(mark) + 1 :]
        return False


def split(source: ByteSource, name: str, options: ReadOptions) -> Iterator[Raw | Rejection]:
    """The pages of an archive. Reasons: `bad_warc`, `truncated`, `corrupt`, `too_large`, `not_text`, `http_status`."""
    mark, shift = _RECORD, 1
    if _packed_whole(source.first):  # offsets are then those in the unpacked data
        chunks = iter(source)
        stream = _Stream(b"", lambda size: next(chunks, b""), options.limits.record)
    else:
        stream = _Stream(source.first, source.take, options.limits.record)
        packed = next((magic for magic in (_MEMBER, ZSTD_MAGIC) if source.first.startswith(magic)), None)
        mark, shift = (packed, 0) if packed else (mark, shift)
    good = 0  # where the last record that could be read begins
    fresh = True  # no damage yet since `good`: a damaged stretch is one rejection, however many tries it takes
    try:
        while True:
            try:
                for record in _records(stream):
                    good, fresh = stream.base + record.stream_pos, True
                    stream.forget(good)
                    result = _cut(record, f"{name}:{good}", stream, options.limits.record)
                    if result is not None:
                        yield result
                    if isinstance(result, Rejection) and result.reason in ("truncated", "bad_warc"):
                        break
                else:
                    return
            except OSError as error:
                if fresh:
                    yield refuse(f"{name}:{good}", "bad_warc", f"behind this record: {str(error).lower()}")
            fresh = False
            if stream.tries > _TRIES:
                yield refuse(f"{name}:{good}", "truncated", f"more than {_TRIES} records reach beyond the end{_LOST}")
                return
            if not stream.go_to(mark, shift, max(good, stream.base) + 1):
                return
    except DamagedInput as error:  # the file, not what is in it
        yield refuse(f"{name}:{good}", error.reason, error.detail + (_LOST if error.reason == "corrupt" else ""))


def _packed_whole(first: bytes) -> bool:
    """Whether the first gzip member or zstd frame holds more than one record, or goes on behind `first`."""
    import zstandard

    if first.startswith(SKIPPABLE):
        return True  # fastwarc does not know such frames
    inner: Any
    if first.startswith(GZIP_MAGIC):
        inner = zlib.decompressobj(wbits=31)
    elif first.startswith(ZSTD_MAGIC):
        inner = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
    else:
        return False
    tail = b""
    try:
        for start in range(0, len(first), _PIECE):
            window = tail + inner.decompress(first[start : start + _PIECE])
            if _BEHIND in window:
                return True
            if inner.eof:
                return False
            tail = window[-len(_BEHIND) :]
    except (zlib.error, zstandard.ZstdError):
        return False  # told when it is read
    return True


class _NoBody(Exception):
    """Reason and detail; no DamagedInput, which would be the file's."""


def _records(stream: _Stream) -> Iterator[WarcRecord]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
    return iter(ArchiveIterator(stream, record_types=wanted, parse_http=False))  # type: ignore[arg-type]


def _cut(record: WarcRecord, source: str, stream: _Stream, limit: int) -> Raw | Rejection | None:
    """One record with its body as it stands in the archive."""
    headers = record.headers
    page_id = (headers.get("WARC-Record-ID") or "").strip("<>") or None
    if not (headers.get("Content-Length") or "").strip().isdigit():
        return refuse(source, "bad_warc", "the record does not tell its length", page_id)
    try:
        data = _body(record, stream, limit)
    except _NoBody as error:
        reason, detail = error.args
        return refuse(source, reason, detail, page_id)
    http: dict[str, str] = {}
    told = headers.get("Content-Type")
    if record.is_http:
        status, http, data = _answer(data)
        if status.isdecimal() and not (len(status) == 3 and status.startswith("2")):
            return refuse(source, "http_status", f"the server answered {status[:_STATUS]}", page_id)
        told = http.get("content-type")
    mime = (told or "").partition(";")[0].strip().lower()
    packed = http.get("content-encoding", "").lower()
    chunked = "chunked" in http.get("transfer-encoding", "").lower()
    kind = _KINDS.get(mime) or (_untold_kind(_plain(data, chunked, packed, limit)) if mime in _UNTOLD else None)
    if kind is None:
        return refuse(source, "not_text", f"{mime or 'data of no known type'}, not text, Markdown or HTML", page_id)
    metadata = {"date": headers.get("WARC-Date"), "content_type": mime or None, "record_type": str(record.record_type)}
    fields: dict[str, Any] = {
        "id": page_id or source, "url": headers.get("WARC-Target-URI"),
        "metadata": metadata, "kind": kind, "charset": _charset(told), "encoding": packed,
        "chunked": chunked, "cut": "WARC-Truncated" in headers,
    }  # fmt: skip
    return Raw(Kind.WARC, data, source, fields)


def _body(record: WarcRecord, stream: _Stream, limit: int) -> bytes:
    """The body; _NoBody where it is over the limit, or the end of the file comes first.

    Bodies that are longer than what is left are not read: where many records overstate their length, each would be
    read to the end.
    """
    length = record.content_length
    if length > stream.left:
        raise _NoBody("truncated", f"at most {stream.left} of {length} bytes")
    data = record.reader.read(limit + 1)
    size = len(data) + (record.reader.consume() if len(data) > limit else 0)
    if size < length:
        if stream.ended:
            stream.left, stream.tries = size, stream.tries + 1
        searched = f", of which the last {limit} are searched for records: see --max-record" if size > limit else ""
        raise _NoBody("truncated", f"{size} of {length} bytes{searched}")
    if size > limit:
        raise _NoBody("too_large", f"more than {limit} bytes: see --max-record")
    return data


def _answer(data: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status as it is written, headers (names in lower case) and body of an HTTP answer; data that is none is all body.

    Not left to fastwarc, which takes lines that end in LF alone, as some crawlers write them, for one line without a
    body, and gives content types without their charset.
    """
    if not data.startswith(b"HTTP/"):
        return "", {}, data
    head, *body = _BLANK_LINE.split(data, maxsplit=1)
    first, *lines = head.decode("latin-1").split("\n")
    status = (first.split() + [""])[1]
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return status, headers, b"".join(body)


def _charset(content_type: str | None) -> str | None:
    """`text/html; charset=utf-8` to `utf-8`."""
    for part in (content_type or "").split(";")[1:]:
        key, _, value = part.partition("=")
        if key.strip().lower() == "charset":
            return value.strip()
    return None


def _plain(data: bytes, chunked: bool, packed: str, limit: int) -> bytes:
    """The body as far as it can be unpacked, to look at; what is wrong with it is told when it is decoded."""
    try:
        return unpack(unchunk(data, True) if chunked else data, packed, limit, True)
    except DamagedInput:
        return b"<p>"


def _untold_kind(data: bytes) -> Kind | None:
    """What a page is where the server did not say; None where it is none."""
    kind = kind_of(data[:PEEK], "")
    return kind if isinstance(kind, Kind) and kind in PAGES else None


def decode(raw: Raw, options: ReadOptions) -> Page | Rejection:
    """Undo the encodings of HTTP, then bytes to text.

    Reasons: `undecodable`, `too_large`, `truncated`, `corrupt`, `empty`.
    """
    from classifier.readers.encoding import decode_bytes

    fields = raw.fields
    try:
        data = unchunk(raw.data, fields["cut"]) if fields["chunked"] else raw.data
        data = unpack(data, fields["encoding"], options.limits.record, fields["cut"])
        if not data.strip():
            return Rejection(raw.source, "read", "empty", "nothing in it", fields["id"])
        text = decode_bytes(data, fields["charset"], fields["kind"] is Kind.HTML, options.encoding_errors)
    except DamagedInput as error:
        return Rejection(raw.source, "read", error.reason, error.detail, fields["id"])
    return Page(fields["id"], *content_of(text, fields["kind"]), raw.source, fields["url"], fields["metadata"])
