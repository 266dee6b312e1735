"""What a run tells on stderr: rejections worth a line, progress on a terminal, the closing summary."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence

from classifier.cli.terminal import visible
from classifier.pipeline import Counts, Progress
from classifier.pipeline.counts import Rendered
from classifier.records import Rejection, counted

UNOPENED = ("missing", "unreadable")  # reasons of inputs that could not be opened at all: the run ends with exit code 1
_SHOWN = 10  # rejections told one by one; the rest stands in the summary and in --rejected
_SECONDS = 0.2  # between two looks of the progress line
_LANGUAGES = 6  # languages named in the summary


def reason_of(rejection: Rejection) -> str:
    """Where something was rejected and why, on one line."""
    return visible(f"{rejection.source}: {rejection.reason}: {rejection.detail}")


_UNREAD = {
    "html": ("that begin as HTML", "name their key with --html-key"),
    "markdown": ("with links as Markdown has them", "name their key with --markdown-key, or their file .md"),
}


class Teller:
    """Listens to a run. `unreadable` counts inputs that could not be opened at all."""

    def __init__(self, quiet: bool = False) -> None:
        self.unreadable = 0
        self._quiet = quiet
        self._bar = not quiet and sys.stderr.isatty()
        self._told = 0
        self._unheard = False
        self._start = self._last = time.monotonic()
        self._read_before = -1
        self._bytes = 0

    def listen(self, progress: Progress, results: Sequence[Rendered | Rejection]) -> None:
        """Called after every batch."""
        if self._read_before < 0:  # what an interrupted run had done does not count for the speed
            self._read_before = progress.counts.read - len(results)
        self._bytes = progress.consumed
        for result in results:
            if isinstance(result, Rejection) and result.stage != "select":
                self._tell(result)
        now = time.monotonic()
        if self._bar and now - self._last > _SECONDS:
            self._last = now
            self._write(f"\r\033[K{_line(progress, now - self._start, self._read_before)}")

    def _tell(self, rejection: Rejection) -> None:
        if rejection.reason in UNOPENED:
            self.unreadable += 1
        elif self._quiet or rejection.reason == "no_blocks":
            return
        self._told += 1
        if self._told <= _SHOWN or rejection.reason in UNOPENED:
            self._clear()
            self._write(reason_of(rejection) + "\n")
        elif self._told == _SHOWN + 1:
            self._clear()
            self._write("more rejections are only counted; --rejected FILE lists them all\n")

    def _clear(self) -> None:
        if self._bar:
            self._write("\r\033[K")

    def _write(self, text: str) -> None:
        if self._unheard:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:  # nobody reads stderr any more, which is no reason to end the work
            self._unheard = True

    def close(self, counts: Counts | None) -> None:
        """Take the progress line away and, where the run is done, write the summary."""
        self._clear()
        if counts is not None and not self._quiet:
            seconds = time.monotonic() - self._start
            self._write(summary(counts, seconds, counts.read - max(0, self._read_before), self._bytes))


def _line(progress: Progress, seconds: float, read_before: int) -> str:
    pages, size = progress.counts.read - read_before, progress.consumed
    parts = [f"{progress.counts.read:,} pages", f"{pages / seconds:,.0f} pages/s", f"{size / seconds / 1e6:.1f} MB/s"]
    if progress.total_bytes:
        share = min(1.0, size / progress.total_bytes)
        parts.insert(0, f"{share:4.0%}")
        if share > 0:
            left = int(seconds * (1 - share) / share)
            parts.append(f"{left // 60}:{left % 60:02d} left")
    return "  ".join(parts)


def summary(counts: Counts, seconds: float, pages: int, size: int) -> str:
    """The closing lines: pages, blocks, languages, speed of this run (`pages` and `size` bytes in `seconds`)."""
    read = f"{counted(counts.read, 'page')} read"
    lost = f"{counts.rejected.total():,} rejected{_named(counts.rejected)}"
    lines = [f"{read}: {counts.written:,} written, {lost}"]
    if counts.blocks:
        blocks = counted(counts.blocks, "block")
        lines.append(f"{blocks} in them: {counts.kept:,} kept; by label{_named(counts.labels)}")
        lines.append(f"languages{_named(counts.languages, _LANGUAGES)}")
    for kind, (what, advice) in _UNREAD.items():
        if number := counts.unread_markup[kind]:
            lines.append(f"{counted(number, 'page')} of plain text {what}: to read them so, {advice}")
    seconds = max(seconds, 1e-9)
    lines.append(f"{seconds:.1f} s, {pages / seconds:,.1f} pages/s, {size / seconds / 1e6:.1f} MB/s")
    return "\n".join(lines) + "\n"


def _named(numbers: Counter[str], most: int | None = None) -> str:
    ranked = [f"{name} {number:,}" for name, number in numbers.most_common() if number]
    named = ", ".join(ranked[:most])
    more = f", {len(ranked[most:]):,} more" if most is not None and ranked[most:] else ""
    return f" ({named}{more})" if named else ""
