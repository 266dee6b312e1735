"""The command as a user runs it, timed from outside: seconds, CPU seconds, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "classifier", "filter")


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: wall and CPU seconds, and the peak memory of its largest process (bytes)."""

    seconds: float
    cpu_seconds: float
    peak: int


def run(source: Path, target: Path, *options: str) -> Measured:
    """Filter `source` to `target`; stops with the command's own words where it fails."""
    start = time.perf_counter()
    process = subprocess.Popen([*COMMAND, str(source), "-o", str(target), "-q", *options], stderr=subprocess.PIPE)
    assert process.stderr is not None
    told = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(told)
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def first_output(source: Path) -> float:
    """Seconds from the start of the command to its first byte on stdout."""
    start = time.perf_counter()
    with subprocess.Popen([*COMMAND, str(source), "-q"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        seconds = time.perf_counter() - start
        process.stdout.read()
    return seconds


def write(path: Path, records: Iterable[dict[str, str]]) -> Path:
    """Records to JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def repeated(pages: Sequence[dict[str, str]], number: int) -> Iterable[dict[str, str]]:
    """`number` pages, the given ones over and over. Copies bear their number in every paragraph: the classifier looks
    at each distinct text once, and paragraphs that repeat would flatter it."""
    for i in range(number):
        page = dict(pages[i % len(pages)], id=f"{pages[i % len(pages)]['id']}#{i}")
        if i >= len(pages):
            copy = i // len(pages)
            page["html"] = page["html"].replace("</p>", f" {copy}</p>") if "html" in page else ""
            page["text"] = page["text"].replace("\n\n", f" {copy}\n\n") if "text" in page else ""
        yield {key: value for key, value in page.items() if value}
