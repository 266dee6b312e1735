"""Correcting the first stage of a model by some examples: a few steps of gradient descent from its weights.

The data that made the model is not needed. Descent begins at its weights and goes through the examples a few times
only, so that what the examples do not speak of stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import SGDClassifier

from classifier.model.blocks import MARKUP_BITS, TEXT_BITS, BlockModel, Floats
from classifier.records import LABELS, Label
from classifier.training.first_stage import Features

TEXT_SCALE, MARKUP_SCALE, SHAPE_SCALE = 0.5, 0.3, 0.5  # how fast n-grams, markup and shape learn
SCALES = {"ngrams": TEXT_SCALE, "markup": MARKUP_SCALE, "shape": SHAPE_SCALE}
_RATE = 0.1  # step of the log-odds for a block that the model has wholly wrong, times the square of its features
# Times that the examples are gone through, and steps in all, at most: further steps teach nothing more, and the model
# forgets what the examples do not speak of (docs/experiments.md, "few pages")
_EPOCHS, _STEPS = 8, 8000
_COLUMNS = (LABELS.index(Label.ARTICLE), LABELS.index(Label.CONSENT))
_BOILERPLATE = LABELS.index(Label.BOILERPLATE)


@dataclass(frozen=True)
class CorrectedBlocks:
    """The corrected first stage, and for article and consent the fitted object, None where no example spoke of it."""

    model: BlockModel
    fitted: tuple[SGDClassifier | None, ...]

    def arrays(self) -> BlockModel:
        """The model as plain arrays."""
        return self.model


def correct_blocks(
    base: BlockModel, features: Features, rows: NDArray[np.int64], labels: NDArray[np.int8], weights: Floats, seed: int
) -> CorrectedBlocks:
    """Go on from `base` with the given rows; `labels` and `weights` are of those rows.

    A label's log-odds against boilerplate are those of a logistic regression between the two, so each column of the
    weights is corrected by the blocks of its label and the boilerplate.
    """
    matrix = sp.hstack([
        features.texts[features.which[rows]] * np.float32(TEXT_SCALE), features.markup[rows] * np.float32(MARKUP_SCALE),
        features.bins[rows] * np.float32(SHAPE_SCALE),
    ], format="csr")  # fmt: skip
    scale = np.repeat([TEXT_SCALE, MARKUP_SCALE, SHAPE_SCALE], [1 << TEXT_BITS, 1 << MARKUP_BITS, len(base.shape)])
    columns = np.concatenate([base.ngrams, base.markup, base.shape]) / scale[:, None]
    intercept = base.intercept.astype(np.float64)
    fitted: list[SGDClassifier | None] = []
    for column, label in enumerate(_COLUMNS):
        chosen = np.isin(labels, (label, _BOILERPLATE))
        wanted = labels[chosen] == label
        if wanted.all() or not wanted.any():
            fitted.append(None)
            continue
        descent = SGDClassifier(
            loss="log_loss", penalty=None, learning_rate="constant", eta0=_RATE, max_iter=_times(len(rows)), tol=None,
            random_state=seed,
        )  # fmt: skip
        descent.fit(
            matrix[chosen], wanted, coef_init=columns[:, column][None, :],
            intercept_init=intercept[column : column + 1], sample_weight=weights[chosen],
        )  # fmt: skip
        columns[:, column], intercept[column] = descent.coef_[0], descent.intercept_[0]
        fitted.append(descent)
    tables = (columns * scale[:, None]).astype(np.float32)
    text, markup = 1 << TEXT_BITS, 1 << MARKUP_BITS
    model = BlockModel(
        np.ascontiguousarray(tables[:text]), np.ascontiguousarray(tables[text : text + markup]),
        np.ascontiguousarray(tables[text + markup :]), base.edges, intercept.astype(np.float32),
    )  # fmt: skip
    return CorrectedBlocks(model, tuple(fitted))


def _times(examples: int) -> int:
    """How often so many examples are gone through: once at least."""
    return max(1, min(_EPOCHS, _STEPS // max(1, examples)))
