"""Small plots as inline SVG: bars, stacked columns, curves. Colours and hatching come from the style, by class.

Every plot is 360 units wide, so that it can be read on a phone, and holds its numbers as text or tooltips.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifier.report.document import escape

WIDTH = 360
_ROW, _NAME, _VALUE = 22, 104, 92  # a bar's height with its gap; room for its name and its value
_LEFT, _BOTTOM, _TOP, _HEIGHT = 40, 34, 8, 200  # room around a plot with axes, and its height with them
_CLASS = "abcdef"  # classes of curves: colour and dashes


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar: its parts are classes and sizes; `value` is the text at its end."""

    name: str
    parts: tuple[tuple[str, float], ...]
    value: str


@dataclass(frozen=True, slots=True)
class Column:
    """A stacked column: its parts from the bottom up are classes and sizes; `title` is its tooltip."""

    parts: tuple[tuple[str, float], ...]
    title: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y), both 0 to 1, under a name."""

    name: str
    points: Sequence[tuple[float, float]]


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars, one below the other; the longest takes the whole width."""
    most = max((sum(size for _, size in row.parts) for row in rows), default=0.0) or 1.0
    room = WIDTH - _NAME - _VALUE
    out = []
    for number, row in enumerate(rows):
        y, x = number * _ROW, float(_NAME)
        out.append(_text(_NAME - 6, y + 15, row.name, "end"))
        for name, size in row.parts:
            wide = size / most * room
            out.append(_rect((x, y + 3, wide, _ROW - 6), name))
            x += wide
        out.append(_text(x + 6, y + 15, row.value, "start"))
    return _plot(title, max(1, len(rows)) * _ROW, out)


def columns(
    title: str, items: Sequence[Column], numbers: Sequence[str] = (), axis: str = "", link: bool = False
) -> str:
    """Stacked columns side by side; `numbers` are labels below, spread evenly. With `link` each names its place.

    All columns share one scale, on which the highest fills the height.
    """
    most = max((sum(size for _, size in item.parts) for item in items), default=0.0) or 1.0
    wide = (WIDTH - _LEFT) / max(1, len(items))
    gap = min(2.0, wide * 0.15)
    out = list(_count_axis(most))
    for number, item in enumerate(items):
        x, y = _LEFT + number * wide, float(_HEIGHT - _BOTTOM)
        out.append(f'<g data-page="{number}">' if link else "<g>")
        out.append(f"<title>{escape(item.title)}</title>")
        out.append(_rect((x, _TOP, wide, _HEIGHT - _BOTTOM - _TOP), "space"))
        for name, size in item.parts:
            high = size / most * (_HEIGHT - _BOTTOM - _TOP)
            y -= high
            out.append(_rect((x, y, wide - gap, high), name))
        out.append("</g>")
    for number, text in enumerate(numbers):
        share = number / max(1, len(numbers) - 1)
        anchor = "start" if share == 0 else "end" if share == 1 else "middle"
        out.append(_text(_LEFT + share * (WIDTH - _LEFT), _HEIGHT - 18, text, anchor))
    out.append(_text((_LEFT + WIDTH) / 2, _HEIGHT - 5, axis, "middle"))
    return _plot(title, _HEIGHT, out)


def _count_axis(most: float) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        y = _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)
        yield _text(_LEFT - 5, y + 4, _short(most * share), "end")
        yield _line((_LEFT, y, WIDTH, y), "grid")


def curves(title: str, items: Sequence[Curve], axes: tuple[str, str], diagonal: bool = False) -> str:
    """Curves in the unit square, told apart by colour and dashes, with a legend; `axes` name x and y."""
    height = _HEIGHT + 40
    floor, room, wide = height - _BOTTOM, height - _BOTTOM - _TOP, WIDTH - _LEFT - 12
    out = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _LEFT + share * wide, floor - share * room
        out += [_line((_LEFT, y, _LEFT + wide, y), "grid"), _line((x, _TOP, x, floor), "grid")]
        out += [_text(_LEFT - 5, y + 4, f"{share:g}", "end"), _text(x, floor + 14, f"{share:g}", "middle")]
    if diagonal:
        out.append(_line((_LEFT, floor, _LEFT + wide, _TOP), "diagonal"))
    for number, curve in enumerate(items):
        path = " ".join(f"{_LEFT + x * wide:.1f},{floor - y * room:.1f}" for x, y in curve.points)
        out.append(f'<polyline class="curve {_CLASS[number]}" points="{path}"/>')
        y = height + 12 + number * 16
        out.append(f'<polyline class="curve {_CLASS[number]}" points="{_LEFT},{y} {_LEFT + 34},{y}"/>')
        out.append(_text(_LEFT + 42, y + 4, curve.name, "start"))
    out.append(_text(_LEFT + wide / 2, height - 5, f"{axes[0]} (y: {axes[1]})", "middle"))
    return _plot(title, height + 10 + 16 * len(items), out)


def _plot(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height:g}" role="img"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def _rect(box: tuple[float, float, float, float], name: str) -> str:
    x, y, wide, high = box
    return f'<rect class="{name}" x="{x:.2f}" y="{y:.2f}" width="{max(0.0, wide):.2f}" height="{max(0.0, high):.2f}"/>'


def _line(ends: tuple[float, float, float, float], name: str) -> str:
    x1, y1, x2, y2 = (f"{number:.1f}" for number in ends)
    return f'<line class="{name}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(number: float) -> str:
    """A count in at most five signs: 950, 1.2k, 34M."""
    for power, sign in ((6, "M"), (3, "k")):
        if number >= 10**power:
            shown = number / 10**power
            return f"{shown:.0f}{sign}" if shown >= 10 else f"{math.floor(shown * 10) / 10:g}{sign}"
    return f"{number:.2g}" if number < 1 else f"{number:.0f}"
