"""Fitting of a network with a recurrent layer: backpropagation through time and Adam, in numpy.

scikit-learn has no recurrent layers, and the large libraries that have them would multiply what has to be installed.
What the layers compute is told in `model.recurrence`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.model.blocks import Floats, two_columns
from classifier.model.context import Network, standardise
from classifier.model.recurrence import Recurrence, running_sums, sigmoid
from classifier.model.series import bounds_among
from classifier.records import LABELS

_WINDOW = 400  # blocks of a page that are learned from at once
_BATCH = 2000  # blocks a step, about
_RATE, _WARM_UP = 4e-3, 0.2  # the highest rate of learning, and the share of the steps until it is reached
_DECAY = 0.02  # of weights, times the rate
_MOST_GRADIENT = 1.0  # norm at which gradients are cut
_BETA, _BETA_SQUARE, _TINY = 0.9, 0.999, 1e-8  # of Adam (Kingma and Ba 2015)
_FORGET = (-1.0, 4.0)  # logits of how much is kept from block to block at first, from short memory to long
Parameters = dict[str, Floats]
Ints = NDArray[np.int64]


class Layers(NamedTuple):
    """Units of the two layers of a block, running means in each direction, and the share of units left out at random.

    The units left out, of the first layer and of the means, are others at each step (dropout).
    """

    first: int
    second: int
    means: int
    dropout: float


@dataclass(frozen=True, slots=True)
class Sequences:
    """Blocks of pages in order: inputs (N, inputs), bounds (P + 1,), targets (N, 3) and weights (N,).

    `targets` are how likely each label is, for a labelled block 1 and 0; a block of weight 0 is not learned from, but
    seen.
    """

    inputs: Floats
    bounds: Ints
    targets: Floats
    weights: Floats


def fit_recurrent(
    data: Sequences, mean: Floats, scale: Floats, layers: Layers, epochs: int, seed: int
) -> Network:  # fmt: skip
    """A network with a recurrent layer, fitted on pages by its cross-entropy to the targets.

    `mean` and `scale` (inputs,) standardise its inputs.
    """
    rng = np.random.default_rng(seed)
    parameters = initial(data.inputs.shape[1], layers, rng)
    pages = np.flatnonzero(np.diff(bounds_among(data.weights > 0, data.bounds)))
    first, lengths = data.bounds[pages], np.diff(data.bounds)[pages]
    count = max(1, round(np.minimum(lengths, _WINDOW).sum() / _BATCH))
    adam = _Adam(parameters, epochs * count)
    usual = float(data.weights[data.weights > 0].mean())
    for _ in range(epochs):
        for rows, bounds in _batches(first, lengths, count, rng):
            weights = data.weights[rows]
            learned = int((weights > 0).sum())
            if not learned:
                continue
            values = standardise(data.inputs[rows], mean, scale)
            keep = [_dropout(rng, (len(values), size), layers.dropout) for size in (layers.first, 2 * layers.means)]
            share = weights / np.float32(usual * learned)
            adam.step(parameters, gradients(parameters, values, bounds, data.targets[rows], share, keep)[1])
    return _network(parameters, mean, scale)


def gradients(
    parameters: Parameters, values: Floats, bounds: Ints, targets: Floats, weights: Floats,
    keep: Sequence[Floats],
) -> tuple[float, Parameters]:  # fmt: skip
    """The loss over blocks, summed with `weights` (N,), and its gradient by each parameter.

    `values` (N, inputs) are standardised, `bounds` (P + 1,) the first block of each page, none of which is empty;
    `keep` are what multiplies the units of the first layer and the running means (dropout).
    """
    p, size = parameters, len(parameters["out memory"])
    first = np.maximum(values @ p["first"] + p["first bias"], 0.0) * keep[0]
    hidden = np.maximum(first @ p["second"] + p["second bias"], 0.0)
    gates = hidden @ p["gates"] + p["gates bias"]
    forget, candidate = sigmoid(gates[:, :size]), np.tanh(gates[:, size:])
    means = running_sums(forget, (1.0 - forget) * candidate, bounds)
    memory = means * keep[1]
    loss, error = _loss(hidden @ p["out"] + memory @ p["out memory"] + p["out bias"], targets, weights)

    found = {"out": hidden.T @ error, "out memory": memory.T @ error, "out bias": error.sum(axis=0)}
    # a mean goes on into the next one, so the gradient comes back from there: the same sums the other way round
    on_memory = _swapped((error @ p["out memory"].T) * keep[1])
    on_means = _swapped(running_sums(_before(_swapped(forget), bounds), on_memory, bounds))
    on_forget = on_means * (_before(means, bounds) - candidate)
    on_gates = np.concatenate([
        on_forget * forget * (1.0 - forget), on_means * (1.0 - forget) * (1.0 - candidate * candidate),
    ], axis=1)  # fmt: skip
    found |= {"gates": hidden.T @ on_gates, "gates bias": on_gates.sum(axis=0)}
    on_hidden = (error @ p["out"].T + on_gates @ p["gates"].T) * (hidden > 0)
    found |= {"second": first.T @ on_hidden, "second bias": on_hidden.sum(axis=0)}
    on_first = (on_hidden @ p["second"].T) * keep[0] * (first > 0)
    found |= {"first": values.T @ on_first, "first bias": on_first.sum(axis=0)}
    return loss, found


def _swapped(table: Floats) -> Floats:
    """The halves of the columns, those of the two directions, in each other's place."""
    return np.roll(table, table.shape[1] // 2, axis=1)


def _before(table: Floats, bounds: Ints) -> Floats:
    """What stood at the block before in the direction of each half of the columns; 0 where a page begins."""
    out, half = np.empty_like(table), table.shape[1] // 2
    out[1:, :half], out[:-1, half:] = table[:-1, :half], table[1:, half:]
    out[bounds[:-1], :half] = out[bounds[1:] - 1, half:] = 0.0
    return out


def _loss(scores: Floats, targets: Floats, weights: Floats) -> tuple[float, Floats]:
    """The weighted cross-entropy of scores (N, 3) and its gradient by them."""
    odds = scores - scores.max(axis=1, keepdims=True)
    chances = np.exp(odds)
    total = chances.sum(axis=1, keepdims=True)
    weight = weights[:, None]
    return float((weight * targets * (np.log(total) - odds)).sum()), weight * (chances / total - targets)


def _dropout(rng: np.random.Generator, shape: tuple[int, int], share: float) -> Floats:
    if not share:
        return np.ones((1, 1), dtype=np.float32)
    kept = rng.random(shape, dtype=np.float32) >= share
    return kept * np.float32(1.0 / (1.0 - share))


def initial(inputs: int, layers: Layers, rng: np.random.Generator) -> Parameters:
    """Weights at random, the smaller the more of them add up (Glorot and Bengio 2010); memories of all lengths."""
    first, second, means = layers[:3]
    sizes = {"first": (inputs, first), "second": (first, second), "gates": (second, 4 * means),
             "out": (second, len(LABELS)), "out memory": (2 * means, len(LABELS))}  # fmt: skip
    found = {name: _uniform(rng, *size) for name, size in sizes.items()}
    found |= {f"{name} bias": np.zeros(sizes[name][1], np.float32) for name in ("first", "second", "gates", "out")}
    found["gates bias"][: 2 * means] = np.tile(np.linspace(*_FORGET, means), 2)
    return found


def _uniform(rng: np.random.Generator, rows: int, columns: int) -> Floats:
    most = np.sqrt(6.0 / (rows + columns))
    return rng.uniform(-most, most, (rows, columns)).astype(np.float32)


def _batches(first: Ints, lengths: Ints, count: int, rng: np.random.Generator) -> Iterator[tuple[Ints, Ints]]:
    """A window of each page in `count` batches: blocks, and the first of each window and of none among them.

    Pages have `lengths` (n,) blocks from the `first` (n,) on.
    """
    starts = first + (rng.random(len(first)) * np.maximum(lengths - _WINDOW + 1, 1)).astype(np.int64)
    for part in np.array_split(rng.permutation(len(first)), count):
        seen = np.minimum(lengths[part], _WINDOW)
        bounds = np.append(0, np.cumsum(seen))
        yield np.arange(bounds[-1]) + np.repeat(starts[part] - bounds[:-1], seen), bounds


class _Adam:
    """Steps down the gradient (Kingma and Ba 2015), weights decaying apart from it (Loshchilov and Hutter 2019).

    The rate rises, then falls, along a cosine (Smith 2018).
    """

    def __init__(self, parameters: Parameters, steps: int) -> None:
        self._mean = {name: np.zeros_like(values) for name, values in parameters.items()}
        self._square = {name: np.zeros_like(values) for name, values in parameters.items()}
        self._steps, self._done = steps, 0

    def step(self, parameters: Parameters, gradients: Parameters) -> None:
        """Change the parameters in place."""
        norm = float(np.sqrt(sum(float((g * g).sum()) for g in gradients.values())))
        cut = np.float32(min(1.0, _MOST_GRADIENT / max(norm, _TINY)))
        rate = self._rate(self._done / self._steps)
        self._done += 1
        for name, values in parameters.items():
            gradient = gradients[name] * cut
            mean, square = self._mean[name], self._square[name]
            mean += (gradient - mean) * np.float32(1 - _BETA)
            square += (gradient * gradient - square) * np.float32(1 - _BETA_SQUARE)
            unbiased = np.sqrt(square / np.float32(1 - _BETA_SQUARE**self._done)) + np.float32(_TINY)
            values -= np.float32(rate / (1 - _BETA**self._done)) * mean / unbiased
            if values.ndim > 1:
                values *= np.float32(1 - rate * _DECAY)

    @staticmethod
    def _rate(done: float) -> float:
        share = done / _WARM_UP if done < _WARM_UP else (1 - done) / (1 - _WARM_UP)
        return _RATE * max(0.01, (1 - float(np.cos(np.pi * share))) / 2)


def _network(parameters: Parameters, mean: Floats, scale: Floats) -> Network:
    p = parameters
    out, memory, bias = (two_columns(np.atleast_2d(p[name])) for name in ("out", "out memory", "out bias"))
    recurrence = Recurrence(p["gates"], p["gates bias"], memory)
    return Network(
        mean, scale, (p["first"], p["second"], out), (p["first bias"], p["second bias"], bias[0]), recurrence
    )
