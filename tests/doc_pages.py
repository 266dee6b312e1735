"""Runs the examples of a Markdown page: ```console fences in a shell on a terminal, ```python fences as doctests.

The fences of one page share a folder and their variables, in order. What a run cannot repeat is masked (times, hashes,
the place of the checkout). Other processors add up floats in another order: a number with decimals, or in percent, may
differ by one in its last digit. A comment `<!-- show 5 -->` or `<!-- show 5+2 -->` before a fence keeps the first (and
last) lines of its output; `<!-- show 5+2, fitted -->` says that it comes from a training, where such differences grow.

Tables and marked regions of the pages are read here too.
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
# How far the figures of a training may be from those on the page: with the instructions of older processors (OpenBLAS
# for Haswell, Sandy Bridge or Nehalem, numpy without AVX) the tutorial's shares moved by 0.004, its counts by 1 in 265.
FITTED, FITTED_COUNT = 0.01, 2
# marked parts that only a measurement fills: tests/test_docs_measured.py; the other parts: tests/test_docs_generated.py
MEASURED = frozenset({"scores", "scores-mixed", "scores-language", "speed", "error-counts", "written-peers"})
_COLUMNS = 100
_SHOW = r"(?:<!-- show (?P<first>\d+)(?:\+(?P<last>\d+))?(?P<fitted>, fitted)? -->\n)?"
_FENCE = re.compile(_SHOW + r"^```(?P<kind>console|python)\n(?P<body>.*?)^```$", re.M | re.S)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_NUMBER = re.compile(r"([-+]?\d+\.\d+|\d+(?=%))")
_ANY_NUMBER = re.compile(r"((?<!\w)[-+]?\d+(?:\.\d+)?)")
_MASKS = (
    (re.compile(r"[\d.,]+ s, [\d.,]+ pages/s, [\d.,]+ MB/s"), "... s, ... pages/s, ... MB/s"),
    (re.compile(r"sha256:[0-9a-f]{12}"), "sha256:..."),
    (re.compile(re.escape(str(ROOT))), "~/checkout"),
)


@dataclass(frozen=True)
class Fence:
    """One example: where its body lies in the page, how many lines of output it shows (0 for all), and whether these
    come from a training."""

    kind: str
    body: str
    start: int
    first: int
    last: int
    fitted: bool


def fences(page: str) -> list[Fence]:
    return [
        Fence(m["kind"], m["body"], m.start("body"), int(m["first"] or 0), int(m["last"] or 0), bool(m["fitted"]))
        for m in _FENCE.finditer(page)
    ]


def run_page(path: Path, folder: Path) -> tuple[str, list[str]]:
    """The page with what its examples really give, and what differs from the page as it is."""
    page = path.read_text(encoding="utf-8")
    for name in ("docs", "models", "seeds", "tests"):
        (folder / name).symlink_to(ROOT / name)
    new, differences, done = [], [], 0
    variables: dict[str, object] = {}
    for fence in fences(page):
        body = _console(fence, folder) if fence.kind == "console" else _python(fence, variables)
        alike = same(fence.body, body, fence.fitted)
        kept = fence.kind == "python" and alike  # blank lines between examples
        new += [page[done : fence.start], fence.body if kept else body]
        done = fence.start + len(fence.body)
        if not alike:
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


def same(wanted: str, found: str, fitted: bool = False) -> bool:
    """Whether two outputs say the same: blanks, rules and what other processors may make of the numbers aside."""
    (one, first), (other, second) = (_split(text, fitted) for text in (wanted, found))
    if one != other or len(first) != len(second):
        return False
    return all(abs(a - b) <= 1.001 * limit for (a, limit), (b, _) in zip(first, second, strict=True))


def _split(text: str, fitted: bool) -> tuple[str, list[tuple[float, float]]]:
    """The text without its numbers, and the numbers, each with how far off another may be."""
    words = re.sub(r"[━─═┼╇┴]+", "─", " ".join(text.split()))
    pieces = (_ANY_NUMBER if fitted else _NUMBER).split(words)
    return "#".join(pieces[::2]), [(float(piece), _limit(piece, fitted)) for piece in pieces[1::2]]


def _limit(number: str, fitted: bool) -> float:
    decimals = len(number.partition(".")[2])
    if fitted:
        return FITTED if decimals else FITTED_COUNT
    return 10.0**-decimals


def tables(text: str) -> list[list[list[str]]]:
    """The Markdown tables of a text: lists of rows, the head first, without the rule below it."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.M)
    rows = ([line.strip()[1:-1].split("|") for line in table.splitlines()] for table in found)
    return [[[cell.strip() for cell in row] for row in [head, *body]] for head, _, *body in rows]


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
