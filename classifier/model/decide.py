"""From probabilities to labels, by the thresholds of a preset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from classifier.records import LABELS, Label

_ARTICLE, _BOILERPLATE, _CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))


def decide(
    scores: NDArray[np.float32], thresholds: Mapping[str, float], bounds: NDArray[np.int64], sizes: NDArray[np.number]
) -> NDArray[np.int8]:
    """Labels of the N blocks of P pages from probabilities (N, 3): int8 (N,), an index into LABELS.

    Consent where its probability reaches `thresholds["consent"]` and that of article, else article where its
    probability reaches `thresholds["article"]`, else boilerplate. With `thresholds["gap"]`, the threshold of article
    follows the page: it is the F1 to expect of it (see `expected_f1`) less that gap, but at least `thresholds["least"]`
    and at most that of article, so that a page of doubtful blocks is not left empty. `bounds` (P + 1,) are the first
    blocks of the pages, `sizes` (N,) characters.
    """
    article, consent = scores[:, _ARTICLE], scores[:, _CONSENT]
    notice = (consent >= thresholds["consent"]) & (consent >= article)
    least: NDArray[np.floating] | float = thresholds["article"]
    if "gap" in thresholds:
        found = expected_f1(np.where(notice, 0.0, article), bounds, sizes)
        following = np.maximum(np.round(found - thresholds["gap"], 6), thresholds["least"])  # the same in any batch
        least = np.repeat(np.minimum(least, following), np.diff(bounds))
    labels = np.where(article >= least, _ARTICLE, _BOILERPLATE)
    return np.where(notice, _CONSENT, labels).astype(np.int8)


def expected_f1(
    article: NDArray[np.floating], bounds: NDArray[np.int64], sizes: NDArray[np.number]
) -> NDArray[np.float64]:
    """The best F1, in characters, to expect of a choice among each page's blocks, 0 to 1: (P,).

    The choice takes blocks by falling probability (`article`, (N,)), and is best where it stops at half the F1 that it
    reaches (Lipton, Elkan and Narayanaswamy 2014).
    """
    out = np.zeros(len(bounds) - 1)
    full = np.flatnonzero(np.diff(bounds))
    if not len(full):
        return out
    page = np.repeat(np.arange(len(out)), np.diff(bounds))
    order = np.lexsort((-article, page))
    weight = sizes[order].astype(np.float64) + 1.0
    right = weight * article[order]
    first = bounds[:-1][full]
    rank = np.repeat(np.arange(len(full)), np.diff(bounds)[full])
    hits, taken = (_within(values, first, rank) for values in (right, weight))
    wanted = np.add.reduceat(right, first)[rank]
    out[full] = np.maximum.reduceat(2 * hits / (taken + wanted), first)
    return out


def _within(values: NDArray[np.float64], first: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.float64]:
    """Running sums that start again at each of `first`."""
    sums = np.cumsum(values)
    return np.asarray(sums - (sums - values)[first][rank])
