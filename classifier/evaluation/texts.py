"""The text of an article against its gold text: how much of it is there, and how much else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from unicodedata import normalize

Overlap = tuple[float, float, float]  # precision, recall, F1

RUN = 4  # words of a run: order counts, so that shuffled text does not pass
# in scripts written without blanks every sign counts as a word: Thai and Lao, Burmese, Khmer, kana, Han, Hangul
_SIGN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_SIGN}]|[^\W{_SIGN}]+")
_DIGITS = 4


def words(text: str) -> list[str]:
    """The words of a text, in order, in lower case and one Unicode form."""
    return _WORD.findall(normalize("NFC", text).lower())


def overlaps(found: str, gold: str) -> dict[str, Overlap]:
    """How the words and the runs of RUN words of two texts overlap, as bags."""
    one, other = words(found), words(gold)
    return {"words": _overlap(one, other), "runs": _overlap(_runs(one), _runs(other))}


def _runs(own: Sequence[str]) -> list[tuple[str, ...]]:
    """All runs of RUN words; a shorter text is one run."""
    return [tuple(own[at : at + RUN]) for at in range(max(1, len(own) - RUN + 1))] if own else []


def _overlap(found: Sequence[Hashable], gold: Sequence[Hashable]) -> Overlap:
    both = (Counter(found) & Counter(gold)).total()
    precision, recall = both / max(1, len(found)), both / max(1, len(gold))
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0


def mean_overlap(pages: Sequence[Mapping[str, Overlap]]) -> dict[str, dict[str, float]]:
    """Means over pages: `words` and `runs`, each with precision, recall, f1 and the number of pages."""
    out: dict[str, dict[str, float]] = {}
    for kind in pages[0]:
        means = (sum(page[kind][k] for page in pages) / len(pages) for k in range(3))
        figures = dict(zip(("precision", "recall", "f1"), (round(x, _DIGITS) for x in means), strict=True))
        out[kind] = {**figures, "pages": len(pages)}
    return out
