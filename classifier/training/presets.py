"""Thresholds of the presets.

Under `precision` and `recall` a block is article from a fixed probability. Under `balanced` the threshold follows the
page (see `model.decide`): where blocks are told apart clearly it is 0.6, where they are not it falls with the F1 to
expect, as then much is lost by leaving out what is probably article. Half the F1 would be best if scores were exact;
the margin on top was chosen on held-out pages of training.
"""

from __future__ import annotations

THRESHOLDS = {
    "balanced": {"article": 0.6, "consent": 0.5, "margin": 0.1},
    "precision": {"article": 0.7, "consent": 0.5},
    "recall": {"article": 0.3, "consent": 0.5},
}
