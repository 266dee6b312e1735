"""What decides the size, the quality and the time of a language model."""

from __future__ import annotations

from dataclasses import dataclass

# languages met most on the web: more crops, so that a short line is not taken for a rare relative
COMMON = frozenset(
    "en de fr es it pt nl sv da no fi et lv lt pl cs sk sl hr sr sr-Latn bs hu ro bg el ru uk be tr ar fa he hi bn ta "
    "te th vi id ms ja ko zh zh-Hant ka hy sq mk ca".split()
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides the size, the quality and the time of a language model."""

    dimension: int = 40
    epochs: int = 8
    rate: float = 0.6
    buckets: int = 2_000_000
    longest: int = 5  # characters of the longest n-gram
    kept: int = 500_000  # n-grams left after quantising
    sub_dimension: int = 2  # numbers that one byte stands for
    share: float = 1.0  # share of the rows used
    fewest: int = 60  # rows of a language, below which it is left out
    threads: int = 2


DEFAULTS = Settings()
