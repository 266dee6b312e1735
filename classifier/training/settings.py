"""What decides the quality and the time of a label model, and what a manifest says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from classifier.model.blocks import MARKUP_BITS, TEXT_BITS
from classifier.model.ngrams import ORDERS
from classifier.training import correction, first_stage
from classifier.training.data import are_many
from classifier.training.examples import Example, LabelledText

_COMPOSED_EACH = 20  # composed pages for a real one, at most: more would drown those
# where the pages given are few, people wait for the model: less is made and fitted
_COMPOSED_WITH_FEW, _ITERATIONS_WITH_FEW, _DRAFT_ITERATIONS_WITH_FEW = 2000, 60, 30


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What decides the quality and the time of a label model.

    `composed`: pages put together from loose texts, at most, and `iterations` of the logistic regression, at most (both
    fewer where real pages are few); `epochs` of the second stage; `passes`: how often all is fitted, each time without
    the doubtful labels that the pass before found; `split`: records whose `split` field is another are left out (""
    takes all).

    `base` is a model folder to correct by the data: see `training.correction`. Its second stage and thresholds stay, as
    few pages would spoil them.
    """

    composed: int = 6000
    iterations: int = first_stage.ITERATIONS
    epochs: int = 4
    passes: int = 2
    split: str = ""
    seed: int = 1
    base: Path | None = None

    def facts(self) -> dict[str, Any]:
        """For a manifest: the features of the first stage and these settings; of a correction those it heeds."""
        out = {
            "ngram_orders": list(ORDERS), "ngram_bits": TEXT_BITS, "markup_bits": MARKUP_BITS,
            "scales": dict(first_stage.SCALES if self.base is None else correction.SCALES),
            "seed": self.seed, "split": self.split, "composed": self.composed,
        }  # fmt: skip
        if self.base is None:
            out |= {"iterations": self.iterations, "epochs": self.epochs, "passes": self.passes}
        return out


def for_data(
    settings: TrainingSettings, pages: Sequence[Example], texts: Sequence[LabelledText]
) -> TrainingSettings:  # fmt: skip
    """The settings that count with so many pages and loose texts."""
    composed = min(settings.composed, _COMPOSED_EACH * len(pages)) if texts else 0
    if are_many(pages):
        return replace(settings, composed=composed)
    iterations = min(settings.iterations, _ITERATIONS_WITH_FEW)
    return replace(settings, composed=min(composed, _COMPOSED_WITH_FEW), iterations=iterations)


def for_draft(settings: TrainingSettings, many: bool) -> TrainingSettings:
    """Those of the passes before the last, which only look for doubtful labels."""
    return settings if many else replace(settings, iterations=min(settings.iterations, _DRAFT_ITERATIONS_WITH_FEW))
