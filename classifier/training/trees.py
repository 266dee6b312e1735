"""Fitting of the trees of the second stage: gradient boosting, with scikit-learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from classifier.model.blocks import Floats
from classifier.model.trees import Trees
from classifier.records import LABELS, Label

# rounds of boosting (of three trees, one for each label), leaves of a tree, learning rate: for pages with markup, for
# plain text, where larger trees still gain
SIZES = (60, 16, 0.15), (100, 31, 0.1)
_SHARE = 0.3  # of the inputs that each split may ask for
_PENALTY, _LEAST = 5.0, 40  # on the square of leaves; rows in a leaf
# by how much thresholds are raised, of their size: many are a value that many rows have, such as log(2), and its last
# digit depends on the processor
_ABOVE = 1e-5
# what a tree of each label adds to the log-odds of article and consent against boilerplate
_ADDS = {Label.ARTICLE: (1.0, 0.0), Label.BOILERPLATE: (-1.0, -1.0), Label.CONSENT: (0.0, 1.0)}


def fit_trees(
    values: Floats, labels: NDArray[np.int8], weights: Floats, size: tuple[int, int, float], seed: int
) -> tuple[Trees, HistGradientBoostingClassifier]:  # fmt: skip
    """Trees for inputs (n, inputs) with labels (n,), all three of which must occur, and the fitted object.

    `size` is one of SIZES, or like them. One thread: with several, sums are made in an order that depends on the
    machine.
    """
    rounds, leaves, rate = size
    boosting = HistGradientBoostingClassifier(
        learning_rate=rate, max_iter=rounds, max_leaf_nodes=leaves, l2_regularization=_PENALTY,
        max_features=_SHARE, min_samples_leaf=_LEAST, early_stopping=False, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1, user_api="openmp"):
        boosting.fit(values, labels, sample_weight=weights)
    return trees_of(boosting), boosting


def trees_of(boosting: HistGradientBoostingClassifier) -> Trees:
    """A fitted classifier of the three labels as plain arrays that give the same log-odds."""
    adds = np.array([_ADDS[label] for label in LABELS])
    start = boosting._baseline_prediction.ravel() @ adds  # scikit-learn has no public way to the trees
    parts = [_table([-1], [0.0], [(0, 0)], [start])]
    for of_round in boosting._predictors:
        parts += [_tree(tree.nodes, add) for tree, add in zip(of_round, adds, strict=True)]
    return _joined(parts)


def scaled(trees: Trees, factor: float) -> Trees:
    """Trees that give `factor` times the log-odds."""
    return replace(trees, value=trees.value * np.float32(factor))


def _tree(nodes: NDArray[np.void], add: NDArray[np.float64]) -> Trees:
    leaf = nodes["is_leaf"].astype(bool)
    below = np.stack([nodes["left"], nodes["right"]], axis=1).astype(np.int64)
    value, count = np.where(leaf, nodes["value"], 0.0), nodes["count"].astype(np.float64)
    for node in np.flatnonzero(~leaf)[::-1]:  # from the leaves up: a node stands before those below it
        value[node] = np.average(value[below[node]], weights=count[below[node]])
    asked = np.where(leaf, -1, nodes["feature_idx"].astype(np.int64))
    threshold = nodes["num_threshold"]
    return _table(asked, threshold + _ABOVE * np.maximum(np.abs(threshold), 1.0), below, value[:, None] * add)


def _table(asked: ArrayLike, threshold: ArrayLike, below: ArrayLike, value: ArrayLike) -> Trees:
    """One tree, whose first node is the first."""
    return Trees(
        np.zeros(1, dtype=np.int32), np.ascontiguousarray(asked, np.int32), np.ascontiguousarray(threshold, np.float32),
        np.ascontiguousarray(below, np.int32), np.ascontiguousarray(value, np.float32),
    )  # fmt: skip


def _joined(parts: list[Trees]) -> Trees:
    """One table of several."""
    first = np.cumsum([0, *(len(part.asked) for part in parts[:-1])])
    return Trees(
        np.concatenate([part.roots + at for part, at in zip(parts, first, strict=True)]).astype(np.int32),
        np.concatenate([part.asked for part in parts]), np.concatenate([part.threshold for part in parts]),
        np.concatenate([part.below + at for part, at in zip(parts, first, strict=True)]).astype(np.int32),
        np.concatenate([part.value for part in parts]),
    )  # fmt: skip
