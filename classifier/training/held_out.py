"""Scores on held-out sites: by label, language and source, with calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.measures import by_label, calibration_error
from classifier.model.blocks import Floats
from classifier.model.decide import decide
from classifier.training.data import Data

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
