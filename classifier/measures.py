"""Precision, recall, F1 and calibration of labels against the truth, as training and evaluation give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.records import LABELS

BINS = 10  # of a reliability diagram
DIGITS = 4  # of a figure, behind the point


@dataclass(frozen=True, slots=True)
class Bin:
    """Blocks whose probability lies in bin `place`, from 0: their number, mean probability and share of right ones."""

    place: int
    blocks: int
    score: float
    share: float


def counts(truth: NDArray[np.int8], given: NDArray[np.int8]) -> NDArray[np.int64]:
    """How many blocks of each true label (rows) got each label (columns): (3, 3). Both are (N,), places in LABELS."""
    size = len(LABELS)
    pairs = truth.astype(np.int64) * size + given
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def by_label(truth: NDArray[np.int8], given: NDArray[np.int8]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each label that occurs, 0 to 1, and the number of its blocks."""
    table = counts(truth, given)
    out: dict[str, dict[str, float]] = {}
    for number, label in enumerate(LABELS):
        right, wanted, found = int(table[number, number]), int(table[number].sum()), int(table[:, number].sum())
        if wanted:
            figures = {"precision": right / max(1, found), "recall": right / wanted, "f1": 2 * right / (wanted + found)}
            out[str(label)] = {**{name: round(value, DIGITS) for name, value in figures.items()}, "blocks": wanted}
    return out


def bins(scores: NDArray[np.float32], right: NDArray[np.bool_]) -> list[Bin]:
    """The bins that hold a block, for probabilities (N,) and whether each comes true (N,)."""
    places = np.minimum((scores * BINS).astype(int), BINS - 1)
    out = []
    for place in np.unique(places).tolist():
        own = places == place
        out.append(Bin(place, int(own.sum()), float(scores[own].mean(dtype=np.float64)), float(right[own].mean())))
    return out


def calibration_error(scores: NDArray[np.float32], truth: NDArray[np.int8]) -> float:
    """Expected calibration error of the likeliest label (Naeini and others 2015): scores (N, 3), true labels (N,).

    The mean gap between probability and truth, over bins; 0 where there are no blocks.
    """
    found = bins(scores.max(axis=1), scores.argmax(axis=1) == truth)
    return round(sum(abs(b.score - b.share) * b.blocks for b in found) / max(1, len(truth)), DIGITS)
