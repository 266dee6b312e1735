"""What a run leaves beside its output so that it can go on after a break, kill -9 included."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.errors import ResumeError
from classifier.pipeline.counts import Counts
from classifier.pipeline.job import Job
from classifier.readers import InputFile
from classifier.settings import VERSION
from classifier.writers.files import is_device, write_whole

_VERSION = 3


@dataclass(slots=True)
class State:
    """How far a run is on disk. All before input file `file`, record `number` is in the growing outputs.

    `sizes` gives bytes and pages of each growing output that count, `whole` the outputs that only lack their final
    name, `done` says that nothing is left but that.
    """

    identity: dict[str, Any]
    file: int = 0
    number: int = 0
    counts: Counts = field(default_factory=Counts)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    done: bool = False

    def save(self, path: Path) -> None:
        """Write the state, whole or not at all."""
        facts = {
            "version": _VERSION, "identity": self.identity, "file": self.file, "number": self.number,
            "counts": self.counts.as_dict(), "sizes": self.sizes, "whole": self.whole, "done": self.done,
        }  # fmt: skip
        write_whole(path, json.dumps(facts).encode())


def identity(job: Job, model: str, files: Sequence[InputFile]) -> dict[str, Any]:
    """Everything that must be the same for a run to go on: options, model, and the input files as they are.

    Of the files only a hash: a crawl has a million of them, and this is written at every checkpoint.
    """
    listed = json.dumps([[f.path, f.size, f.modified] for f in files]).encode()
    known = f"{len(files)} with sizes and dates {hashlib.sha256(listed).hexdigest()[:12]}"
    facts = {**job.fingerprint(), "model": model, "version": VERSION, "input files": known}
    same: dict[str, Any] = json.loads(json.dumps(facts))
    return same


def state_path(job: Job) -> Path | None:
    """Where the state of a run lies: in its folder or beside its output; None where it writes to stdout or a device."""
    if job.output == "-" or is_device(Path(job.output)):
        return None
    if job.to_folder:
        return Path(job.output) / ".classifier.resume"
    output = Path(job.output)
    return output.with_name(f".{output.name}.resume")


def load(path: Path, wanted: dict[str, Any]) -> State | None:
    """The state of an interrupted run, None where there is none. ResumeError where it is of another run."""
    try:
        facts = json.loads(path.read_bytes())
        if facts["version"] != _VERSION:
            raise ResumeError(f"{path}: written by another version: start again without --resume.")
        found = facts["identity"]
        counts = Counts.from_dict(facts["counts"])
        sizes = {name: (size, pages) for name, (size, pages) in facts["sizes"].items()}
        state = State(found, facts["file"], facts["number"], counts, sizes, facts["whole"], facts["done"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ResumeError(f"{path}: cannot be read ({error}): start again without --resume.") from None
    changed = _changes(found, wanted)
    if changed:
        told = "; ".join(changed)
        again = "give the same options, or start again without --resume."
        raise ResumeError(f"the interrupted run was another one ({told}): {again}")
    return state


def _changes(before: dict[str, Any], now: dict[str, Any], inside: str = "") -> list[str]:
    """What differs, one by one, of options within options too."""
    out = []
    for name in {**before, **now}:
        other, value = before.get(name), now.get(name)
        if isinstance(value, dict) and isinstance(other, dict):
            out += _changes(other, value, f"{inside}{name}.")
        elif value != other:
            out.append(f"{inside}{name}: {_short(other)} before, {_short(value)} now")
    return out


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
