"""Bodies of HTTP answers without what was done to them on the way: chunks, gzip, deflate, Brotli, zstd."""

from __future__ import annotations

import zlib
from io import BytesIO

from classifier.errors import DamagedInput
from classifier.readers.detection import is_binary, unmarked_utf16
from classifier.readers.streams import GZIP_MAGIC, ZSTD_MAGIC, ByteSource

_KNOWN = ("gzip", "x-gzip", "deflate", "br", "zstd")
_LENGTH_LINE = 32  # bytes in which the line with the length of a chunk must end
_SEEN = 4096  # bytes by which data of an unknown encoding is told from text


def unpack(data: bytes, encoding: str, limit: int, cut: bool) -> bytes:
    """The body without its Content-Encoding, of which there may be several; as it is where the crawler unpacked it.

    gzip and zstd are known by their first bytes, whether the header tells them or not. DamagedInput `corrupt`,
    `truncated` unless it is `cut`, `too_large` over `limit` bytes, `undecodable` where the encoding is unknown.
    """
    names = [name.strip() for name in encoding.split(",")]
    for name in reversed(["gzip", *names]):
        if data.startswith(GZIP_MAGIC):
            data = _inflate(data, 31, limit, cut)
        elif data.startswith(ZSTD_MAGIC):
            data = _unzstd(data, limit, cut)
        elif name in ("deflate", "br") and data.strip():
            data = _unmarked(data, name, limit, cut)
    unknown = [name for name in names if name and name not in _KNOWN]
    if unknown and not _is_text(data):
        detail = f"Content-Encoding {', '.join(unknown)} is unknown; known are {', '.join(_KNOWN)}"
        raise DamagedInput("undecodable", detail)
    return data


def _unmarked(data: bytes, encoding: str, limit: int, cut: bool) -> bytes:
    """The body without deflate or Brotli, which have no sign of their own; as it is where it is markup already.

    Tried first, as packed data may begin with a blank and `<` by chance.
    """
    markup = data.lstrip()[:1] == b"<" and _is_text(data)
    try:
        if encoding == "br":
            return _unbrotli(data, limit)
        return _inflate(data, 15 if data[:1] == b"\x78" else -15, limit, cut and not markup)
    except DamagedInput as error:
        if markup and error.reason != "too_large":
            return data
        raise


def _is_text(data: bytes) -> bool:
    return unmarked_utf16(data) is not None or not is_binary(data[:_SEEN])


def _unzstd(data: bytes, limit: int, cut: bool) -> bytes:
    """Not by `ByteSource.read_all`, which keeps nothing of data that ends early, as that of a `cut` page does."""
    parts, size = [], 0
    try:
        for part in ByteSource(BytesIO(data)):
            parts.append(part)
            size += len(part)
            if size > limit:
                break
    except DamagedInput as error:
        if error.reason != "truncated" or not cut:
            raise
    return _within(b"".join(parts), limit)


def _inflate(data: bytes, window: int, limit: int, cut: bool) -> bytes:
    inner = zlib.decompressobj(wbits=window)
    try:
        out = inner.decompress(data, limit + 1)
    except zlib.error as error:
        raise DamagedInput("corrupt", f"broken compressed body ({error})") from None
    _within(out, limit)
    if not inner.eof and not cut:
        raise DamagedInput("truncated", "the compressed body ends early")
    return out


def _unbrotli(data: bytes, limit: int) -> bytes:
    from fastwarc.stream_io import BrotliReader

    try:
        out: bytes = BrotliReader(BytesIO(data)).read(limit + 1)
    except OSError as error:  # damage and an early end are one to it
        raise DamagedInput("corrupt", f"broken compressed body ({error})") from None
    return _within(out, limit)


def _within(body: bytes, limit: int) -> bytes:
    """The body; DamagedInput `too_large` where it has more than `limit` bytes, at which unpacking stopped."""
    if len(body) > limit:
        raise DamagedInput("too_large", f"the body unpacks to more than {limit} bytes: see --max-record")
    return body


def unchunk(data: bytes, cut: bool) -> bytes:
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
