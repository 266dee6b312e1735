"""Names that users give (files, folders, globs, "-") to the files meant, in an order that never changes."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.errors import InputError, SettingsError
from classifier.settings import RUN_MANIFEST

_ANY_FOLDERS = re.compile(r"(?:^|(?<=/))\*\*(?:/+|$)")
_MANIFEST_START = b'{\n "model": "'
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

    Of folders and globs only regular files are taken: a pipe in one would be waited for without end. Left out is what a
    run tells of its outputs in a folder, so that they may be read in turn. Links to folders are followed, and each
    folder is read once, as is a file that several inputs name. `leave_out` are files and folders not to be read (our
    own outputs), whatever links lead to them. A name that leads to no file, and a subfolder that cannot be read, stay
    in the list with their problem, so that they are counted. Raises InputError where nothing is given, or an input
    names nothing but what is to be left out; SettingsError where stdin is named twice.
    """
    if not inputs:
        raise InputError("no input given: name a file, a folder, a glob, or - for stdin.")
    if list(inputs).count("-") > 1:
        raise SettingsError("stdin cannot be read a second time: name - once.")
    avoided = {os.path.realpath(path) for path in leave_out}
    found: dict[str, InputFile] = {}
    for name in inputs:
        files = [InputFile("-", "stdin")] if name == "-" else _one(name)
        kept = [f for f in files if f.path == "-" or not (avoided and _inside(os.path.realpath(f.path), avoided))]
        if not kept:
            raise InputError(f"{name}: nothing to read but the output: choose another output.")
        for file in kept:
            found.setdefault("-" if file.path == "-" else os.path.abspath(file.path), file)
    return list(found.values())


def _inside(path: str, avoided: set[str]) -> bool:
    return path in avoided or any(path.startswith(folder + os.sep) for folder in avoided)


def _one(name: str) -> list[InputFile]:
    if os.path.isdir(name):
        files = _walk(name)
        return files or [InputFile(name, name, problem="the folder has no files")]
    if os.path.exists(name) or not glob.has_magic(name):
        return [_file(name, os.path.basename(name))]
    return _matching(name) or [InputFile(name, name, problem="no file matches")]


def _matching(pattern: str) -> list[InputFile]:
    """The files of a glob, each once, also where it matches a folder and what is in it; real names before links."""
    files: dict[tuple[str, str], InputFile] = {}
    errors: list[OSError] = []
    for match in sorted(_matches(pattern, errors), key=lambda match: (os.path.islink(match), match)):
        path = "./-" if match == "-" else match  # which alone would be stdin
        single = [] if _is_no_input(path) else [_file(path, os.path.basename(path))]
        for file in _walk(match) if os.path.isdir(match) else single:
            files.setdefault(_place(file.path), file)
    for error in errors:
        place = _place(error.filename)
        files.setdefault(place, _failed(error.filename, place[1], error))
    return sorted(files.values(), key=lambda file: Path(file.path).parts)


def _matches(pattern: str, errors: list[OSError]) -> list[str]:
    """What a glob matches; ** is not left to `glob`, which goes round in loops of links and tells of no error."""
    found = _ANY_FOLDERS.search(pattern)
    if found is None:
        return glob.glob(pattern)
    before, behind = pattern[: found.start()], pattern[found.end() :]
    bases = glob.glob(before) if before else [os.curdir]
    if not behind:
        return bases
    folders = [os.path.join(place, "") for base in bases for place, _ in _folders(base, errors)]
    if not before:
        folders = [folder[len("./") :] for folder in folders]
    return [match for folder in folders for match in _matches(glob.escape(folder) + behind, errors)]


def _place(path: str) -> tuple[str, str]:
    """The folder that a file stands in, whatever links its name goes through, and its name there."""
    folder, name = os.path.split(path.rstrip(os.sep) or path)
    return os.path.realpath(folder), name


def _walk(folder: str) -> list[InputFile]:
    """The files of a folder and its subfolders, and those of these that cannot be read, with their problem."""
    errors: list[OSError] = []
    paths = [os.path.join(place, n) for place, names in _folders(folder, errors) for n in names if n[0] != "."]
    files = [_file(path, os.path.relpath(path, folder)) for path in paths if not _is_no_input(path)]
    for error in errors:
        own = error.filename == folder
        files.append(_failed(error.filename, folder if own else os.path.relpath(error.filename, folder), error))
    return sorted(files, key=lambda file: Path(file.path).parts)


def _folders(folder: str, errors: list[OSError]) -> Iterator[tuple[str, list[str]]]:
    """A folder and those below it, each once, with the names of what is no folder in them.

    A link to a folder that holds `folder` is not followed: it leads out of what was named, and back into it.
    """
    around = os.path.realpath(folder)
    seen: set[str] = set()
    starts = [folder]
    for start in starts:  # folders behind links are added as they are found, so that real names go first
        for place, folders, names in os.walk(start, onerror=errors.append):
            real = os.path.realpath(place)
            if real in seen or (start != folder and os.path.commonpath((real, around)) == real):
                folders.clear()
                continue
            seen.add(real)
            folders[:] = sorted(f for f in folders if f[0] != ".")
            starts.extend(path for f in folders if os.path.islink(path := os.path.join(place, f)))
            yield place, names


def _is_no_input(path: str) -> bool:
    """Whether it is a pipe, a socket, a device or what a run tells of its outputs; a link that leads nowhere is not."""
    return os.path.exists(path) and (not os.path.isfile(path) or _is_manifest(path))


def _is_manifest(path: str) -> bool:
    if os.path.basename(path) != RUN_MANIFEST:
        return False
    try:
        with open(path, "rb") as file:
            return file.read(len(_MANIFEST_START)) == _MANIFEST_START
    except OSError:
        return False


def _file(path: str, relative: str) -> InputFile:
    try:
        facts = os.stat(path)
    except OSError as error:
        return _failed(path, relative, error)
    if not os.access(path, os.R_OK):
        return InputFile(path, relative, problem="permission denied")
    return InputFile(path, relative, facts.st_size, facts.st_mtime_ns)


def _failed(path: str, relative: str, error: OSError) -> InputFile:
    return InputFile(path, relative, problem=(error.strerror or str(error)).lower())
