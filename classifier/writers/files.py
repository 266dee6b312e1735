"""Files that appear under their final name only when whole: a temporary file beside it, fsync, rename.

Compressed files end a gzip member or zstd frame at every `mark`, so that what was written before it can be kept after
a break and the file goes on with the same bytes. Readers of both formats read such members as one file.
"""

from __future__ import annotations

import fcntl
import os
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from classifier.errors import OutputError, ResumeError
from classifier.settings import COMPRESSIONS
from classifier.writers import Format

_GZIP_LEVEL, _ZSTD_LEVEL = 6, 3


def partial_path(final: Path) -> Path:
    """Where a file grows until it is whole: hidden, in the same folder; behind a link, in that of the file meant."""
    final = _behind_links(final)
    return final.with_name(f".{final.name}.partial")


def _behind_links(path: Path) -> Path:
    """The file that a link leads to, there or not: renaming onto a link would replace the link."""
    return Path(os.path.realpath(path))


def is_device(path: Path) -> bool:
    """Whether a name stands for a device or pipe (/dev/null), which takes bytes as they come and is never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def check_place(path: Path) -> None:
    """Raise OutputError where no file can stand: in a folder that is missing, or under the name of a folder.

    "-" is stdout, whatever else has that name.
    """
    if path == Path("-"):
        return
    if not _behind_links(path).parent.is_dir() or path.is_dir():
        raise OutputError(f"{path}: cannot be written: name a file in a folder that exists.")


def same_place(one: str | Path, other: str | Path) -> bool:
    """Whether two names, there or not, lead to one file."""
    return os.path.realpath(one) == os.path.realpath(other)


def failed(path: Path, error: OSError) -> OutputError:
    """What to tell about an output that cannot be written."""
    what = error.strerror or error
    return OutputError(f"{path}: cannot be written ({what}): check the place, the permissions and the free space.")


class OutputFile:
    """One growing output; `output_format` is None for the file of rejections.

    Of an interrupted one the first `keep` bytes, with `pages` pages, are kept, and the rest is cut off.
    """

    def __init__(self, final: Path, output_format: Format | None, keep: int = 0, pages: int = 0) -> None:
        if final.is_dir():
            raise OutputError(f"{final}: is a folder: end the name with / to write one file for each input.")
        self.final = final
        self.pages = pages
        self._format = output_format
        self._device = is_device(final)
        self._partial = final if self._device else partial_path(final)
        self._packer: Any = None
        try:
            self._partial.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = self._partial.open("wb" if self._device else "r+b" if keep else "ab")
            if not self._device:
                self._claim()
                self._cut(keep)
        except OSError as error:
            if keep and isinstance(error, FileNotFoundError):
                raise ResumeError(
                    f"{self._partial}: gone, the run cannot go on: start again without --resume."
                ) from None
            raise failed(final, error) from None

    def _claim(self) -> None:
        """Keep other processes from writing the same output, as long as it grows."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(self._file.fileno()), os.stat(self._partial)):
                raise BlockingIOError  # it was given its final name in the meantime
        except (BlockingIOError, PermissionError, FileNotFoundError):
            self._file.close()
            told = "another run is writing it: wait for its end, or name another output."
            raise OutputError(f"{self.final}: {told}") from None
        except OSError:  # a file system without locks
            return

    def _cut(self, keep: int) -> None:
        if self._file.seek(0, os.SEEK_END) < keep:
            self._file.close()
            raise ResumeError(f"{self._partial}: shorter than it was left: start again without --resume.")
        self._file.truncate(keep)
        self._file.seek(keep)

    def write(self, data: bytes) -> None:
        """Add the bytes of one page; raises OutputError where the disk is full."""
        if self._format is not None and self._format.separator and self.pages:
            data = self._format.separator + data
        self.pages += 1
        try:
            self._file.write(self._pack(data))
        except OSError as error:
            raise failed(self.final, error) from None

    def _pack(self, data: bytes) -> bytes:
        suffix = self.final.suffix.lower()
        if suffix not in COMPRESSIONS:
            return data
        if self._packer is None:
            if suffix == ".gz":
                self._packer = zlib.compressobj(_GZIP_LEVEL, wbits=31)
            else:
                import zstandard

                self._packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()
        packed: bytes = self._packer.compress(data)
        return packed

    def mark(self) -> int:
        """Bring everything to the disk and give the size (bytes) from which the file can go on."""
        try:
            if not self._device and not self._file.tell():
                self._file.write(self._pack(b""))  # packed files of no bytes at all are broken ones to other programs
            if self._packer is not None:
                self._file.write(self._packer.flush())
                self._packer = None
            self._file.flush()
            if self._device:
                return 0
            os.fsync(self._file.fileno())
        except OSError as error:
            raise failed(self.final, error) from None
        return self._file.tell()

    def close(self) -> None:
        """Let go of the file and leave what was written so far for a later --resume."""
        try:
            self._file.close()
        except OSError as error:
            raise failed(self.final, error) from None


def commit(final: Path, output_format: Format | None) -> None:
    """Give a marked and closed partial file its final name; does nothing where that was done before."""
    partial, meant = partial_path(final), _behind_links(final)
    if not partial.exists():
        return
    try:
        if output_format is not None and output_format.convert is not None:
            _convert(output_format.convert, partial, meant)
            partial.unlink()
        else:
            os.replace(partial, meant)
        _sync(meant.parent)
    except OSError as error:
        raise failed(final, error) from None


def _convert(convert: Callable[[Path, Path], None], partial: Path, meant: Path) -> None:
    ready = meant.with_name(f".{meant.name}.converted")
    try:
        convert(partial, ready)
        _sync(ready)
        os.replace(ready, meant)
    finally:
        ready.unlink(missing_ok=True)  # half of it would take the room that is lacking


def write_whole(final: Path, data: bytes) -> None:
    """Write a small file, whole or not at all; "-" is stdout, devices and pipes take the bytes as they are."""
    if final == Path("-"):
        sys.stdout.buffer.write(data)
        return
    if is_device(final):
        try:
            final.write_bytes(data)
        except OSError as error:
            raise failed(final, error) from None
        return
    partial = partial_path(final)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, _behind_links(final))
    except OSError as error:
        with suppress(OSError):  # the place itself may be gone
            partial.unlink()
        raise failed(final, error) from None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
