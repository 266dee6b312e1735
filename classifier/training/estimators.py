"""The first stage as a scikit-learn estimator, for people who put their own estimator behind our features."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from classifier.records import LABELS
from classifier.training.examples import join_blocks
from classifier.training.first_stage import Features, as_items, logistic_regression

Texts = Iterable[str] | Iterable[BlockColumns]


class BlockClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Blocks to probabilities of the labels, each block alone.

    `X` is a list of texts, or a list of pages (`BlockColumns`, as `classifier.blocks` splits them), whose blocks count
    one after the other; with pages, their markup is used too. `estimator` is any classifier with `fit` and
    `predict_proba` over sparse matrices; None takes the logistic regression of `classifier train`.
    Fitted: `idf_`, `edges_`; `classes_`, the K labels that `y` held, as it had them, in the order of LABELS and of the
    columns; and `estimator_`, which knows labels as places in `classes_`.

    >>> from classifier import BlockClassifier
    >>> texts = ["The ferry left at nine and the fog came after it.", "Home | News | Sport", "We use cookies. Accept"]
    >>> model = BlockClassifier().fit(texts, ["article", "boilerplate", "consent"])
    >>> str(model.predict(["Accept all cookies"])[0])
    'consent'
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Texts, y: Iterable[str | int], sample_weight: Sequence[float] | None = None) -> BlockClassifier:
        """Fit on N blocks with their labels: strings, `Label` or places in LABELS, as scikit-learn codes them at times.

        TrainingError where blocks and labels do not fit together, TypeError where `X` is of another kind.
        """
        batch = _batch(X)
        self.classes_, labels = np.unique(_labels(y, batch.size), return_inverse=True)
        features = Features.of(batch)
        self.edges_ = features.edges
        self.idf_ = TfidfTransformer(norm=None).fit(features.texts)
        self.estimator_ = logistic_regression() if self.estimator is None else clone(self.estimator)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}  # not every estimator knows it
        self.estimator_.fit(self._matrix(features), labels, **weights)
        return self

    def predict_proba(self, X: Texts) -> NDArray[Any]:
        """Probabilities (N, K) in the order of `classes_`; of no block none."""
        check_is_fitted(self, "estimator_")
        batch = _batch(X)
        if not batch.size:
            return np.zeros((0, len(self.classes_)))
        found = self.estimator_.predict_proba(self._matrix(Features.of(batch, self.edges_)))
        return np.asarray(found)

    def predict(self, X: Texts) -> NDArray[Any]:
        """The likeliest label of each block: (N,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[best])

    def _matrix(self, features: Features) -> csr_matrix:
        return features.matrix(np.arange(len(features.which)), self.idf_)


def _batch(X: Texts) -> Batch:
    pages = [join_blocks([item]) if isinstance(item, str) else item for item in as_items(X)]
    for page in pages:
        if not hasattr(page, "texts"):
            raise TypeError(f"texts or pages split into blocks are wanted, not {type(page).__name__}")
    return gather(pages)


def _labels(y: Iterable[str | int], size: int) -> NDArray[Any]:
    """Labels as `y` names them, by name or by place: both sort as LABELS do."""
    given = list(y)
    if len(given) != size:
        raise TrainingError(f"{len(given)} labels for {size} blocks; give one label a block, page after page")
    if not given:
        raise TrainingError("no block to learn from; give some of each label")
    by_place = all(isinstance(label, int | np.integer) for label in given)
    known: list[Any] = list(range(len(LABELS))) if by_place else [str(label) for label in LABELS]
    wrong = [label for label in given if label not in known]
    if wrong:
        raise TrainingError(f"{wrong[0]!r} is no label; labels are {', '.join(LABELS)}, or their places from 0")
    return np.array(given if by_place else [str(label) for label in given])
