"""Bytes of a file, decompressed by content (gzip, zstd) in bounded pieces; damage is told from a proper end.

Own loops over zlib and zstandard, because the file objects of both lose the data before a break or do not notice one.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from classifier.errors import DamagedInput, InputError

_CHUNK = 1 << 18  # bytes read and given out at once
_ZSTD_CHUNK = 1 << 11  # zstd makes at most some 30,000 bytes of one, and gives them all at once
_ZSTD_WINDOW = 2**31  # what `zstd --long=31` needs
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class ByteSource:
    """A file or stdin as chunks of decompressed bytes. `consumed` counts the bytes of the file itself.

    A reader that does its own decompression takes `first`, the bytes already read, and goes on with `file`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.consumed = 0
        self.file = file
        self._kept: list[bytes] = []
        self.first = first = self.take(_CHUNK)
        self._chunks = self._decompressed(first)

    def take(self, size: int) -> bytes:
        """The next bytes of the file as they are; DamagedInput `unreadable` where the system refuses them."""
        try:
            data = self.file.read(size)
        except OSError as error:
            raise DamagedInput("unreadable", f"reading failed ({error.strerror})") from None
        self.consumed += len(data)
        return data

    def _decompressed(self, first: bytes) -> Iterator[bytes]:
        if first[:2] == GZIP_MAGIC:
            return self._gunzip(first)
        if first[:4] == ZSTD_MAGIC:
            return self._unzstd(first)
        return self._plain(first)

    def _plain(self, first: bytes) -> Iterator[bytes]:
        while first:
            yield first
            first = self.take(_CHUNK)

    def _gunzip(self, data: bytes) -> Iterator[bytes]:
        """Every member in turn; zeros after the last one are padding."""
        try:
            while data:
                inner = zlib.decompressobj(wbits=31)
                while not inner.eof:
                    out = inner.decompress(data, _CHUNK)
                    data = inner.unconsumed_tail
                    if out:
                        yield out
                    if not data and not inner.eof and not (data := self.take(_CHUNK)) and not out:
                        raise DamagedInput("truncated", "the gzip data ends early")
                data = inner.unused_data.lstrip(b"\0") or self.take(_CHUNK).lstrip(b"\0")
        except zlib.error as error:
            raise DamagedInput("corrupt", f"broken gzip data ({error})") from None

    def _unzstd(self, data: bytes) -> Iterator[bytes]:
        import zstandard

        try:
            while data:
                inner: Any = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
                while not inner.eof:
                    for start in range(0, len(data), _ZSTD_CHUNK):
                        out = inner.decompress(data[start : start + _ZSTD_CHUNK])
                        if out:
                            yield out
                        if inner.eof:
                            data = inner.unused_data + data[start + _ZSTD_CHUNK :]
                            break
                    else:
                        data = self.take(_CHUNK)
                        if not data:
                            raise DamagedInput("truncated", "the zstd data ends early")
                data = data or self.take(_CHUNK)
        except zstandard.ZstdError as error:
            raise DamagedInput("corrupt", f"broken zstd data ({error})") from None

    def peek(self, size: int) -> bytes:
        """The first bytes without using them up; fewer where the data is short or breaks off."""
        while sum(map(len, self._kept)) < size:
            try:
                self._kept.append(next(self._chunks))
            except StopIteration:
                break
            except DamagedInput as error:
                self._chunks = _failing(error)
                break
        return b"".join(self._kept)[:size]

    def __iter__(self) -> Iterator[bytes]:
        kept, self._kept = self._kept, []
        yield from kept
        yield from self._chunks

    def read_all(self, limit: int) -> bytes:
        """Everything; DamagedInput `too_large` where it is more than `limit` bytes, without reading on."""
        parts, size = [], 0
        for chunk in self:
            size += len(chunk)
            if size > limit:
                raise DamagedInput("too_large", f"more than {limit} bytes: see --max-record")
            parts.append(chunk)
        return b"".join(parts)


def _failing(error: DamagedInput) -> Iterator[bytes]:
    raise error
    yield b""


def open_bytes(path: str) -> BinaryIO:
    """The file, or stdin for "-"; InputError where it cannot be opened."""
    if path == "-":
        return sys.stdin.buffer
    try:
        return Path(path).open("rb", buffering=0)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}): check the name and the permissions.") from None
