"""Files of both trainings, of labels and of languages: lines of records come in, a folder goes out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from classifier.errors import DamagedInput, OutputError, TrainingError
from classifier.readers.streams import ByteSource, lines_of
from classifier.settings import COMPRESSIONS, Limits
from classifier.writers.files import failed, write_whole

_SUFFIXES = tuple(f".jsonl{packed}" for packed in ("", *COMPRESSIONS))
_LONGEST = Limits().line  # bytes


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, plain or compressed (gzip, zstd), without their ends.

    TrainingError where the file cannot be read, ends early, or has a line over the limit that reading pages has.
    """
    try:
        with path.open("rb", buffering=0) as file:
            for number, line in enumerate(lines_of(ByteSource(file), _LONGEST), 1):
                if line is None:
                    where = f"{path}, line {number}"
                    raise TrainingError(f"{where}: more than {_LONGEST} bytes; one object a line is expected")
                yield line
    except DamagedInput as error:
        raise TrainingError(f"{path}: {error}; get the file again") from error
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror}); name a file that you may read") from error


def data_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files read of these files and folders, each once; TrainingError where there are none.

    Of a folder hidden files are left out, such as older versions that an editor keeps, and what is no file.
    """
    given: set[str] = set()
    for path in chain.from_iterable(map(_files, paths)):
        place = os.path.realpath(path)
        if place not in given:
            given.add(place)
            yield path


def _files(path: Path) -> Iterator[Path]:
    """The file, or those of the folder."""
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.name.endswith(_SUFFIXES) and _is_visible_file(p, path))
        if not found:
            raise TrainingError(f"{path}: the folder holds no .jsonl file")
        yield from found
    elif path.exists():
        yield path
    else:
        raise TrainingError(f"{path}: no such file or folder")


def _is_visible_file(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and (path.is_file() or not path.exists())  # a link that leads nowhere is told


def read_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of a file and where each stands; a field that is null counts as not given, apart from `label`."""
    for number, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TrainingError(f"{where}: not JSON ({error}); one object a line is expected") from error
        if not isinstance(record, dict):
            raise TrainingError(f"{where}: a JSON object is expected, found {type(record).__name__}")
        yield where, {key: value for key, value in record.items() if value is not None or key == "label"}


def check_folder(folder: Path) -> None:
    """OutputError where a folder cannot be made or written into; asked before a training, which may take hours."""
    there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: no place for a model: name a folder that you may write to, or a new one.")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing; OutputError where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed(folder, error) from None


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder, by name and in order, each whole or not at all; OutputError where that fails."""
    make_folder(folder)
    for name, data in files.items():
        write_whole(folder / name, data)
