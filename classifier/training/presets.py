"""Thresholds of the presets, found on held-out scores of the training pages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.model.batch import Batch
from classifier.model.blocks import Floats
from classifier.model.decide import decide
from classifier.records import LABELS, Label

BETAS = {"balanced": 1.0, "precision": 0.5, "recall": 2.0}  # how much recall counts against precision (van Rijsbergen)
_CONSENT = 0.5  # least probability of consent, in every preset
_ARTICLE = LABELS.index(Label.ARTICLE)
_GRID = np.round(np.arange(0.1, 0.91, 0.05), 2)


def find(
    scores: Floats, labels: NDArray[np.int8], lengths: NDArray[np.int64], batch: Batch, known: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """Article and consent thresholds by preset: those with the best mean F of the article text over pages.

    `scores` (N, 3) held out, `labels` (N,), `lengths` (N,) characters; `known` are the rows that count.
    """
    pages = batch.page[known]
    size = lengths[known].astype(np.float64)
    article = labels[known] == _ARTICLE
    gold = np.bincount(pages, weights=size * article, minlength=batch.page.max() + 1)
    with_article = gold > 0
    best: dict[str, dict[str, float]] = {}
    for name, beta in BETAS.items():
        values = []
        for threshold in _GRID:
            kept = decide(scores[known], {"article": float(threshold), "consent": _CONSENT}) == _ARTICLE
            hit = np.bincount(pages, weights=size * (kept & article), minlength=len(gold))
            got = np.bincount(pages, weights=size * kept, minlength=len(gold))
            f = (1 + beta**2) * hit / np.maximum(got + beta**2 * gold, 1e-9)
            values.append(f[with_article].mean() if with_article.any() else 0.0)
        best[name] = {"article": float(_GRID[int(np.argmax(values))]), "consent": _CONSENT}
    return best
