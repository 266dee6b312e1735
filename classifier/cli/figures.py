"""Figures as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flat(figures: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested figures one by one, with the path to each: `html.article.f1`, `0.930`."""
    if isinstance(figures, Mapping):
        for key, value in figures.items():
            yield from flat(value, f"{name}.{key}" if name else str(key))
    elif isinstance(figures, float):
        yield name, f"{figures:.3f}"
    elif figures is not None:
        yield name, str(figures)


def table(figures: Any, name: str = "") -> str:
    """Nested figures as lines of two columns."""
    rows = list(flat(figures, name))
    width = max((len(key) for key, _ in rows), default=0)
    return "\n".join(f"{key:<{width}}  {value}" for key, value in rows)
