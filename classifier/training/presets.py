"""Thresholds of the presets.

Under `precision` and `recall` a block is article from a fixed probability. Under `balanced` the threshold follows the
page (see `model.decide`): where blocks are told apart clearly it is that of the table, where they are not it falls with
the F1 to expect, as then much is lost by leaving out what may be article. Half the F1 would be best if scores were
exact; on held-out pages of training, where all were chosen, the F1 less a gap does better (docs/experiments.md, "a
threshold that falls faster"). The least keeps a page without an article from being kept whole; it is the threshold of
`recall` too, which so keeps whatever `balanced` keeps.
"""

from __future__ import annotations

THRESHOLDS = {
    "balanced": {"article": 0.525, "consent": 0.5, "gap": 0.25, "least": 0.25},
    "precision": {"article": 0.7, "consent": 0.5},
    "recall": {"article": 0.25, "consent": 0.5},
}
