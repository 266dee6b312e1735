"""A whole run: read, classify, select, write, and account for every page."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from classifier.errors import OutputError, SettingsError
from classifier.pipeline import state as states
from classifier.pipeline.counts import Counts
from classifier.pipeline.job import Job, Labeller
from classifier.pipeline.sink import Sink
from classifier.pipeline.work import Batch, Item, Result, Work, batches
from classifier.readers import InputFile, discover, split_file
from classifier.readers.streams import ByteSource
from classifier.writers.files import check_place, is_device, same_place

_COLLECTED = 100_000  # new objects between two looks for cycles: batches make many objects, none of them in cycles
CHECKPOINT_BATCHES = 16  # batches between two checkpoints: what a kill loses, some seconds of work


@dataclass(slots=True)
class Progress:
    """How far a run is: its counts, the bytes of all input files (0 where unknown) and of those read to the end.

    `sources` holds the file that is being read, if any.
    """

    counts: Counts
    total_bytes: int = 0
    done_bytes: int = 0
    sources: list[ByteSource] = field(default_factory=list)

    @property
    def consumed(self) -> int:
        """Bytes of input files read so far."""
        return self.done_bytes + sum(source.consumed for source in self.sources)


Listener = Callable[[Progress, Sequence[Result]], None]


def run(job: Job, classifier: Labeller, listen: Listener | None = None) -> Counts:
    """Do `job`; `listen` is called after every batch. Gives the counts of all pages, those before a break included.

    No output is written where no input is there. Raises InputError, OutputError, SettingsError, ResumeError. After an
    error or KeyboardInterrupt the state on disk is that of the last checkpoint, and `resume` goes on from there.
    """
    if job.rejected and Path(job.rejected).is_dir():
        raise OutputError(f"{job.rejected}: is a folder: name a file for --rejected.")
    outputs = [name for name in (job.output, job.rejected) if name and name != "-" and not is_device(Path(name))]
    files = discover(job.inputs, leave_out=outputs)
    _check_outputs(job, files)
    if all(file.problem for file in files):  # names are mistyped: what an earlier run wrote stays
        job = replace(job, output="-")
    path = states.state_path(job)
    state = _begin(job, classifier, files, path)
    sink = Sink(job, files, state, path)
    if path is not None and not job.resume:
        path.unlink(missing_ok=True)  # what another run left
    try:
        if not state.done:
            with _rare_collection():
                _work_through(job, classifier, files, sink, state, listen)
        state.counts.check()
        sink.finish(_manifest(state, files))
    finally:
        sink.close()
    return state.counts


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Look for cycles rarely, and never among what is alive now, the model above all."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _work_through(
    job: Job,
    classifier: Labeller,
    files: Sequence[InputFile],
    sink: Sink,
    state: states.State,
    listen: Listener | None,
) -> None:
    progress = Progress(state.counts, sum(file.size or 0 for file in files))
    progress.done_bytes = sum(file.size or 0 for file in files[: state.file])
    queue = batches(_items(job, files, state, progress))
    for number, (batch, results) in enumerate(_results(job, classifier, queue), 1):
        sink.take(batch, results)
        for result in results:
            state.counts.add(result)
        if number % CHECKPOINT_BATCHES == 0:
            sink.checkpoint()
        if listen is not None:
            listen(progress, results)


def _items(job: Job, files: Sequence[InputFile], state: states.State, progress: Progress) -> Iterator[Item]:
    """Every record from where the state stands, up to the limit."""
    left = job.limit - state.counts.read if job.limit else None
    return islice(_all_items(job, files, state.file, state.number, progress), left)


def _all_items(job: Job, files: Sequence[InputFile], first: int, skip: int, progress: Progress) -> Iterator[Item]:
    for index in range(first, len(files)):
        progress.sources.clear()
        for number, raw in enumerate(split_file(files[index], job.reading, progress.sources)):
            if index > first or number >= skip:
                yield Item(index, number, raw)
        progress.sources.clear()
        progress.done_bytes += files[index].size or 0


def _results(job: Job, classifier: Labeller, queue: Iterable[Batch]) -> Iterator[tuple[Batch, list[Result]]]:
    work = Work(job, classifier)
    if job.workers == 1 and not job.page_timeout:
        return ((batch, work.process(batch)) for batch in queue)
    from classifier.pipeline.pool import Pool

    return Pool(work, job.workers, job.page_timeout).results(queue)


def _check_outputs(job: Job, files: Sequence[InputFile]) -> None:
    if job.resume and job.output == "-":
        raise SettingsError("--resume needs an output file or folder: name one with -o.")
    if job.resume and any(file.path == "-" for file in files):
        raise SettingsError("--resume cannot read stdin a second time: give a file.")
    if job.rejected == "-":
        raise SettingsError("--rejected does not write to stdout: name a file.")
    if job.rejected and same_place(job.rejected, job.output):
        raise SettingsError(f"{job.rejected}: named both for the output and for --rejected: give two names.")
    made = Path(job.output) if job.to_folder else Path(job.output).parent
    if job.rejected and Path(job.rejected).parent not in (made, *made.parents):
        check_place(Path(job.rejected))


def _begin(job: Job, classifier: Labeller, files: Sequence[InputFile], path: Path | None) -> states.State:
    same = states.identity(job, classifier.model_name, files)
    if path is None:
        return states.State(same)
    return (states.load(path, same) if job.resume else None) or states.State(same)


def _manifest(state: states.State, files: Sequence[InputFile]) -> bytes:
    """What a folder of outputs tells about itself: options, model, counts, input list."""
    options = {name: value for name, value in state.identity.items() if name not in ("model", "input files")}
    listed = [{"path": file.name, "bytes": file.size} for file in files]
    facts = {"model": state.identity["model"], "options": options, "counts": state.counts.as_dict(), "inputs": listed}
    return json.dumps(facts, indent=1, ensure_ascii=False).encode() + b"\n"
