"""Scores on held-out sites: by label, view, language and source, with calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.language.identifier import Identified
from classifier.measures import by_label, calibration_error
from classifier.model.blocks import Floats, probabilities
from classifier.model.decide import decide
from classifier.training.data import Data

_FEWEST = 50  # labelled blocks of a source or language that make a row


def report(
    odds: Floats, found: Data, seed: int, languages: Sequence[Identified], thresholds: dict[str, float]
) -> dict[str, Any]:
    """Nested scores for a manifest: by label, by view, by language, by source, and the expected calibration error.

    `odds` (N, 2) are log-odds of all blocks, `languages` those found in the blocks of each page; the figures are on the
    rows of the second stage, drawn with `seed`.
    """
    scores = probabilities(odds)
    rows, labels, got = _decided(scores, found, seed, thresholds)
    tags = [tag for own, _ in languages for tag in own]
    sources = [found.examples[page].source for page in found.batch.page[rows].tolist()]
    markup = found.batch.element[rows] >= 0
    return {
        "labels": by_label(labels, got),
        "calibration_error": calibration_error(scores[rows], labels),
        "views": {name: by_label(labels[m], got[m]) for name, m in (("html", markup), ("text", ~markup)) if m.any()},
        "languages": _by_name(labels, got, [tags[row] for row in rows.tolist()]),
        "sources": _by_name(labels, got, sources),
    }


def report_labels(odds: Floats, found: Data, seed: int, thresholds: dict[str, float]) -> dict[str, dict[str, float]]:
    """The figures by label alone; arguments as in `report`."""
    _, labels, got = _decided(probabilities(odds), found, seed, thresholds)
    return by_label(labels, got)


def _decided(
    scores: Floats, found: Data, seed: int, thresholds: dict[str, float]
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.int8]]:  # fmt: skip
    """The rows of the second stage (n,), their labels, and those that the probabilities (N, 3) give them."""
    rows = found.second_rows(seed)
    return rows, found.labels[rows], decide(scores, thresholds, found.batch.bounds, found.lengths)[rows]


def _by_name(
    labels: NDArray[np.int8], got: NDArray[np.int8], names: Sequence[str]
) -> dict[str, dict[str, dict[str, float]]]:  # fmt: skip
    """Figures by label for each name that enough blocks have, in order; `names` has one entry a block."""
    known, number, count = np.unique(names, return_inverse=True, return_counts=True)
    return {
        str(known[i]): by_label(labels[number == i], got[number == i]) for i in np.flatnonzero(count >= _FEWEST)
    }  # fmt: skip
