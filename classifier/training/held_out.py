"""Scores on held-out sites: by label, language and source, with calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.model.blocks import Floats
from classifier.model.decide import decide
from classifier.records import LABELS
from classifier.training.data import Data

BINS = 10
_FEWEST = 50  # labelled blocks of a source or language that make a row


def report(scores: Floats, found: Data, rows: NDArray[np.int64], thresholds: dict[str, float]) -> dict[str, Any]:
    """Nested scores for a manifest: by label, by view, by source, and the expected calibration error."""
    labels, got = found.labels[rows], decide(scores, thresholds, found.batch.bounds, found.lengths)[rows]
    pages = found.batch.page[rows]
    sources = np.array([e.source for e in found.examples])[pages]
    markup = found.batch.element[rows] >= 0
    out: dict[str, Any] = {
        "labels": by_label(labels, got),
        "calibration_error": calibration_error(scores[rows], labels),
    }
    out["views"] = {name: by_label(labels[m], got[m]) for name, m in (("html", markup), ("text", ~markup)) if m.any()}
    out["sources"] = {
        str(name): by_label(labels[sources == name], got[sources == name])
        for name in np.unique(sources) if (sources == name).sum() >= _FEWEST
    }  # fmt: skip
    return out


def by_label(labels: NDArray[np.int8], got: NDArray[np.int8]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each label that occurs, 0 to 1, and the number of its blocks."""
    out = {}
    for number, label in enumerate(LABELS):
        right = float(((labels == number) & (got == number)).sum())
        wanted, found = int((labels == number).sum()), int((got == number).sum())
        if wanted:
            f1 = 2 * right / (wanted + found)
            precision = right / found if found else 0.0
            figures = {"precision": precision, "recall": right / wanted, "f1": f1}
            out[str(label)] = {**{name: round(value, 4) for name, value in figures.items()}, "blocks": wanted}
    return out


def calibration_error(scores: Floats, labels: NDArray[np.int8]) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over ten bins (Naeini and others 2015)."""
    sure, right = scores.max(axis=1), scores.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [
        abs(sure[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(BINS)
        if (bins == b).any()
    ]
    return round(float(sum(gaps)), 4)
