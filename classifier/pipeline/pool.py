"""Batches through several processes, in order. A page that kills or hangs a worker is refused and the work goes on.

Processes, because the fastText binding never releases the GIL; own ones, because the pools of the standard library
give up as a whole where one process dies.
"""

from __future__ import annotations

import gc
import pickle
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from typing import Any

from classifier.pipeline.job import PAGE_SECONDS
from classifier.pipeline.work import Batch, Result, Work
from classifier.records import Rejection

_AHEAD = 3  # batches a worker that may wait for an earlier one to be written
_ORPHANED = 10  # seconds over its time after which a worker ends itself: the parent would have done it, so is gone


@dataclass(slots=True)
class _Task:
    """A batch for a worker; or one page of a batch that crashed or took too long, with its place there in `single`."""

    number: int
    items: Batch
    single: int | None = None


@dataclass(slots=True)
class _Worker:
    process: Any
    pipe: Connection
    task: _Task | None = None
    until: float = 0.0


@dataclass(slots=True)
class _Order:
    """Batches taken from the queue and not yet given back, with the results there are."""

    batches: dict[int, Batch] = field(default_factory=dict)
    results: dict[int, list[Result | None]] = field(default_factory=dict)
    taken: int = 0
    next: int = 0

    def take(self, batch: Batch | None) -> _Task | None:
        """Number a batch and wait for its results."""
        if batch is None:
            return None
        self.batches[self.taken] = batch
        self.results[self.taken] = [None] * len(batch)
        self.taken += 1
        return _Task(self.taken - 1, batch)

    def put(self, task: _Task, results: Sequence[Result]) -> None:
        """Note the results of a batch, or that of one page of it."""
        if task.single is None:
            self.results[task.number] = list(results)
        else:
            self.results[task.number][task.single] = results[0]

    def pop(self) -> tuple[Batch, list[Result]] | None:
        """The next batch in order if all its results are there."""
        done = self.results.get(self.next)
        if done is None or any(result is None for result in done):
            return None
        del self.results[self.next]
        self.next += 1
        return self.batches.pop(self.next - 1), [result for result in done if result is not None]


class Pool:
    """`workers` processes that share the loaded model, as they are forked.

    A batch has `page_timeout` seconds; one that takes longer, or kills its worker, is done again page by page, each
    page with that time of its own.
    """

    def __init__(self, work: Work, workers: int, page_timeout: float) -> None:
        self._context: Any = get_context("fork")
        self._work = work
        self._seconds = page_timeout or PAGE_SECONDS
        gc.collect()
        gc.freeze()  # else the collector would touch, and so copy, every shared page in every worker
        self._workers: list[_Worker] = []
        for _ in range(workers):
            self._workers.append(self._start(self._workers))
        self._broken: deque[_Task] = deque()
        self._order = _Order()

    def _start(self, others: list[_Worker]) -> _Worker:
        ours, theirs = self._context.Pipe()
        pipes = [worker.pipe for worker in others] + [ours]
        process = self._context.Process(target=_serve, args=(self._work, theirs, pipes, self._seconds), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def results(self, queue: Iterable[Batch]) -> Iterator[tuple[Batch, list[Result]]]:
        """Every batch with its results, in order."""
        source = iter(queue)
        ahead: _Task | None = None
        more = True
        try:
            while more or self._order.batches:
                self._hand_out_broken()
                if more and ahead is None and len(self._order.batches) < _AHEAD * len(self._workers):
                    ahead = self._order.take(next(source, None))
                    more = ahead is not None
                idle = self._idle()
                if idle is not None and ahead is not None:
                    self._hand_out(idle, ahead)
                    ahead = None
                    continue
                done = self._order.pop()
                self._collect(wait=done is None)
                if done is not None:
                    yield done
        finally:
            self.close()

    def _idle(self) -> _Worker | None:
        return next((worker for worker in self._workers if worker.task is None), None)

    def _hand_out_broken(self) -> None:
        while self._broken and (idle := self._idle()) is not None:
            self._hand_out(idle, self._broken.popleft())

    def _hand_out(self, worker: _Worker, task: _Task) -> None:
        worker.task, worker.until = task, time.monotonic() + self._seconds
        try:
            worker.pipe.send_bytes(pickle.dumps(task.items, protocol=5))
        except OSError:  # it died while idle or while reading
            self._replace(worker, "crashed", _ending(worker.process))

    def _collect(self, wait: bool) -> None:
        """Take what workers have done; `wait` for one that is done, dead or too late."""
        busy = [worker for worker in self._workers if worker.task is not None]
        if not busy:
            return
        patience = max(0.0, min(worker.until for worker in busy) - time.monotonic()) if wait else 0.0
        ready = connection.wait([worker.pipe for worker in busy], patience)
        for worker in busy:
            if worker.pipe in ready:
                self._receive(worker)
            elif time.monotonic() > worker.until:
                worker.process.kill()
                self._replace(worker, "timeout", f"not done after {self._seconds:g} seconds")

    def _receive(self, worker: _Worker) -> None:
        try:
            results = pickle.loads(worker.pipe.recv_bytes())
        except (EOFError, OSError):
            self._replace(worker, "crashed", _ending(worker.process))
            return
        task, worker.task = worker.task, None
        if task is not None:
            self._order.put(task, results)

    def _replace(self, worker: _Worker, reason: str, detail: str) -> None:
        """A new process for a dead one; its page is refused, or its batch done again page by page."""
        worker.process.join()
        worker.pipe.close()
        task, place = worker.task, self._workers.index(worker)
        others = [other for other in self._workers if other is not worker]
        self._workers[place] = self._start(others)
        if task is None:
            return
        if len(task.items) > 1:
            singles = (_Task(task.number, [item], i) for i, item in enumerate(task.items))
            self._broken.extend(singles)
            return
        self._order.put(task, [Rejection(task.items[0].raw.source, "classify", reason, detail)])

    def close(self) -> None:
        """End all processes at once."""
        for worker in self._workers:
            worker.pipe.close()
            worker.process.kill()
            worker.process.join()


def _ending(process: Any) -> str:
    process.join()
    code = process.exitcode
    return f"the worker was ended by {signal.Signals(-code).name}" if code < 0 else f"the worker ended with code {code}"


def _serve(work: Work, pipe: Connection, others: list[Connection], seconds: float) -> None:
    """The life of a worker: batches in, results out, until the parent closes the pipe or dies.

    `others` are the parent's ends of pipes, which came with the start. They are closed, or this process and its
    siblings would wait for ever after the parent's death. The alarm ends a worker that hangs without a parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    for other in others:
        other.close()
    try:
        while True:
            items = pickle.loads(pipe.recv_bytes())
            signal.alarm(int(seconds) + _ORPHANED)
            results = work.process(items)
            signal.alarm(0)
            pipe.send_bytes(pickle.dumps(results, protocol=5))
    except (EOFError, ConnectionError):  # the parent is done, or gone
        return
