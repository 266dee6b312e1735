"""Where results go: stdout, one file, or a folder of outputs beside the inputs; and the rejections."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path, PurePath

from classifier.errors import OutputError, SettingsError
from classifier.pipeline.job import Job
from classifier.pipeline.state import State
from classifier.pipeline.work import Item, Result
from classifier.readers import InputFile
from classifier.readers.formats import suffix_kind
from classifier.records import Rejection
from classifier.settings import COMPRESSIONS, RUN_MANIFEST
from classifier.writers import Format, format_by_name
from classifier.writers.files import OutputFile, commit, write_whole


class Sink:
    """Writes results in order and brings them to the disk at checkpoints."""

    def __init__(self, job: Job, files: Sequence[InputFile], state: State, path: Path | None) -> None:
        self._job = job
        self._format = format_by_name(job.format)
        self._state = state
        self._state_path = path
        self._targets = targets(job, files, self._format)
        self._open: dict[str, OutputFile] = {}
        self._printed = 0
        self._whole: list[str] = []  # finished since the last checkpoint
        self._current = state.file
        for name in state.whole:
            commit(Path(name), self._format_of(name))
        if not state.done:
            self._start()

    def _start(self) -> None:
        """Open what is certain to be written, so that a bad output stops the run before anything is read."""
        if self._job.rejected:
            self._file(self._job.rejected)
        if self._job.to_folder:
            Path(self._job.output).mkdir(parents=True, exist_ok=True)
        elif self._job.output != "-":
            self._file(self._job.output)
        for name in self._state.sizes:
            self._file(name)

    def _format_of(self, name: str) -> Format | None:
        """The format of an output by its name; None for the rejections."""
        return None if name == self._job.rejected else self._format

    def _file(self, name: str) -> OutputFile:
        if name not in self._open:
            keep, pages = self._state.sizes.get(name, (0, 0))
            self._open[name] = OutputFile(Path(name), self._format_of(name), keep, pages)
        return self._open[name]

    def take(self, batch: Sequence[Item], results: Sequence[Result]) -> None:
        """Write the results of one batch; raises OutputError where that fails."""
        printed: list[bytes] = []
        for item, result in zip(batch, results, strict=True):
            if item.file != self._current:
                self._leave(item.file)
            if isinstance(result, Rejection):
                if self._job.rejected:
                    line = json.dumps(asdict(result), ensure_ascii=False).encode("utf-8", "replace")
                    self._file(self._job.rejected).write(line + b"\n")
            elif self._job.output == "-":
                printed.append(self._format.separator if self._printed else b"")
                printed.append(result.data)
                self._printed += 1
            else:
                self._file(self._targets[item.file]).write(result.data)
        if printed:
            sys.stdout.buffer.write(b"".join(printed))
            sys.stdout.buffer.flush()
        self._state.file, self._state.number = batch[-1].file, batch[-1].number + 1

    def _leave(self, file: int) -> None:
        """Close the output of the input file before; its name waits for the next checkpoint."""
        name = self._targets[self._current] if self._job.to_folder else ""
        self._current = file
        if name in self._open:
            self._open[name].mark()
            self._open.pop(name).close()
            self._whole.append(name)

    def checkpoint(self, done: bool = False) -> None:
        """Make everything taken so far safe; outputs of finished inputs get their final names."""
        if self._state_path is None and not done:
            return
        self._state.sizes = {name: (file.mark(), file.pages) for name, file in self._open.items()}
        if done:
            self._whole.extend(self._open)
            self._state.sizes = {}
        whole, self._whole = self._whole, []
        self._state.whole, self._state.done = whole, done
        if self._state_path is not None:
            self._state.save(self._state_path)
        for name in whole:
            commit(Path(name), self._format_of(name))
        if done:
            self.close()  # not before, or another run could begin to write what has not got its name yet

    def finish(self, manifest: bytes) -> None:
        """Give everything its final name, write the manifest of a folder, and forget the state."""
        if not self._state.done:
            self.checkpoint(done=True)
        if self._job.to_folder:
            write_whole(Path(self._job.output) / RUN_MANIFEST, manifest)
        if self._state_path is not None:
            self._state_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of all files; what they hold up to the last checkpoint is there for --resume."""
        for file in self._open.values():
            file.close()
        self._open = {}


def targets(job: Job, files: Sequence[InputFile], output_format: Format) -> list[str]:
    """The output of each input file, none for stdout.

    OutputError where two inputs would share one of a folder, SettingsError where --rejected names one of them.
    """
    if job.output == "-":
        return []
    if not job.to_folder:
        return [job.output] * max(1, len(files))
    names = [_beside(file.relative, output_format) for file in files]
    shared = {name for name, number in Counter(names).items() if number > 1}
    names = [
        f.relative + output_format.suffix if name in shared else name for name, f in zip(names, files, strict=True)
    ]
    owners: dict[str, str] = {}
    for name, file in zip(names, files, strict=True):
        if name in owners:
            raise OutputError(f"{file.path} and {owners[name]} would both be written to {name}: give them one by one.")
        owners[name] = file.path
    _check_apart(job, owners)
    return [str(Path(job.output) / name) for name in names]


def _check_apart(job: Job, owners: Mapping[str, str]) -> None:
    """Raise an error where the manifest of a folder or --rejected is also the output of an input; `owners` by name."""
    if file := owners.get(RUN_MANIFEST):
        raise OutputError(f"{file} would be written to manifest.json, which tells about the run: give it another name.")
    rejected = os.path.relpath(os.path.realpath(job.rejected), os.path.realpath(job.output)) if job.rejected else ""
    if rejected == RUN_MANIFEST or rejected in owners:
        raise SettingsError(f"{job.rejected}: named for --rejected, but also a file of the output: give another name.")


def _beside(relative: str, output_format: Format) -> str:
    """The name of an output: the input's own for Dolma, with the suffix of the format otherwise."""
    if output_format.every_page:
        return relative
    path = PurePath(relative)
    if path.suffix.lower() in COMPRESSIONS:
        path = path.with_suffix("")
    return str(path.with_suffix("") if suffix_kind(path.name) else path) + output_format.suffix
