"""Names that users give (files, folders, globs, "-") to the files meant, in an order that never changes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import InputError, SettingsError

_NO_UTF8 = re.compile("[\udc80-\udcff]")  # how Python keeps such a byte of a name


def readable_name(name: str) -> str:
    """A file name for messages and records: bytes of it that are no UTF-8 become escapes, as in `caf\\xe9.txt`."""
    return _NO_UTF8.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", name)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file to read. `relative` is its path below the folder or glob it was found in, for outputs beside inputs.

    `size` is in bytes, None for stdin; `problem` says why it cannot be read, "" where it can.
    """

    path: str
    relative: str
    size: int | None = None
    modified: int = 0
    problem: str = ""

    @property
    def name(self) -> str:
        """What stands for the file in messages and records."""
        return "stdin" if self.path == "-" else readable_name(self.path)


def discover(inputs: Sequence[str], leave_out: Sequence[str] = ()) -> list[InputFile]:
    """The files of every input in the order given, those of a folder or glob sorted; hidden ones are not looked at.

    Of folders and globs only regular files are taken: a pipe in one would be waited for without end.
    `leave_out` are files and folders not to be read (our own outputs), whatever links lead to them. A name that leads
    to no file stays in the list with its problem, so that it is counted. Raises InputError where nothing is given, or
    an input names nothing but what is to be left out; SettingsError where stdin is named twice.
    """
    if not inputs:
        raise InputError("no input given: name a file, a folder, a glob, or - for stdin.")
    if list(inputs).count("-") > 1:
        raise SettingsError("stdin cannot be read a second time: name - once.")
    avoided = {os.path.realpath(path) for path in leave_out}
    found: list[InputFile] = []
    for name in inputs:
        files = [InputFile("-", "stdin")] if name == "-" else _one(name)
        kept = [f for f in files if f.path == "-" or not (avoided and _inside(os.path.realpath(f.path), avoided))]
        if not kept:
            raise InputError(f"{name}: nothing to read but the output: choose another output.")
        found.extend(kept)
    return found


def _inside(path: str, avoided: set[str]) -> bool:
    return path in avoided or any(path.startswith(folder + os.sep) for folder in avoided)


def _one(name: str) -> list[InputFile]:
    if os.path.isdir(name):
        files = _walk(name)
        return files or [InputFile(name, name, problem="the folder has no files")]
    if os.path.exists(name) or not glob.has_magic(name):
        return [_file(name, os.path.basename(name))]
    matches = sorted(glob.glob(name, recursive=True))
    files = []
    for match in matches:
        if os.path.isdir(match):
            files.extend(_walk(match))
        elif not _is_special(match):
            files.append(_file(match, os.path.basename(match)))
    return list(dict.fromkeys(files)) or [InputFile(name, name, problem="no file matches")]


def _walk(folder: str) -> list[InputFile]:
    paths: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".")]
        paths.extend(os.path.join(place, n) for n in names if not n.startswith("."))
    paths = [path for path in paths if not _is_special(path)]
    return [_file(path, os.path.relpath(path, folder)) for path in sorted(paths, key=lambda p: Path(p).parts)]


def _is_special(path: str) -> bool:
    """Whether it is a pipe, a socket or a device; a link that leads nowhere is not."""
    return os.path.exists(path) and not os.path.isfile(path)


def _file(path: str, relative: str) -> InputFile:
    try:
        facts = os.stat(path)
    except OSError as error:
        return InputFile(path, relative, problem=(error.strerror or str(error)).lower())
    if not os.access(path, os.R_OK):
        return InputFile(path, relative, problem="permission denied")
    return InputFile(path, relative, facts.st_size, facts.st_mtime_ns)
