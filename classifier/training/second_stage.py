"""Fitting of the second stage: a small network over a block's surroundings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.neural_network import MLPRegressor

from classifier.model import shape
from classifier.model.blocks import Floats, probabilities
from classifier.model.context import ContextModel, Networks, cut_repeats
from classifier.model.repeats import repeats
from classifier.records import LABELS, Label
from classifier.training.data import FOLDS
from classifier.training.networks import fit_kept, fit_quickly
from classifier.training.rows import Rows

_TEMPERATURES = (0.5, 4.0)
_LEAST_REPEATS = 50  # labelled repeats that say something
_ARTICLE = LABELS.index(Label.ARTICLE)


@dataclass(frozen=True)
class FittedContext:
    """The fitted networks, and the log-odds (N, 2) that blocks got from such as had not seen their site.

    `networks` are the fitted objects of scikit-learn: for pages with markup, for plain text; none where it did not do
    the fitting.
    """

    model: ContextModel
    networks: tuple[MLPRegressor, ...]
    held_out: Floats

    def with_bare(self, other: FittedContext) -> FittedContext:
        """With a network for bare markup, which the other one, fitted on pages in such markup alone, has for markup."""
        networks = replace(self.model.networks, bare=other.model.networks.markup)
        return replace(self, model=replace(self.model, networks=networks))


def fit_context(
    data: Rows, epochs: int, seed: int, tell: Callable[[str], None], repeated: float | None = None
) -> FittedContext:  # fmt: skip
    """Fit networks on the first stage's scores of unseen sites.

    `repeated` is what a text that repeats one above it keeps (see `ContextModel`), found in the data if not given. What
    is held out gets its scores from networks made as those that are kept are, or quickly where pages are few.
    """

    def fit(chosen: NDArray[np.bool_]) -> list[Networks]:
        return [fit_kept(data, chosen, epochs, seed)[0]] if data.many else fit_quickly(data, chosen, epochs, seed)

    held_out, factor = _held_out(data, fit, tell)
    tell("context, all data")
    networks, kept = fit_kept(data, np.ones(len(data.rows), dtype=bool), epochs, seed)
    repeated = _odds_of_repeats(data, held_out) if repeated is None else repeated
    held_out = cut_repeats(data.batch, data.shapes, held_out, repeated)
    networks = Networks(networks.markup.scaled(factor), networks.plain.scaled(factor))
    return FittedContext(ContextModel(networks, repeated, data.names), kept, held_out)


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
