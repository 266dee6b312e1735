"""Fitting of the second stage: a small network over a block's surroundings, and trees."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPRegressor

from classifier.model import shape
from classifier.model.blocks import Floats, probabilities
from classifier.model.context import ContextModel, Networks, cut_repeats, tree_shares
from classifier.model.repeats import repeats
from classifier.model.trees import Trees
from classifier.records import LABELS, Label
from classifier.training.data import FOLDS
from classifier.training.networks import Rows, fit_kept, fit_quickly, kinds_of
from classifier.training.trees import SIZES, fit_trees, scaled

_TEMPERATURES = (0.5, 4.0)
_LEAST_REPEATS = 50  # labelled repeats that say something
_ARTICLE = LABELS.index(Label.ARTICLE)
Boosting = tuple[()] | tuple[HistGradientBoostingClassifier, HistGradientBoostingClassifier]


@dataclass(frozen=True)
class FittedContext:
    """The fitted networks and trees, and the log-odds (N, 2) that blocks got from such as had not seen their site.

    `networks` are the fitted objects of scikit-learn: for pages with markup, for plain text; none where it did not do
    the fitting. `trees` likewise, none with few pages.
    """

    model: ContextModel
    networks: tuple[MLPRegressor, ...]
    trees: Boosting
    held_out: Floats


def fit_context(data: Rows, epochs: int, seed: int, tell: Callable[[str], None]) -> FittedContext:
    """Fit networks and trees on the first stage's scores of unseen sites.

    What is held out gets its scores from networks made as those that are kept are, or quickly where pages are few.
    """

    def fit(chosen: NDArray[np.bool_]) -> list[Networks]:
        return [fit_kept(data, chosen, epochs, seed)[0]] if data.many else fit_quickly(data, chosen, epochs, seed)

    odds, factor = _held_out(data, fit, tell)
    tell("context, all data")
    networks, kept = fit_kept(data, np.ones(len(data.rows), dtype=bool), epochs, seed)
    trees, boosting, held_out = _trees(data, odds, seed, tell)
    repeated = _odds_of_repeats(data, held_out)
    held_out = cut_repeats(data.batch, data.shapes, held_out, repeated)
    networks = Networks(networks.markup.scaled(factor), networks.plain.scaled(factor))
    return FittedContext(ContextModel(networks, repeated, trees, data.names), kept, boosting, held_out)


def held_out_odds(data: Rows, epochs: int, seed: int, tell: Callable[[str], None]) -> Floats:
    """The log-odds (N, 2) of blocks from networks that had not seen their site, without the networks to keep."""
    return _held_out(data, lambda chosen: fit_quickly(data, chosen, epochs, seed), tell)[0]


def _held_out(
    data: Rows, fit: Callable[[NDArray[np.bool_]], list[Networks]], tell: Callable[[str], None]
) -> tuple[Floats, float]:  # fmt: skip
    """Held-out log-odds (N, 2), and the factor by which the networks' were multiplied to be calibrated.

    `fit` gives the networks, whose mean counts, that learned from the chosen ones of the rows.
    """
    odds = np.zeros((data.batch.size, 2), dtype=np.float32)
    fold = data.fold[data.batch.page]
    for part in range(FOLDS):
        tell(f"context, fold {part + 1} of {FOLDS}")
        mine = fold == part
        if mine.any():
            odds[mine] = data.score(fit(fold[data.rows] != part), mine)
    factor = 1.0 / _temperature(odds[data.rows], data.labels, data.weights)
    return odds * np.float32(factor), factor


def _trees(
    data: Rows, odds: Floats, seed: int, tell: Callable[[str], None]
) -> tuple[tuple[Trees, Trees], Boosting, Floats]:
    """Trees over the inputs of the networks, fitted objects, and the log-odds (N, 2) with trees of unseen sites.

    `odds` are the held-out log-odds of the networks. Few pages get no trees: people wait for them.
    """
    if not data.many:
        return (Trees.none(), Trees.none()), (), odds
    fold, has_markup, values = data.fold[data.batch.page], data.has_markup, data.values
    shares = tree_shares(odds)
    doubt = shares > 0
    found = np.zeros_like(odds)
    for part in range(FOLDS):
        tell(f"trees, fold {part + 1} of {FOLDS}")
        fits = _trees_by_kind(data, fold[data.rows] != part, seed)
        for (trees, _), kind in zip((fits[0], fits[-1]), (has_markup, ~has_markup), strict=True):
            mine = np.flatnonzero(doubt & kind & (fold == part))
            found[mine] = trees.score(values[mine])
    asked = doubt[data.rows]
    factor = 1.0 / _temperature(found[data.rows[asked]], data.labels[asked], data.weights[asked])
    tell("trees, all data")
    fits = _trees_by_kind(data, np.ones(len(data.rows), dtype=bool), seed)
    both = scaled(fits[0][0], factor), scaled(fits[-1][0], factor)
    mixed = odds + shares[:, None] * (found * np.float32(factor) - odds)
    return both, (fits[0][1], fits[-1][1]), mixed


def _trees_by_kind(
    data: Rows, chosen: NDArray[np.bool_], seed: int
) -> list[tuple[Trees, HistGradientBoostingClassifier]]:
    """Trees fitted on the chosen rows, by kind of page: both at once, as boosting lets other threads run."""
    kinds = kinds_of(data, chosen)
    return list(
        Parallel(len(kinds), prefer="threads")(
            delayed(fit_trees)(
                data.values[data.rows[kind.chosen]], data.labels[kind.chosen], data.weights[kind.chosen],
                SIZES[kind.plain], seed,
            )
            for kind in kinds
        )
    )  # fmt: skip


def _odds_of_repeats(data: Rows, held_out: Floats) -> float:
    """The log-odds of article among texts that repeat a likely article block above them; infinity where few do."""
    again = repeats(data.batch, shape.sizes(data.shapes), held_out)[data.rows]
    total, right = int(again.sum()), int((data.labels[again] == _ARTICLE).sum())
    return math.log((right + 1) / (total - right + 1)) if total >= _LEAST_REPEATS else math.inf


def _temperature(odds: Floats, labels: NDArray[np.int8], weights: Floats) -> float:
    """The divisor of log-odds that makes held-out probabilities most likely (Guo and others 2017)."""

    def loss(temperature: float) -> float:
        chosen = probabilities(odds / np.float32(temperature))[np.arange(len(labels)), labels]
        return float(-(weights * np.log(np.maximum(chosen, 1e-9))).sum())

    return float(minimize_scalar(loss, bounds=_TEMPERATURES, method="bounded").x)
