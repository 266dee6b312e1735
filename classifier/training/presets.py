"""Thresholds of the presets.

Under `precision` and `recall` a block is article from a fixed probability. Under `balanced` the threshold follows the
page (see `model.decide`): where blocks are told apart clearly it is that of the table, where they are not it falls with
the F1 to expect, as then much is lost by leaving out what may be article. Half the F1 would be best if scores were
exact; the margin on top allows for their errors. Both were chosen on held-out pages of training. 0.525 in place of 0.5
gains 0.2 points on articles and costs 0.2 points of the article blocks of composed pages; a margin of 0.1 in place of
0.15 gains 0.3 points on pages of all kinds.
"""

from __future__ import annotations

THRESHOLDS = {
    "balanced": {"article": 0.525, "consent": 0.5, "margin": 0.1},
    "precision": {"article": 0.7, "consent": 0.5},
    "recall": {"article": 0.3, "consent": 0.5},
}
