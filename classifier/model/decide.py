"""From probabilities to labels, by the thresholds of a preset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from classifier.records import LABELS, Label

_ARTICLE, _BOILERPLATE, _CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))


def decide(scores: NDArray[np.float32], thresholds: Mapping[str, float]) -> NDArray[np.int8]:
    """Labels of N blocks from probabilities (N, 3): int8 (N,), an index into LABELS.

    Consent where its probability reaches `thresholds["consent"]` and that of article, else article where its
    probability reaches `thresholds["article"]`, else boilerplate.
    """
    article, consent = scores[:, _ARTICLE], scores[:, _CONSENT]
    labels = np.where(article >= thresholds["article"], _ARTICLE, _BOILERPLATE)
    return np.where((consent >= thresholds["consent"]) & (consent >= article), _CONSENT, labels).astype(np.int8)
