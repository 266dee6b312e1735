"""The first stage as a scikit-learn estimator, for people who put their own estimator behind our features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.utils.validation import check_is_fitted

from classifier.blocks.columns import BlockColumns
from classifier.errors import TrainingError
from classifier.model.batch import Batch, gather
from classifier.records import LABELS, Label
from classifier.training.examples import join_blocks
from classifier.training.first_stage import Features, logistic_regression

Texts = Sequence[str] | Sequence[BlockColumns]


class BlockClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Blocks to probabilities of the labels, each block alone.

    `X` is a list of texts, or a list of pages (`BlockColumns`, as `classifier.blocks` splits them), whose blocks count
    one after the other; with pages, their markup is used too. `estimator` is any classifier with `fit` and
    `predict_proba` over sparse matrices; None takes the logistic regression of `classifier train`.
    After `fit`: `estimator_`, `idf_`, `edges_`, and `classes_`, the labels in the order of the columns.

    >>> from classifier import BlockClassifier
    >>> texts = ["The ferry left at nine and the fog came after it.", "Home | News | Sport", "We use cookies. Accept"]
    >>> model = BlockClassifier().fit(texts, ["article", "boilerplate", "consent"])
    >>> str(model.predict(["Accept all cookies"])[0])
    'consent'
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Texts, y: Sequence[str], sample_weight: Sequence[float] | None = None) -> BlockClassifier:
        """Fit on N blocks with their labels, strings or `Label`; TrainingError where the two do not fit together."""
        batch = _batch(X)
        labels = _labels(y, batch.size)
        features = Features.of(batch)
        self.edges_ = features.edges
        self.idf_ = TfidfTransformer(norm=None).fit(features.texts)
        self.estimator_ = logistic_regression() if self.estimator is None else clone(self.estimator)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}  # not every estimator knows it
        self.estimator_.fit(self._matrix(features), labels, **weights)
        self.classes_ = np.array([str(label) for label in LABELS])
        return self

    def predict_proba(self, X: Texts) -> NDArray[np.float64]:
        """Probabilities (N, 3) in the order of LABELS; 0 for a label that no block of the training had."""
        check_is_fitted(self, "estimator_")
        batch = _batch(X)
        out = np.zeros((batch.size, len(LABELS)))
        if batch.size:
            found = self.estimator_.predict_proba(self._matrix(Features.of(batch, self.edges_)))
            out[:, self.estimator_.classes_] = found
        return out

    def predict(self, X: Texts) -> NDArray[np.str_]:
        """The likeliest label of each block: (N,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _matrix(self, features: Features) -> csr_matrix:
        return features.matrix(np.arange(len(features.which)), self.idf_)


def _batch(X: Texts) -> Batch:
    return gather([join_blocks([item]) if isinstance(item, str) else item for item in X])


def _labels(y: Sequence[str], size: int) -> NDArray[np.int8]:
    """Labels as indices into LABELS."""
    if len(y) != size:
        raise TrainingError(f"{len(y)} labels for {size} blocks; give one label a block, page after page")
    try:
        return np.array([LABELS.index(Label(str(label))) for label in y], dtype=np.int8)
    except ValueError as error:
        raise TrainingError(f"{error}; labels are {', '.join(LABELS)}") from error
