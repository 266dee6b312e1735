"""Bytes of a file, decompressed by content (gzip, zstd) in bounded pieces; damage is told from a proper end.

Own loops over zlib and zstandard, because the file objects of both lose the data before a break or do not notice one.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from classifier.errors import DamagedInput, InputError
from classifier.readers.discover import readable_name

_CHUNK = 1 << 18  # bytes read and given out at once
_ZSTD_CHUNK = 1 << 11  # zstd makes at most some 30,000 bytes of one, and gives them all at once
ZSTD_WINDOW = 2**31  # what `zstd --long=31` needs
_looked_into: dict[str, BinaryIO] = {}  # by name, pipes whose first bytes were looked at and are still to be read
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
SKIPPABLE = tuple(bytes([0x50 + i]) + b"\x2a\x4d\x18" for i in range(16))  # zstd frames without data (RFC 8878, 3.1.2)
PACKED = (GZIP_MAGIC, ZSTD_MAGIC, *SKIPPABLE)


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
        if first.startswith((ZSTD_MAGIC, *SKIPPABLE)):
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
                inner: Any = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
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
            if "Dictionary" in str(error):
                detail = "the zstd data needs a dictionary: unpack it first, with zstd -d -D"
                raise DamagedInput("corrupt", detail) from None
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


def lines_of(source: ByteSource, limit: int) -> Iterator[bytes | None]:
    """Every line without its end, None for one over `limit`. The rest before damage is lost with the damage."""
    parts: list[bytes] = []
    size = 0
    for chunk in source:
        lines = chunk.split(b"\n")
        for piece in lines[:-1]:
            if size + len(piece) > limit:
                yield None
            else:
                yield b"".join([*parts, piece]) if parts else piece
            parts, size = [], 0
        size += len(lines[-1])
        if lines[-1] and size <= limit:
            parts.append(lines[-1])
        elif size > limit:
            parts = []
    if size:
        yield b"".join(parts) if size <= limit else None


def _failing(error: DamagedInput) -> Iterator[bytes]:
    raise error
    yield b""


class _Pipe(io.RawIOBase):
    """A pipe that is read as usual; what was read of it before `again` comes once more."""

    def __init__(self, pipe: BinaryIO) -> None:
        super().__init__()
        self._pipe = pipe
        self._read: list[bytes] | None = []  # None from `again` on
        self._kept = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._kept:
            size = len(self._kept) if size < 0 else size
            data, self._kept = self._kept[:size], self._kept[size:]
            return data
        data = self._pipe.read(size)
        if self._read is not None:
            self._read.append(data)
        return data

    def again(self) -> None:
        self._kept, self._read = b"".join(self._read or []), None

    def close(self) -> None:
        self._pipe.close()
        super().close()


def first_bytes(path: str, size: int) -> bytes:
    """The first bytes of a file or pipe, decompressed, without using them up; InputError where it cannot be opened.

    What was read of a pipe is kept for `open_bytes`: opened a second time, it would go on behind these bytes.
    """
    file = open_bytes(path)
    if file.seekable():
        start = file.tell()
        first = ByteSource(file).peek(size)
        file.seek(start)
        if path != "-":
            file.close()
        return first
    pipe = _Pipe(file)
    _looked_into[path] = cast(BinaryIO, pipe)
    try:
        return ByteSource(cast(BinaryIO, pipe)).peek(size)
    finally:
        pipe.again()


def open_bytes(path: str) -> BinaryIO:
    """The file, or stdin for "-"; InputError where it cannot be opened."""
    if path in _looked_into:
        return _looked_into.pop(path)
    if path == "-" and sys.stdin is None:
        raise InputError("stdin is closed: give it something to read, or name a file.")
    if path == "-":
        return sys.stdin.buffer
    try:
        if not Path(path).is_file():
            return Path(path).open("rb")  # a pipe may give a byte or two at a time
        return Path(path).open("rb", buffering=0)
    except OSError as error:
        name = readable_name(path)
        raise InputError(f"{name}: cannot be read ({error.strerror}): check the name and the permissions.") from None
