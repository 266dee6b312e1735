"""Fitting of the second stage: rounds of a small network over a block's surroundings, with scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from classifier.model.batch import Batch
from classifier.model.blocks import Floats, probabilities, two_columns
from classifier.model.context import CLIP, ContextModel, Network, Round, inputs
from classifier.records import LABELS

HIDDEN = (64, 32)  # units of the hidden layers
HALVES = 2  # parts for the scores that the next round learns from
_BATCH = 1024  # rows a step
_RATE = 2e-3
_PENALTY = 1.5  # scikit-learn divides it by the weight of a step, some 1,000: 0.0015 on the mean loss
MEMBERS = 3  # networks whose mean the final rounds use
_LEAST_STEPS, _MOST_EPOCHS = 1500, 60  # small data is gone through more often
_LEAST_ROWS = 3000  # rows of a kind of pages that make a network of their own
_TEMPERATURES = (0.5, 4.0)


@dataclass(frozen=True)
class Rows:
    """What the second stage learns from: rows of a batch with labels and weights, and the half each page belongs to."""

    batch: Batch
    parts: Floats
    shapes: Floats
    foreign: Floats
    rows: NDArray[np.int64]
    labels: NDArray[np.int8]
    weights: Floats
    half: NDArray[np.int64]


Members = tuple[MLPClassifier, ...]


@dataclass(frozen=True)
class FittedContext:
    """The fitted networks, and the log-odds (N, 2) that blocks got from networks that had not seen their site."""

    model: ContextModel
    networks: tuple[tuple[Members, Members], ...]  # by round: for pages with markup, for plain text
    held_out: Floats


def fit_context(data: Rows, rounds: int, epochs: int, seed: int, tell: Callable[[str], None]) -> FittedContext:
    """Fit the rounds one after the other, each on scores that the round before gave to unseen sites."""
    odds = data.parts.sum(axis=1)
    held_out, temperatures = np.zeros_like(odds), []
    networks: list[Round] = []
    fitted: list[tuple[Members, Members]] = []
    has_markup = data.batch.element >= 0
    for number in range(rounds):
        values = inputs(data.batch, data.parts, data.shapes, data.foreign, odds)
        odds = np.zeros_like(odds)
        for half in range(HALVES):
            tell(f"context, round {number + 1}, part {half + 1} of {HALVES}")
            both, _ = _fit_round(values, data, data.half[data.rows] != half, epochs, [seed])
            mine = np.flatnonzero(data.half == half)
            odds[mine] = both.score(values[mine], has_markup[mine])
        temperatures.append(_temperature(odds[data.rows], data.labels, data.weights))
        held_out += odds / np.float32(temperatures[-1] * rounds)
        tell(f"context, round {number + 1}, all data")
        everything = np.ones(len(data.rows), dtype=bool)
        both, members = _fit_round(values, data, everything, epochs, [seed + member for member in range(MEMBERS)])
        networks.append(both)
        fitted.append(members)
    final = _temperature(held_out[data.rows], data.labels, data.weights)
    shares = tuple(1.0 / (temperature * rounds * final) for temperature in temperatures)
    return FittedContext(ContextModel(tuple(networks), shares), tuple(fitted), held_out / np.float32(final))


def _fit_round(
    values: Floats, data: Rows, chosen: NDArray[np.bool_], epochs: int, seeds: Sequence[int]
) -> tuple[Round, tuple[Members, Members]]:
    """The networks of a round; one serves both kinds of pages where a kind has too few rows or lacks a label."""
    has_markup = data.batch.element[data.rows] >= 0
    kinds = [chosen & has_markup, chosen & ~has_markup]
    if any(kind.sum() < _LEAST_ROWS or len(np.unique(data.labels[kind])) < len(LABELS) for kind in kinds):
        kinds = [chosen]
    networks, members = [], []
    for kind in kinds:
        fits = [_fit(values, data, kind, epochs, seed) for seed in seeds]
        networks.append(mean_of([network for network, _ in fits]))
        members.append(tuple(mlp for _, mlp in fits))
    return Round(networks[0], networks[-1]), (members[0], members[-1])


def _fit(
    values: Floats, data: Rows, chosen: NDArray[np.bool_], epochs: int, seed: int
) -> tuple[Network, MLPClassifier]:
    rows = data.rows[chosen]
    steps = max(1, int(chosen.sum()) // _BATCH)
    epochs = max(epochs, min(_MOST_EPOCHS, _LEAST_STEPS // steps))
    scaler = StandardScaler().fit(values[rows])
    scale = (1.0 / np.maximum(scaler.scale_, 1e-6)).astype(np.float32)
    mean = scaler.mean_.astype(np.float32)
    mlp = MLPClassifier(
        HIDDEN, alpha=_PENALTY, batch_size=min(_BATCH, len(rows)), learning_rate_init=_RATE, max_iter=epochs,
        n_iter_no_change=epochs, random_state=seed,
    )  # fmt: skip
    standard = np.clip((values[rows] - mean) * scale, -CLIP, CLIP)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is our choice, against overfitting
        mlp.fit(standard, data.labels[chosen], sample_weight=data.weights[chosen])
    return network_of(mlp, mean, scale), mlp


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
