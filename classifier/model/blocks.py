"""First stage: every block alone, by a linear model over its n-grams, words, markup tokens and shape.

Scores are log-odds against boilerplate in two columns: article, consent. They are sums of three parts, kept apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.model import shape
from classifier.model.batch import Batch
from classifier.model.elements import Forest
from classifier.model.markup import ROLES, key_weights_in_numpy
from classifier.model.ngrams import ORDERS, PAIR_KIND, WORD_KIND, Frames, Ints, Substrings, bucket, encode
from classifier.settings import PURE_PYTHON

PARTS = ("text", "markup", "shape")
TEXT_BITS, MARKUP_BITS = 18, 16  # buckets: 2**bits
LINK_EDGES = (0.01, 0.3, 0.6, 0.95)  # bounds of the bins of the share of a block inside links
ANCESTORS = 2.5  # what all elements around a block weigh, where the innermost weigh 1 each: tuned on folds of train
_CHUNK = 320  # texts scored at once in numpy: what their characters need in between stays in the processor's cache
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BlockModel:
    """The arrays of the first stage.

    `ngrams` float32 (2**TEXT_BITS, 2) and `markup` (2**MARKUP_BITS, 2): weights of buckets; `shape` (bins, 2): weights
    of the bins of each number and of the link share; `edges` (numbers, most): bounds of the bins, padded with infinity;
    `intercept` (2,).
    """

    ngrams: Floats
    markup: Floats
    shape: Floats
    edges: Floats
    intercept: Floats

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> BlockModel:
        """The model from its stored arrays; KeyError names a missing one."""
        return cls(*(np.ascontiguousarray(arrays[name], dtype=np.float32) for name in cls.__slots__))

    def arrays(self) -> dict[str, Floats]:
        """The arrays to store, by name."""
        return {name: getattr(self, name) for name in type(self).__slots__}

    def score(self, batch: Batch) -> tuple[Floats, Floats]:
        """Log-odds of N blocks by part, float32 (N, len(PARTS), 2), and the shapes of their texts, (N, numbers)."""
        parts = np.zeros((batch.size, len(PARTS), 2), dtype=np.float32)
        if not batch.size:
            return parts, np.zeros((0, len(shape.NAMES)), dtype=np.float32)
        text, seen = text_sums(batch.texts, self.ngrams)
        shapes = shape.numbers(batch.texts, seen)
        parts[:, 0] = text[batch.which]
        parts[:, 1] = self._markup(batch)
        numbers = bin_sums(shapes, self.edges, self.shape)[batch.which]
        parts[:, 2] = numbers + self.shape.take(link_bins(batch, self.edges)[:, 0], axis=0) + self.intercept
        return parts, shapes[batch.which]

    def _markup(self, batch: Batch) -> Floats:
        """Sum of the weights of the tokens of each block's elements: (N, 2)."""
        if not len(batch.parents):
            return np.zeros((batch.size, 2), dtype=np.float32)
        weights = key_weights(batch.keys, self.markup)
        forest = Forest(batch.parents)
        by_element = np.zeros((len(ROLES), forest.size + 1), dtype=np.complex64)
        by_element[:, :-1] = weights.take(batch.element_key, axis=1)
        element = batch.element  # -1 finds the last place, 0
        total = (forest.upward(by_element[-1]) * ancestor_share(forest.depth))[element]
        for role in range(len(ROLES) - 1):
            total += by_element[role][element]
            element = forest.up[element]
        return _columns(total)


def ancestor_share(depth: NDArray[np.int64]) -> Floats:
    """By what the sum over a block's ancestors is multiplied, given their number (n,): deep ones weigh no more."""
    return np.float32(ANCESTORS) / np.maximum(depth, 1).astype(np.float32)


def text_sums_in_numpy(texts: Sequence[str], weights: Floats) -> tuple[Floats, shape.Seen]:
    """Sum of the weights of each text's n-grams and words over the root of their number, (T, 2), and what was seen.

    `weights` (2**bits, 2) are those of the buckets.
    """
    sums = np.zeros((len(texts), 2), dtype=np.float32)
    seen = [shape.look(encode([]))]
    for first in range(0, len(texts), _CHUNK):  # chunk by chunk
        frames = encode(texts[first : first + _CHUNK])
        sums[first : first + _CHUNK] = _frame_sums(frames, weights)
        seen.append(shape.look(frames))
    counts = {kind: np.concatenate([part.counts[kind] for part in seen]) for kind in seen[0].counts}
    return sums, shape.Seen(counts, *map(np.concatenate, zip(*(part[1:] for part in seen), strict=True)))


def _frame_sums(frames: Frames, weights: Floats) -> Floats:
    pairs = weights.view(np.complex64)[:, 0]  # both columns in one gather
    bits = (len(weights) - 1).bit_length()
    total = np.zeros(len(frames.codes), dtype=np.complex64)
    strings = Substrings(frames)
    for order in ORDERS:
        buckets, beyond = strings.ngrams(order, bits)
        values = pairs.take(buckets)
        values[beyond] = 0
        total[: len(values)] += values
    at, words, pair_at, word_pairs = strings.words()
    total[at] += pairs.take(bucket(words, WORD_KIND, bits))
    total[pair_at] += pairs.take(bucket(word_pairs, PAIR_KIND, bits))
    sums = _columns(np.add.reduceat(total, frames.starts))
    return np.asarray(sums / np.sqrt(feature_counts(frames, at, pair_at))[:, None], dtype=np.float32)


def _columns(pairs: NDArray[np.complex64]) -> Floats:
    """Complex numbers, by which both columns are gathered and added at once, as two columns: (n, 2)."""
    return np.asarray(pairs.view(np.float32).reshape(-1, 2))


def feature_counts(frames: Frames, at: Ints, pair_at: Ints) -> Floats:
    """How many n-grams, words and pairs of words each text has: float32 (n,)."""
    counts = len(ORDERS) * (frames.lengths + 1) - sum(ORDERS)  # a frame is longer than any n-gram
    beginning = np.zeros(len(frames.codes), dtype=np.int64)
    beginning[at] = 1
    beginning[pair_at] += 1
    return np.asarray(counts + np.add.reduceat(beginning, frames.starts), dtype=np.float32)


def number_bins(shapes: Floats, edges: Floats) -> Ints:
    """Rows of `BlockModel.shape` for each number of each text: (n, numbers)."""
    width = edges.shape[1] + 1
    columns = [j * width + np.searchsorted(edges[j], shapes[:, j], side="right") for j in range(len(edges))]
    return np.stack(columns).T


def link_bins(batch: Batch, edges: Floats) -> Ints:
    """Rows of `BlockModel.shape` for the link share of each block, one more for "no markup": (N, 1)."""
    base = len(edges) * (edges.shape[1] + 1)
    by_share = base + 1 + np.searchsorted(LINK_EDGES, batch.links, side="right")
    return np.asarray(np.where(batch.element >= 0, by_share, base)[:, None])


def shape_rows(edges: Floats) -> int:
    """The number of rows of `BlockModel.shape`."""
    return int(len(edges) * (edges.shape[1] + 1) + len(LINK_EDGES) + 2)


def probabilities(log_odds: Floats) -> Floats:
    """Probabilities in the order of LABELS from log-odds (n, 2) of article and consent against boilerplate: (n, 3)."""
    article, consent = np.ascontiguousarray(log_odds.T, dtype=np.float32)
    most = np.maximum(np.maximum(article, consent), 0)
    full = np.exp(np.stack([article - most, -most, consent - most]))
    return np.asarray((full / (full[0] + full[1] + full[2])).T, dtype=np.float32)


def two_columns(weights: Sequence[Sequence[float]] | NDArray[np.floating]) -> Floats:
    """Weights (n, 3) in the order of LABELS as log-odds against boilerplate (n, 2)."""
    three = np.asarray(weights)
    return np.ascontiguousarray(
        np.stack([three[:, 0] - three[:, 1], three[:, 2] - three[:, 1]], axis=1), dtype=np.float32
    )


def bin_sums_in_numpy(shapes: Floats, edges: Floats, weights: Floats) -> Floats:
    """Sum of the weights of the bins that the numbers of each text fall into: (T, 2)."""
    pairs = weights.view(np.complex64)[:, 0]
    total = np.zeros(len(shapes), dtype=np.complex64)
    for column in number_bins(shapes, edges).T:
        total += pairs.take(column)
    return _columns(total)


bin_sums, key_weights, text_sums = bin_sums_in_numpy, key_weights_in_numpy, text_sums_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_text import bin_sums, key_weights, text_sums
