"""Figures as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from classifier.cli.terminal import visible


def rows(figures: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Nested figures as rows: the path to each innermost group, and the group."""
    single = {key: value for key, value in figures.items() if not isinstance(value, Mapping)}
    if single:
        yield name or "all", single
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from rows(value, f"{name} {key}".strip())


def table(figures: Mapping[str, Any]) -> str:
    """One line a group: `html article   precision 0.930  recall 0.914`."""
    found = list(rows(figures))
    width = max((len(name) for name, _ in found), default=0)
    lines = (f"{name:<{width}}  {'  '.join(map(_figure, group.items()))}" for name, group in found)
    return "\n".join(map(visible, lines))


def _figure(item: tuple[str, Any]) -> str:
    name, value = item
    if isinstance(value, list):
        return f"{name} {' '.join(f'{x:.3f}' if isinstance(x, float) else str(x) for x in value)}"
    return f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
