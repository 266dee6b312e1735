"""Runs the examples of a Markdown page: ```console fences in a shell on a terminal, ```python fences as doctests.

The fences of one page share a folder and their variables, in order. What a run cannot repeat is masked (times, hashes,
the place of the checkout), and numbers with decimals may differ a little, so that another machine gets the same page.
A comment `<!-- show 5 -->` or `<!-- show 5+2 -->` before a fence keeps the first (and last) lines of its output.
"""

import contextlib
import doctest
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CLOSE = 0.06  # how far numbers in an output may be from those on the page
_COLUMNS = 100
_FENCE = re.compile(r"(?:<!-- show (\d+)(?:\+(\d+))? -->\n)?^```(console|python)\n(.*?)^```$", re.M | re.S)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_NUMBER = re.compile(r"([-+]?\d+\.\d+|\d+(?=%))")
_MASKS = (
    (re.compile(r"[\d.,]+ s, [\d.,]+ pages/s, [\d.,]+ MB/s"), "... s, ... pages/s, ... MB/s"),
    (re.compile(r"sha256:[0-9a-f]{12}"), "sha256:..."),
    (re.compile(re.escape(str(ROOT))), "~/checkout"),
)


@dataclass(frozen=True)
class Fence:
    """One example: where its body lies in the page, and how many lines of output it shows (0 for all)."""

    kind: str
    body: str
    start: int
    first: int
    last: int


def fences(page: str) -> list[Fence]:
    found = _FENCE.finditer(page)
    return [Fence(m[3], m[4], m.start(4), int(m[1] or 0), int(m[2] or 0)) for m in found]


def run_page(path: Path, folder: Path) -> tuple[str, list[str]]:
    """The page with what its examples really give, and what differs from the page as it is."""
    page = path.read_text(encoding="utf-8")
    for name in ("docs", "models", "seeds", "tests"):
        (folder / name).symlink_to(ROOT / name)
    new, differences, done = [], [], 0
    variables: dict[str, object] = {}
    for fence in fences(page):
        body = _console(fence, folder) if fence.kind == "console" else _python(fence, variables)
        kept = fence.kind == "python" and same(fence.body, body)  # blank lines between examples
        new += [page[done : fence.start], fence.body if kept else body]
        done = fence.start + len(fence.body)
        if not same(fence.body, body):
            line = page.count("\n", 0, fence.start) + 1
            differences.append(f"{path.name}, line {line}: the page says\n{fence.body}but it gives\n{body}")
    return "".join([*new, page[done:]]), differences


def _console(fence: Fence, folder: Path) -> str:
    """The commands of the fence, each with its output."""
    out = []
    for command in re.findall(r"^\$ ((?:.*\\\n)*.*)$", fence.body, re.M):
        lines = on_terminal(command, folder).splitlines()
        if fence.first and len(lines) > fence.first + fence.last:
            lines = [*lines[: fence.first], "...", *lines[len(lines) - fence.last :]]
        out += [f"$ {command}", *lines]
    return "".join(line + "\n" for line in out)


def on_terminal(command: str, folder: Path) -> str:
    """What a command shows on a terminal, stdout and stderr together, colours left out."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _COLUMNS, 0, 0))
    unset = ("COLUMNS", "LINES", "FORCE_COLOR")
    env = {key: value for key, value in os.environ.items() if key not in unset}
    env |= {"PATH": f"{Path(sys.executable).parent}:{env['PATH']}", "NO_COLOR": "1", "TERM": "xterm", "LANG": "C.UTF-8"}
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # small matrices; threads only wait for each other
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=other, stderr=other, cwd=folder, env=env
    )
    os.close(other)
    parts = []
    with contextlib.suppress(OSError):  # Linux tells the end of a terminal so
        while part := os.read(main, 65536):
            parts.append(part)
    os.close(main)
    process.wait()
    text = _ESCAPES.sub("", b"".join(parts).decode("utf-8")).replace("\r\n", "\n")
    lines = (line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n"))
    return masked("\n".join(lines).strip("\n"))


def masked(text: str) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


def _python(fence: Fence, variables: dict[str, object]) -> str:
    """The statements of the fence, each with what it prints or gives."""
    if ">>> " not in fence.body:
        exec(compile(fence.body, "page", "exec"), variables)
        return fence.body
    out = []
    for example in doctest.DocTestParser().get_examples(fence.body):
        first, *more = example.source.splitlines()
        out += [f">>> {first}\n", *(f"... {line}\n" for line in more)]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(example.source, "page", "single"), variables)
        out.append(masked(printed.getvalue()))
    return "".join(out)


def same(wanted: str, found: str) -> bool:
    """Whether two outputs say the same: blanks, rules and small differences of numbers aside."""
    (one, first), (other, second) = map(_split, (wanted, found))
    if one != other or len(first) != len(second):
        return False
    return all(abs(a - b) <= limit for (a, limit), (b, _) in zip(first, second, strict=True))


def _split(text: str) -> tuple[str, list[tuple[float, float]]]:
    """The text without its numbers, and the numbers, each with how far off another may be."""
    words = re.sub(r"[━─═┼╇┴]+", "─", " ".join(text.split()))
    pieces = _NUMBER.split(words)
    numbers = [(float(piece), CLOSE if "." in piece else 100 * CLOSE) for piece in pieces[1::2]]
    return "#".join(pieces[::2]), numbers


def region(page: str, name: str) -> str:
    """What stands between `<!-- begin NAME -->` and `<!-- end NAME -->`."""
    return _region(name).search(page)[2]


def with_region(page: str, name: str, content: str) -> str:
    """The page with another content between the marks of this name."""
    return _region(name).sub(lambda m: m[1] + content + m[3], page)


def regions(page: str) -> list[str]:
    return re.findall(r"^<!-- begin (.+?) -->$", page, re.M)


def _region(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- begin {re.escape(name)} -->\n)(.*?)(<!-- end {re.escape(name)} -->)", re.S)
