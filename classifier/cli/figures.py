"""Figures as people read them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from classifier.cli.terminal import visible


def rows(figures: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Nested figures as rows: the path to each innermost group, and the group."""
    single = {key: value for key, value in figures.items() if not isinstance(value, Mapping)}
    if single:
        yield name or "all", single
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from rows(value, f"{name} {key}".strip())


def columns_of(stream: TextIO) -> int:
    """The width of the terminal that `stream` writes to; 0, for no limit, where it is none."""
    return shutil.get_terminal_size().columns if stream.isatty() else 0


def table(figures: Mapping[str, Any], columns: int = 0) -> str:
    """One line a group: `html article   precision 0.930  recall 0.914`.

    With `columns`, what would be wider goes on in lines that begin below the first figure.
    """
    found = list(rows(figures))
    width = max((len(name) for name, _ in found), default=0) + 2
    lines = []
    for name, group in found:
        first, *others = _broken(list(map(_figure, group.items())), columns - width if columns else sys.maxsize)
        lines += [f"{name:<{width}}{first}", *(" " * width + other for other in others)]
    return "\n".join(map(visible, lines))


def _broken(figures: Sequence[str], room: int) -> list[str]:
    """The figures side by side, in as many lines as they take."""
    lines = [figures[0]]
    for figure in figures[1:]:
        if len(lines[-1]) + 2 + len(figure) <= room:
            lines[-1] += f"  {figure}"
        else:
            lines.append(figure)
    return lines


def _figure(item: tuple[str, Any]) -> str:
    name, value = item
    if isinstance(value, list):
        return f"{name} {' '.join(f'{x:.3f}' if isinstance(x, float) else str(x) for x in value)}"
    return f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
