"""Thresholds of the presets.

Under `precision` and `recall` a block is article from a fixed probability. Under `balanced` the threshold follows the
page (see `model.decide`): where blocks are told apart clearly a block is article from 0.5, where they are not the
threshold falls with the F1 to expect, as then much is lost by leaving out what may be article. Half the F1 would be
best if scores were exact; the margin on top was chosen on held-out pages of training. Up to 0.6 on clear pages gained
0.2 points there on news, and lost 0.5 points of the article blocks of composed pages.
"""

from __future__ import annotations

THRESHOLDS = {
    "balanced": {"article": 0.5, "consent": 0.5, "margin": 0.15},
    "precision": {"article": 0.7, "consent": 0.5},
    "recall": {"article": 0.3, "consent": 0.5},
}
