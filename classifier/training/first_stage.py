"""Fitting of the first stage: blocks alone to a linear model, with scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from classifier.model import shape
from classifier.model.batch import Batch
from classifier.model.blocks import (
    MARKUP_BITS,
    TEXT_BITS,
    BlockModel,
    Floats,
    ancestor_share,
    feature_counts,
    link_bins,
    number_bins,
    shape_rows,
    two_columns,
)  # fmt: skip
from classifier.model.elements import Forest, ancestors
from classifier.model.markup import ROLES, tokens
from classifier.model.ngrams import ORDERS, PAIR_KIND, WORD_KIND, Substrings, bucket, encode

IDF_SCALE = 0.35  # inverse document frequencies run to 13; the penalty expects values near 1
# how easily markup and shape take weight, against n-grams at 1: tuned on folds of train
_MARKUP_SCALE, _SHAPE_SCALE = 0.25, 0.6
SCALES = {"ngrams": IDF_SCALE, "markup": _MARKUP_SCALE, "shape": _SHAPE_SCALE}
_INVERSE_PENALTY = 0.2  # C of the logistic regression
ITERATIONS = 200  # at most, where nothing else is said: the loss hardly falls any more
BINS = 10  # bins a number
_CHUNK = 20_000  # texts hashed at once


class NgramCounts(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Texts to counts of hashed n-grams and words over the root of their number: CSR (n, 2**bits)."""

    def __init__(self, bits: int = TEXT_BITS) -> None:
        self.bits = bits

    def fit(self, texts: Sequence[str], y: object = None) -> NgramCounts:
        """Nothing to learn."""
        return self

    def transform(self, texts: Iterable[str]) -> sp.csr_matrix:
        """Count the n-grams of each text; TypeError for one text alone, or where something else is among them."""
        texts = as_items(texts)
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"texts are wanted, not {type(text).__name__}")
        chunks = [self._count(texts[i : i + _CHUNK]) for i in range(0, len(texts), _CHUNK)]
        return sp.vstack(chunks, format="csr") if chunks else sp.csr_matrix((0, 1 << self.bits), dtype=np.float32)

    def _count(self, texts: Sequence[str]) -> sp.csr_matrix:
        frames = encode(texts)
        strings = Substrings(frames)
        owner = np.repeat(np.arange(len(texts), dtype=np.int32), frames.lengths)
        rows, columns = [], []
        for order in ORDERS:
            buckets, beyond = strings.ngrams(order, self.bits)
            good = np.ones(len(buckets), dtype=bool)
            good[beyond] = False
            rows.append(owner[: len(buckets)][good])
            columns.append(buckets[good].astype(np.int32))
        at, words, pair_at, pairs = strings.words()
        rows += [owner[at], owner[pair_at]]
        columns += [
            bucket(words, WORD_KIND, self.bits).astype(np.int32),
            bucket(pairs, PAIR_KIND, self.bits).astype(np.int32),
        ]
        row, column = np.concatenate(rows), np.concatenate(columns)
        values = np.ones(len(row), dtype=np.float32)
        counts = sp.csr_matrix((values, (row, column)), shape=(len(texts), 1 << self.bits))
        scale = 1.0 / np.sqrt(feature_counts(frames, at, pair_at))
        return sp.diags(scale.astype(np.float32)) @ counts


def as_items(items: Iterable[Any]) -> list[Any]:
    """The items of a list, an array, a series or a generator; TypeError for a text, which would go by its letters."""
    if isinstance(items, str | bytes):
        raise TypeError("several texts are wanted, not one: give it in a list")
    return list(items)


def markup_counts(batch: Batch) -> sp.csr_matrix:
    """Blocks to counts of the markup tokens around them: CSR (N, 2**MARKUP_BITS).

    Those of ancestors are multiplied by `ancestor_share`.
    """
    size, kinds = batch.size, len(batch.keys)
    total = sp.csr_matrix((size, 1 << MARKUP_BITS), dtype=np.float32)
    if not kinds:
        return total
    found = tokens(batch.keys)
    ones = np.ones(len(found.owner), dtype=np.float32)
    by_role = [
        sp.csr_matrix((ones, (found.owner, found.buckets(role, MARKUP_BITS))), shape=(kinds, 1 << MARKUP_BITS))
        for role in range(len(ROLES))
    ]
    anywhere = sp.csr_matrix((size, kinds), dtype=np.float32)
    for level, element in enumerate(ancestors(batch.element, batch.parents)):
        rows = np.flatnonzero(element >= 0)
        keys = sp.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, batch.element_key[element[rows]])), shape=(size, kinds)
        )
        anywhere = anywhere + keys
        if level < len(ROLES) - 1:
            total = total + keys @ by_role[level]
    depth = Forest(batch.parents).depth[batch.element]
    return (total + sp.diags(ancestor_share(depth)) @ anywhere @ by_role[-1]).tocsr()


def bin_edges(shapes: Floats) -> Floats:
    """Bounds of the bins of each number, from quantiles, padded with infinity: (numbers, BINS - 1)."""
    edges = np.full((shapes.shape[1], BINS - 1), np.inf, dtype=np.float32)
    for j in range(shapes.shape[1]):
        found = np.unique(np.quantile(shapes[:, j], np.linspace(0, 1, BINS + 1)[1:-1]).astype(np.float32))
        edges[j, : len(found)] = found
    return edges


def shapes_of(batch: Batch) -> Floats:
    """The numbers about the text of each block, as `Features` have them: (N, numbers)."""
    return np.asarray(shape.describe(batch.texts, encode(batch.texts))[batch.which])


@dataclass(frozen=True)
class Features:
    """What the first stage sees of N blocks: n-gram counts of their T texts; shapes, markup counts and bins of each."""

    texts: sp.csr_matrix
    which: NDArray[np.int64]
    shapes: Floats
    markup: sp.csr_matrix
    bins: sp.csr_matrix
    edges: Floats

    @classmethod
    def of(cls, batch: Batch, edges: Floats | None = None) -> Features:
        """Features of a batch; `edges` of the bins are found in it where not given."""
        frames = encode(batch.texts)
        shapes = shape.describe(batch.texts, frames)
        edges = bin_edges(shapes) if edges is None else edges
        columns = np.concatenate([number_bins(shapes, edges)[batch.which], link_bins(batch, edges)], axis=1)
        indptr = np.arange(0, columns.size + 1, columns.shape[1])
        ones = np.ones(columns.size, dtype=np.float32)
        bins = sp.csr_matrix((ones, columns.ravel(), indptr), shape=(batch.size, shape_rows(edges)))
        texts = NgramCounts().transform(batch.texts)
        return cls(texts, batch.which, shapes[batch.which], markup_counts(batch), bins, edges)

    def matrix(self, rows: NDArray[np.int64], idf: TfidfTransformer) -> sp.csr_matrix:
        """The rows as the logistic regression sees them."""
        text = idf.transform(self.texts[self.which[rows]]) * np.float32(IDF_SCALE)
        parts = [text, self.markup[rows] * np.float32(_MARKUP_SCALE), self.bins[rows] * np.float32(_SHAPE_SCALE)]
        return sp.hstack(parts, format="csr")


@dataclass(frozen=True)
class FittedBlocks:
    """The fitted scikit-learn objects of the first stage."""

    idf: TfidfTransformer
    regression: LogisticRegression
    edges: Floats

    def arrays(self) -> BlockModel:
        """The same model as plain arrays."""
        weights = two_columns(self.regression.coef_.T)
        text, markup = 1 << TEXT_BITS, 1 << MARKUP_BITS
        idf = (self.idf.idf_ * IDF_SCALE).astype(np.float32)[:, None]
        return BlockModel(
            ngrams=weights[:text] * idf, markup=weights[text : text + markup] * np.float32(_MARKUP_SCALE),
            shape=weights[text + markup :] * np.float32(_SHAPE_SCALE), edges=self.edges,
            intercept=two_columns(self.regression.intercept_[None, :])[0],
        )  # fmt: skip


def logistic_regression(iterations: int = ITERATIONS) -> LogisticRegression:
    """The classifier of the first stage, not fitted."""
    return LogisticRegression(C=_INVERSE_PENALTY, max_iter=iterations, tol=1e-4)


def fit_blocks(
    features: Features, rows: NDArray[np.int64], labels: NDArray[np.int8], weights: Floats, iterations: int
) -> FittedBlocks:
    """Fit on the given rows; `labels` and `weights` are of those rows. All three labels must occur."""
    idf = TfidfTransformer(norm=None).fit(features.texts[np.unique(features.which[rows])])
    matrix = features.matrix(rows, idf)
    regression = logistic_regression(iterations).fit(matrix, labels, sample_weight=weights)
    return FittedBlocks(idf, regression, features.edges)
