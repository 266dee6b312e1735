"""Thresholds of the presets.

Scores are calibrated, so a threshold says what it means: under `balanced` a block is article where that is more likely
than not. Thresholds searched for on held-out pages (the best mean F of the article text) came out lower, at 0.35, as
held-out scores come from networks that saw half of the pages; they lost on pages that were not trained on at all.
"""

from __future__ import annotations

THRESHOLDS = {
    "balanced": {"article": 0.5, "consent": 0.5},
    "precision": {"article": 0.7, "consent": 0.5},
    "recall": {"article": 0.3, "consent": 0.5},
}
