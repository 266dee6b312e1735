"""Fitting of the second stage: a small network over a block's surroundings, and trees, with scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import minimize_scalar
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from classifier.model import shape
from classifier.model.batch import Batch
from classifier.model.blocks import Floats, probabilities, two_columns
from classifier.model.context import CLIP, ContextModel, Network, Networks, cut_repeats, inputs, tree_shares
from classifier.model.languages import LanguageInputs
from classifier.model.repeats import repeats
from classifier.model.trees import Trees
from classifier.records import LABELS, Label
from classifier.training.data import FOLDS
from classifier.training.trees import SIZES, fit_trees, scaled

HIDDEN = (64, 32)  # units of the hidden layers of a teacher
KEPT_HIDDEN = (96, 48)  # and of the network that learns from the teachers
MEMBERS = 8, 3  # teachers whose mean the kept network learns: with many pages, with few
FOLD_MEMBERS = 4, 1  # networks whose mean gives held-out scores, likewise
_BATCH = 1024  # rows a step
_RATE = 2e-3
_PENALTY = 1.0  # scikit-learn divides it by the weight of a step, some 1,000: 0.001 on the mean loss
_KEPT_PENALTY, _KEPT_EPOCHS = 1e-4, 8
_MOST_ODDS = 8.0  # log-odds at which teachers are cut: beyond, they differ in nothing that matters
_MOST_UNLABELLED = 150_000  # further rows, of any label, on which the kept network learns what the teachers say
_UNLABELLED_WEIGHT = 0.5  # of such a row; one with a label weighs 1 on average
_LEAST_STEPS, _MOST_EPOCHS = 1500, 60  # small data is gone through more often
_LEAST_ROWS = 3000  # rows of a kind of pages that make a network of their own
_TEMPERATURES = (0.5, 4.0)
_LEAST_REPEATS = 50  # labelled repeats that say something
_ARTICLE = LABELS.index(Label.ARTICLE)
Boosting = tuple[()] | tuple[HistGradientBoostingClassifier, HistGradientBoostingClassifier]


@dataclass(frozen=True)
class Rows:
    """What the second stage learns from: rows of a batch with labels and weights; `fold` (P,) is that of each page.

    `names` are those of elements that ask for consent; `many` tells whether there are many real pages.
    """

    batch: Batch
    parts: Floats
    shapes: Floats
    languages: LanguageInputs
    names: tuple[str, ...]
    rows: NDArray[np.int64]
    labels: NDArray[np.int8]
    weights: Floats
    fold: NDArray[np.int64]
    many: bool


@dataclass(frozen=True)
class FittedContext:
    """The fitted networks and trees, and the log-odds (N, 2) that blocks got from such as had not seen their site.

    `networks` are those kept: for pages with markup, for plain text; `trees` likewise, none with few pages.
    """

    model: ContextModel
    networks: tuple[()] | tuple[MLPRegressor, MLPRegressor]  # none where a model was corrected
    trees: Boosting
    held_out: Floats


def fit_context(data: Rows, epochs: int, seed: int, tell: Callable[[str], None]) -> FittedContext:
    """Fit networks and trees on the first stage's scores of unseen sites."""
    values = _inputs(data)
    odds, factor = _held_out(values, data, epochs, seed, tell)
    tell("context, all data")
    networks, kept = _fit_kept(values, data, epochs, seed)
    trees, boosting, held_out = _trees(values, data, odds, seed, tell)
    repeated = _odds_of_repeats(data, held_out)
    held_out = cut_repeats(data.batch, data.shapes, held_out, repeated)
    networks = Networks(networks.markup.scaled(factor), networks.plain.scaled(factor))
    return FittedContext(ContextModel(networks, repeated, trees, data.names), kept, boosting, held_out)


def held_out_odds(data: Rows, epochs: int, seed: int, tell: Callable[[str], None]) -> Floats:
    """The log-odds (N, 2) of blocks from networks that had not seen their site, without the networks to keep."""
    return _held_out(_inputs(data), data, epochs, seed, tell)[0]


def _inputs(data: Rows) -> Floats:
    return inputs(data.batch, data.parts, data.shapes, data.languages, data.names)


def _held_out(
    values: Floats, data: Rows, epochs: int, seed: int, tell: Callable[[str], None]
) -> tuple[Floats, float]:  # fmt: skip
    """Held-out log-odds (N, 2) of networks, and the factor by which theirs were multiplied to be calibrated."""
    odds = np.zeros((data.batch.size, 2), dtype=np.float32)
    has_markup, fold = data.batch.element >= 0, data.fold[data.batch.page]
    seeds = _seeds(data, FOLD_MEMBERS, seed)
    for part in range(FOLDS):
        tell(f"context, fold {part + 1} of {FOLDS}")
        mine = np.flatnonzero(fold == part)
        if len(mine):
            networks = _fit_networks(values, data, fold[data.rows] != part, epochs, seeds)
            odds[mine] = networks.score(values[mine], has_markup[mine])
    factor = 1.0 / _temperature(odds[data.rows], data.labels, data.weights)
    return odds * np.float32(factor), factor


def _trees(
    values: Floats, data: Rows, odds: Floats, seed: int, tell: Callable[[str], None]
) -> tuple[tuple[Trees, Trees], Boosting, Floats]:
    """Trees over the inputs of the networks, fitted objects, and the log-odds (N, 2) with trees of unseen sites.

    `odds` are the held-out log-odds of the networks. Few pages get no trees: people wait for them.
    """
    if not data.many:
        return (Trees.none(), Trees.none()), (), odds
    fold, has_markup = data.fold[data.batch.page], data.batch.element >= 0
    shares = tree_shares(odds)
    doubt = shares > 0
    found = np.zeros_like(odds)
    for part in range(FOLDS):
        tell(f"trees, fold {part + 1} of {FOLDS}")
        fits = _trees_by_kind(values, data, fold[data.rows] != part, seed)
        for (trees, _), kind in zip((fits[0], fits[-1]), (has_markup, ~has_markup), strict=True):
            mine = np.flatnonzero(doubt & kind & (fold == part))
            found[mine] = trees.score(values[mine])
    asked = doubt[data.rows]
    factor = 1.0 / _temperature(found[data.rows[asked]], data.labels[asked], data.weights[asked])
    tell("trees, all data")
    fits = _trees_by_kind(values, data, np.ones(len(data.rows), dtype=bool), seed)
    both = scaled(fits[0][0], factor), scaled(fits[-1][0], factor)
    mixed = odds + shares[:, None] * (found * np.float32(factor) - odds)
    return both, (fits[0][1], fits[-1][1]), mixed


def _trees_by_kind(
    values: Floats, data: Rows, chosen: NDArray[np.bool_], seed: int
) -> list[tuple[Trees, HistGradientBoostingClassifier]]:
    """Trees fitted on the chosen rows, by kind of page: both at once, as boosting lets other threads run."""
    kinds = _kinds(data, chosen)
    plain = [bool((data.batch.element[data.rows[kind]] < 0).mean() > 0.5) for kind in kinds]  # also where there is one
    return list(
        Parallel(len(kinds), prefer="threads")(
            delayed(fit_trees)(values[data.rows[kind]], data.labels[kind], data.weights[kind], SIZES[size], seed)
            for kind, size in zip(kinds, plain, strict=True)
        )
    )


def _odds_of_repeats(data: Rows, held_out: Floats) -> float:
    """The log-odds of article among texts that repeat a likely article block above them; infinity where few do."""
    again = repeats(data.batch, shape.sizes(data.shapes), held_out)[data.rows]
    total, right = int(again.sum()), int((data.labels[again] == _ARTICLE).sum())
    return math.log((right + 1) / (total - right + 1)) if total >= _LEAST_REPEATS else math.inf


def _seeds(data: Rows, members: tuple[int, int], seed: int) -> list[int]:
    """A seed for each network whose mean is taken."""
    many, few = members
    return [seed + member for member in range(many if data.many else few)]


def _kinds(data: Rows, chosen: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """The chosen rows with markup and without; all together where one kind has too few or lacks a label."""
    has_markup = data.batch.element[data.rows] >= 0
    kinds = [chosen & has_markup, chosen & ~has_markup]
    if any(kind.sum() < _LEAST_ROWS or len(np.unique(data.labels[kind])) < len(LABELS) for kind in kinds):
        return [chosen]
    return kinds


def _fit_networks(
    values: Floats, data: Rows, chosen: NDArray[np.bool_], epochs: int, seeds: Sequence[int]
) -> Networks:  # fmt: skip
    """The mean of networks fitted on the chosen rows, by kind of page."""
    networks = [mean_of([_fit(values, data, kind, epochs, seed) for seed in seeds]) for kind in _kinds(data, chosen)]
    return Networks(networks[0], networks[-1])


def _fit_kept(
    values: Floats, data: Rows, epochs: int, seed: int
) -> tuple[Networks, tuple[MLPRegressor, MLPRegressor]]:  # fmt: skip
    """The networks that are kept: each learns the mean log-odds of several teachers (Ba and Caruana 2014).

    It does as well as their mean at a fraction of the time, and learns from blocks without a label too.
    """
    kinds = _kinds(data, np.ones(len(data.rows), dtype=bool))
    has_markup = data.batch.element >= 0
    fits = []
    for number, kind in enumerate(kinds):
        teacher = mean_of([_fit(values, data, kind, epochs, own) for own in _seeds(data, MEMBERS, seed)])
        rows, weights = _kept_rows(data, kind, has_markup == (number == 0) if len(kinds) > 1 else None, seed)
        fits.append(_distil(values[rows], teacher, weights, seed))
    return Networks(fits[0][0], fits[-1][0]), (fits[0][1], fits[-1][1])


def _kept_rows(
    data: Rows, kind: NDArray[np.bool_], of_kind: NDArray[np.bool_] | None, seed: int
) -> tuple[NDArray[np.int64], Floats]:
    """Rows that the kept network learns from, with weights: labelled ones, and some more of the same pages."""
    pages = np.zeros(int(data.batch.page[-1]) + 1, dtype=bool)
    pages[data.batch.page[data.rows]] = True
    left = pages[data.batch.page]
    left[data.rows] = False
    more = np.flatnonzero(left if of_kind is None else left & of_kind)
    if len(more) > _MOST_UNLABELLED:
        more = np.sort(np.random.default_rng(seed).choice(more, _MOST_UNLABELLED, replace=False))
    weights = np.concatenate([data.weights[kind], np.full(len(more), _UNLABELLED_WEIGHT, dtype=np.float32)])
    return np.concatenate([data.rows[kind], more]), weights


def _distil(values: Floats, teacher: Network, weights: Floats, seed: int) -> tuple[Network, MLPRegressor]:
    wanted = np.clip(teacher.score(values), -_MOST_ODDS, _MOST_ODDS)
    standard = teacher.standardise(values)
    epochs = _epochs(len(values), _KEPT_EPOCHS)
    mlp = MLPRegressor(
        hidden_layer_sizes=KEPT_HIDDEN, alpha=_KEPT_PENALTY, batch_size=min(_BATCH, len(values)),
        learning_rate_init=_RATE, max_iter=epochs, n_iter_no_change=epochs, random_state=seed,
    )  # fmt: skip
    mlp.fit(standard, wanted, sample_weight=weights)
    layers = (tuple(np.asarray(a, dtype=np.float32) for a in arrays) for arrays in (mlp.coefs_, mlp.intercepts_))
    return Network(teacher.mean, teacher.scale, *layers), mlp


def _epochs(rows: int, epochs: int) -> int:
    """Times to go through so many rows."""
    return max(epochs, min(_MOST_EPOCHS, _LEAST_STEPS // max(1, rows // _BATCH)))


def _fit(values: Floats, data: Rows, chosen: NDArray[np.bool_], epochs: int, seed: int) -> Network:
    rows = data.rows[chosen]
    epochs = _epochs(len(rows), epochs)
    scaler = StandardScaler().fit(values[rows])
    scale = (1.0 / np.maximum(scaler.scale_, 1e-6)).astype(np.float32)
    mean = scaler.mean_.astype(np.float32)
    mlp = MLPClassifier(
        HIDDEN, alpha=_PENALTY, batch_size=min(_BATCH, len(rows)), learning_rate_init=_RATE, max_iter=epochs,
        n_iter_no_change=epochs, random_state=seed,
    )  # fmt: skip
    standard = np.clip((values[rows] - mean) * scale, -CLIP, CLIP)
    mlp.fit(standard, data.labels[chosen], sample_weight=data.weights[chosen])
    return network_of(mlp, mean, scale)


def network_of(mlp: MLPClassifier, mean: Floats, scale: Floats) -> Network:
    """The fitted network as plain arrays; `mean` and `scale` (inputs,) standardise what it was fitted on."""
    weights = [*mlp.coefs_[:-1], two_columns(mlp.coefs_[-1])]
    biases = [*mlp.intercepts_[:-1], two_columns(mlp.intercepts_[-1][None, :])[0]]
    single = (tuple(np.asarray(a, dtype=np.float32) for a in layers) for layers in (weights, biases))
    return Network(mean, scale, *single)


def mean_of(networks: Sequence[Network]) -> Network:
    """One network that gives the mean log-odds of several with the same inputs and number of layers."""
    first = networks[0]
    weights, biases = [], []
    for layer in range(len(first.weights)):
        parts = [network.weights[layer] for network in networks]
        last = layer == len(first.weights) - 1
        if layer == 0:
            joined = np.concatenate(parts, axis=1)
        elif last:
            joined = np.concatenate(parts, axis=0) / np.float32(len(parts))
        else:
            joined = np.asarray(block_diag(*parts), dtype=np.float32)
        own = [network.biases[layer] for network in networks]
        weights.append(np.asarray(joined, dtype=np.float32))
        biases.append(np.asarray(np.mean(own, axis=0) if last else np.concatenate(own), dtype=np.float32))
    return Network(first.mean, first.scale, tuple(weights), tuple(biases))


def _temperature(odds: Floats, labels: NDArray[np.int8], weights: Floats) -> float:
    """The divisor of log-odds that makes held-out probabilities most likely (Guo and others 2017)."""

    def loss(temperature: float) -> float:
        chosen = probabilities(odds / np.float32(temperature))[np.arange(len(labels)), labels]
        return float(-(weights * np.log(np.maximum(chosen, 1e-9))).sum())

    return float(minimize_scalar(loss, bounds=_TEMPERATURES, method="bounded").x)
