"""Texts that a page shows again: a version for narrow screens, a folded copy, the same card twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from classifier.model.batch import Batch
from classifier.model.blocks import Floats

_LONG = 80  # characters: shorter texts are repeated for good reasons
_MOST_BLOCKS = 20  # of a short page, which shows nothing twice


def repeats(batch: Batch, lengths: Floats, odds: Floats) -> NDArray[np.bool_]:
    """Which of N blocks repeat, word for word, a long block above them on their page, both likely article: (N,).

    `lengths` (N,) are characters, `odds` (N, 2) log-odds of article and consent against boilerplate.
    """
    found = np.zeros(batch.size, dtype=bool)
    likely = (odds[:, 0] > 0) & (odds[:, 0] > odds[:, 1]) & (lengths >= _LONG)
    likely &= (np.diff(batch.bounds) > _MOST_BLOCKS)[batch.page]
    rows = np.flatnonzero(likely)
    if len(rows):
        keys = batch.page[rows] * np.int64(len(batch.texts)) + batch.which[rows]
        found[rows] = True
        found[rows[np.unique(keys, return_index=True)[1]]] = False
    return found
