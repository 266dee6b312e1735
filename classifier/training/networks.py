"""Fitting of the networks of the second stage: recurrent ones where there are many pages, else with scikit-learn.

A recurrent layer learns what follows what on a page, for which few pages are not enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from classifier.model.blocks import Floats, probabilities, two_columns
from classifier.model.context import Network, Networks, standardise
from classifier.records import LABELS
from classifier.training.recurrent import Layers, Sequences, fit_recurrent
from classifier.training.rows import Kind, Rows, kinds_of
from classifier.training.trees import chances_by_trees

_HIDDEN = (64, 32)  # units of the hidden layers of a teacher without a recurrent layer
_KEPT_HIDDEN = (96, 48)  # and of the network that learns from the teachers
_RECURRENT = Layers(64, 32, 32, 0.3), Layers(96, 48, 32, 0.1)  # a recurrent teacher: with markup, plain text
_KEPT_RECURRENT = Layers(96, 48, 32, 0.0)
_MEMBERS = 4, 3  # teachers whose mean the kept network learns: with many pages, with few
_QUICK_MEMBERS = 2, 1  # networks whose mean gives held-out scores where none is kept, likewise
_MOST_AT_ONCE = 2  # networks fitted at once
_BATCH = 1024  # rows a step
_RATE = 2e-3
_PENALTY = 1.0  # scikit-learn divides it by the weight of a step, some 1,000: 0.001 on the mean loss
_KEPT_PENALTY, _KEPT_EPOCHS = 1e-4, 8
# times that recurrent networks go through the pages, for each time that others do: with markup, plain text
_RECURRENT_EPOCHS, _KEPT_RECURRENT_EPOCHS = (1.5, 3.0), (6.0, 12.0)
_MOST_ODDS = 8.0  # log-odds at which teachers are cut: beyond, they differ in nothing that matters
_MOST_UNLABELLED = 150_000  # further rows, of any label, on which the kept network learns what the teachers say
_UNLABELLED_WEIGHT = 0.5  # of such a row; one with a label weighs 1 on average
_LABEL_SHARE = 0.4  # of a label in what the kept network learns of a block that has one; the rest is the teachers'
_TREES_SHARE = 0.5  # of trees among the teachers
_LEAST_STEPS, _MOST_EPOCHS = 1500, 60  # small data is gone through more often
_LEAST_VARIANCE = 1e-12  # of an input that says something


def fit_quickly(data: Rows, chosen: NDArray[np.bool_], epochs: int, seed: int) -> list[Networks]:
    """Networks fitted on the chosen rows, whose mean is good enough for held-out scores."""
    return _fit_several(data, chosen, _QUICK_MEMBERS[0 if data.many else 1], epochs, seed)


def fit_kept(
    data: Rows, chosen: NDArray[np.bool_], epochs: int, seed: int
) -> tuple[Networks, tuple[MLPRegressor, ...]]:  # fmt: skip
    """Networks to keep, fitted on the chosen rows: each learns what several teachers say on average (distillation).

    It does as well as their mean, or better, at a fraction of the time (Ba and Caruana 2014; Furlanello and others
    2018), and learns from blocks without a label too. With many pages, trees are among the teachers. They know their
    rows by heart, so what counts is what they say of sites that they have not seen (Dao and others 2021). Second are
    the fitted objects of scikit-learn, none where it did not do the fitting.
    """
    teachers = _fit_several(data, chosen, _MEMBERS[0 if data.many else 1], epochs, seed)
    odds, kinds = data.score(teachers), kinds_of(data, chosen)
    if data.many:
        wanted, by_trees = probabilities(odds), chances_by_trees(data, chosen, seed)
        known = np.isfinite(by_trees[:, 0])
        wanted[known] += np.float32(_TREES_SHARE) * (by_trees - wanted)[known]
        wanted[data.rows] *= 1.0 - _LABEL_SHARE
        wanted[data.rows, data.labels] += _LABEL_SHARE
        kept = _at_once(delayed(_kept_recurrent)(data, kind, wanted, epochs, seed) for kind in kinds)
        return Networks(kept[0], kept[-1]), ()
    wanted = np.clip(odds, -_MOST_ODDS, _MOST_ODDS)
    pairs = _at_once(delayed(_kept)(data, kind, wanted, seed) for kind in kinds)
    return Networks(pairs[0][0], pairs[-1][0]), (pairs[0][1], pairs[-1][1])


def _fit_several(data: Rows, chosen: NDArray[np.bool_], members: int, epochs: int, seed: int) -> list[Networks]:
    seeds = [seed + member for member in range(members)]
    teach = _recurrent_teacher if data.many else _teacher
    found = _at_once(delayed(teach)(data, kind, epochs, own) for kind in kinds_of(data, chosen) for own in seeds)
    return [Networks(one, other) for one, other in zip(found[: len(seeds)], found[-len(seeds) :], strict=True)]


def _at_once(jobs: Iterable[Any]) -> list[Any]:
    """The results of some jobs, a thread each, with sums made in one thread: their order is then the same anywhere."""
    with threadpool_limits(1, user_api="blas"):
        return list(Parallel(_MOST_AT_ONCE, prefer="threads")(jobs))


def _recurrent_teacher(data: Rows, kind: Kind, epochs: int, seed: int) -> Network:
    rows = data.rows[kind.chosen]
    targets, weights = np.zeros((data.batch.size, len(LABELS)), np.float32), np.zeros(data.batch.size, np.float32)
    targets[rows, data.labels[kind.chosen]], weights[rows] = 1.0, data.weights[kind.chosen]
    sequences = Sequences(data.values, data.batch.bounds, targets, weights)
    times = round(epochs * _RECURRENT_EPOCHS[kind.plain])
    return fit_recurrent(sequences, *_standard(data.values[rows]), _RECURRENT[kind.plain], times, seed)


def _kept_recurrent(data: Rows, kind: Kind, wanted: Floats, epochs: int, seed: int) -> Network:
    rows = data.rows[kind.chosen]
    weights = _pages_learned_from(data, rows) * np.float32(_UNLABELLED_WEIGHT)
    weights[rows] = data.weights[kind.chosen]
    sequences = Sequences(data.values, data.batch.bounds, wanted, weights)
    times = round(epochs * _KEPT_RECURRENT_EPOCHS[kind.plain])
    return fit_recurrent(sequences, *_standard(data.values[rows]), _KEPT_RECURRENT, times, seed)


def _pages_learned_from(data: Rows, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The blocks (N,) of the pages of the given rows."""
    pages = np.zeros(len(data.batch.bounds) - 1, dtype=bool)
    pages[data.batch.page[rows]] = True
    return np.asarray(pages[data.batch.page])


def _kept(data: Rows, kind: Kind, wanted: Floats, seed: int) -> tuple[Network, MLPRegressor]:
    labelled = data.rows[kind.chosen]
    left = _pages_learned_from(data, labelled)
    left[data.rows] = False
    more = np.flatnonzero(left)
    if len(more) > _MOST_UNLABELLED:
        more = np.sort(np.random.default_rng(seed).choice(more, _MOST_UNLABELLED, replace=False))
    rows = np.concatenate([labelled, more])
    weights = np.concatenate([data.weights[kind.chosen], np.full(len(more), _UNLABELLED_WEIGHT, dtype=np.float32)])
    mean, scale = _standard(data.values[labelled])
    epochs = _epochs(len(rows), _KEPT_EPOCHS)
    mlp = MLPRegressor(
        hidden_layer_sizes=_KEPT_HIDDEN, alpha=_KEPT_PENALTY, batch_size=min(_BATCH, len(rows)),
        learning_rate_init=_RATE, max_iter=epochs, n_iter_no_change=epochs, random_state=seed,
    )  # fmt: skip
    mlp.fit(standardise(data.values[rows], mean, scale), wanted[rows], sample_weight=weights)
    return Network(mean, scale, _single(mlp.coefs_), _single(mlp.intercepts_)), mlp


def _teacher(data: Rows, kind: Kind, epochs: int, seed: int) -> Network:
    values = data.values[data.rows[kind.chosen]]
    mean, scale = _standard(values)
    epochs = _epochs(len(values), epochs)
    mlp = MLPClassifier(
        _HIDDEN, alpha=_PENALTY, batch_size=min(_BATCH, len(values)), learning_rate_init=_RATE, max_iter=epochs,
        n_iter_no_change=epochs, random_state=seed,
    )  # fmt: skip
    mlp.fit(standardise(values, mean, scale), data.labels[kind.chosen], sample_weight=data.weights[kind.chosen])
    return network_of(mlp, mean, scale)


def _standard(values: Floats) -> tuple[Floats, Floats]:
    """What standardises inputs (n, inputs): what to take away, and what to multiply by, 0 where they are all alike."""
    scaler = StandardScaler().fit(values)
    differ = scaler.var_ > _LEAST_VARIANCE
    return scaler.mean_.astype(np.float32), (differ / np.where(differ, scaler.scale_, 1.0)).astype(np.float32)


def _epochs(rows: int, epochs: int) -> int:
    """Times to go through so many rows."""
    return max(epochs, min(_MOST_EPOCHS, _LEAST_STEPS // max(1, rows // _BATCH)))


def network_of(mlp: MLPClassifier, mean: Floats, scale: Floats) -> Network:
    """The fitted network as plain arrays; `mean` and `scale` (inputs,) standardise what it was fitted on."""
    weights = [*mlp.coefs_[:-1], two_columns(mlp.coefs_[-1])]
    biases = [*mlp.intercepts_[:-1], two_columns(mlp.intercepts_[-1][None, :])[0]]
    return Network(mean, scale, _single(weights), _single(biases))


def _single(layers: Sequence[NDArray[np.floating]]) -> tuple[Floats, ...]:
    return tuple(np.asarray(layer, dtype=np.float32) for layer in layers)
