"""Fitting of a network with a recurrent layer: backpropagation through time and Adam, in numpy.

scikit-learn has no recurrent layers, and the large libraries that have them would multiply what has to be installed.
What the layers compute is told in `model.recurrence`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.model.blocks import Floats
from classifier.model.context import CLIP, Network
from classifier.model.recurrence import Recurrence, sigmoid
from classifier.model.series import bounds_among

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
    """Blocks of pages in order: inputs (N, inputs), bounds (P + 1,), targets, and weights (N,).

    `targets` are labels (N,), for a classifier, or log-odds (N, 2) to be met as closely as can be; a block of weight 0
    is not learned from, but seen.
    """

    inputs: Floats
    bounds: Ints
    targets: NDArray[Any]
    weights: Floats


@dataclass(frozen=True, slots=True)
class Packed:
    """Windows of pages, the longest first, as rows in the order of their places: all first blocks, all second ones, ...

    `rows` (R,) are the blocks, `steps` (T + 1,) the bounds of the places; `back` (R,) finds for each row that of the
    window read backwards.
    """

    rows: Ints
    steps: Ints
    back: Ints


def pack(starts: Ints, lengths: Ints) -> Packed:
    """Windows that begin at the blocks `starts` (n,) and hold `lengths` (n,) of them, at least one each."""
    order = np.argsort(-lengths, kind="stable")
    starts, lengths = starts[order], lengths[order]
    place = np.arange(int(lengths[0]))
    alive = np.searchsorted(-lengths, -place, side="left")  # windows longer than each place
    steps = np.concatenate([[0], np.cumsum(alive)])
    at = np.repeat(place, alive)
    window = np.arange(steps[-1]) - steps[at]
    return Packed(starts[window] + at, steps, steps[lengths[window] - 1 - at] + window)


def fit_recurrent(
    data: Sequences, mean: Floats, scale: Floats, layers: Layers, epochs: int, seed: int
) -> Network:  # fmt: skip
    """A network with a recurrent layer, fitted on pages; `mean` and `scale` (inputs,) standardise its inputs.

    Labels are fitted by their log-loss, log-odds by the square of the error.
    """
    labels = data.targets.ndim == 1
    dice = np.random.default_rng(seed)
    parameters = initial(data.inputs.shape[1], layers, 3 if labels else 2, dice)
    pages = np.flatnonzero(np.diff(bounds_among(data.weights > 0, data.bounds)))
    first, lengths = data.bounds[pages], np.diff(data.bounds)[pages]
    count = max(1, round(np.minimum(lengths, _WINDOW).sum() / _BATCH))
    adam = _Adam(parameters, epochs * count)
    usual = float(data.weights[data.weights > 0].mean())
    for _ in range(epochs):
        for packed in _batches(first, lengths, count, dice):
            weights = data.weights[packed.rows]
            learned = int((weights > 0).sum())
            if not learned:
                continue
            values = np.clip((data.inputs[packed.rows] - mean) * scale, -CLIP, CLIP)
            keep = [_dropout(dice, (len(values), size), layers.dropout) for size in (layers.first, 2 * layers.means)]
            share = weights / np.float32(usual * learned)
            adam.step(parameters, gradients(parameters, values, packed, data.targets[packed.rows], share, keep)[1])
    return _network(parameters, mean, scale)


def gradients(
    parameters: Parameters, values: Floats, packed: Packed, targets: NDArray[Any], weights: Floats,
    keep: Sequence[Floats],
) -> tuple[float, Parameters]:  # fmt: skip
    """The loss over the rows of `packed`, summed with `weights`, and its gradient by each parameter.

    `values` (R, inputs) are standardised; `keep` are what multiplies the units of the first layer and the running
    means (dropout).
    """
    p, size = parameters, len(parameters["out memory"])
    first = np.maximum(values @ p["first"] + p["first bias"], 0.0) * keep[0]
    hidden = np.maximum(first @ p["second"] + p["second bias"], 0.0)
    gates = hidden @ p["gates"] + p["gates bias"]
    forget, candidate = sigmoid(gates[:, :size]), np.tanh(gates[:, size:])
    forward = _turned(forget, packed.back), _turned((1.0 - forget) * candidate, packed.back)
    state, before = _run(*forward, packed.steps)
    memory = _turned(state, packed.back) * keep[1]
    loss, error = _loss(hidden @ p["out"] + memory @ p["out memory"] + p["out bias"], targets, weights)

    found = {"out": hidden.T @ error, "out memory": memory.T @ error, "out bias": error.sum(axis=0)}
    on_state = _run_back(_turned((error @ p["out memory"].T) * keep[1], packed.back), forward[0], packed.steps)
    on_forget = _turned(on_state * before, packed.back)
    on_pooled = _turned(on_state, packed.back)
    on_gates = np.concatenate([
        (on_forget - on_pooled * candidate) * forget * (1.0 - forget),
        on_pooled * (1.0 - forget) * (1.0 - candidate * candidate),
    ], axis=1)  # fmt: skip
    found |= {"gates": hidden.T @ on_gates, "gates bias": on_gates.sum(axis=0)}
    on_hidden = (error @ p["out"].T + on_gates @ p["gates"].T) * (hidden > 0)
    found |= {"second": first.T @ on_hidden, "second bias": on_hidden.sum(axis=0)}
    on_first = (on_hidden @ p["second"].T) * keep[0] * (first > 0)
    found |= {"first": values.T @ on_first, "first bias": on_first.sum(axis=0)}
    return loss, found


def _turned(values: Floats, back: Ints) -> Floats:
    """The second half of the columns in the order of the windows read backwards; twice gives the same again."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[back, half:]], axis=1)


def _run(forget: Floats, added: Floats, steps: Ints) -> tuple[Floats, Floats]:
    """Running means of packed rows: after each row, and before it."""
    state, before = np.empty_like(added), np.zeros_like(added)
    bounds = steps.tolist()
    for start, middle, end in zip([0, *bounds[:-2]], bounds[:-1], bounds[1:], strict=True):
        if middle:
            before[middle:end] = state[start : start + end - middle]
        np.multiply(forget[middle:end], before[middle:end], out=state[middle:end])
        state[middle:end] += added[middle:end]
    return state, before


def _run_back(error: Floats, forget: Floats, steps: Ints) -> Floats:
    """The gradient by each running mean: its own, and what the later ones hand back."""
    out = error.copy()
    bounds = steps.tolist()
    for start, middle, end in zip(bounds[-3::-1], bounds[-2:0:-1], bounds[:1:-1], strict=True):
        out[start : start + end - middle] += forget[middle:end] * out[middle:end]
    return out


def _loss(scores: Floats, targets: NDArray[Any], weights: Floats) -> tuple[float, Floats]:
    """The weighted loss and its gradient by the scores: log-loss of labels, or half the squared error of log-odds."""
    if targets.ndim > 1:
        error = scores - targets
        return float((weights[:, None] * error * error).sum() / 2), weights[:, None] * error
    odds = scores - scores.max(axis=1, keepdims=True)
    chances = np.exp(odds)
    total = chances.sum(axis=1, keepdims=True)
    labelled = np.flatnonzero(weights)
    loss = weights[labelled] * (np.log(total[labelled, 0]) - odds[labelled, targets[labelled]])
    error = chances / total
    error[labelled, targets[labelled]] -= 1.0
    return float(loss.sum()), error * weights[:, None]


def _dropout(dice: np.random.Generator, shape: tuple[int, int], share: float) -> Floats:
    if not share:
        return np.ones((1, 1), dtype=np.float32)
    kept = dice.random(shape, dtype=np.float32) >= share
    return kept * np.float32(1.0 / (1.0 - share))


def initial(inputs: int, layers: Layers, outputs: int, dice: np.random.Generator) -> Parameters:
    """Weights at random, the smaller the more of them add up (Glorot and Bengio 2010); memories of all lengths."""
    first, second, means = layers[:3]
    sizes = {"first": (inputs, first), "second": (first, second), "gates": (second, 4 * means),
             "out": (second, outputs), "out memory": (2 * means, outputs)}  # fmt: skip
    found = {name: _uniform(dice, *size) for name, size in sizes.items()}
    found |= {f"{name} bias": np.zeros(sizes[name][1], np.float32) for name in ("first", "second", "gates", "out")}
    found["gates bias"][: 2 * means] = np.tile(np.linspace(*_FORGET, means), 2)
    return found


def _uniform(dice: np.random.Generator, rows: int, columns: int) -> Floats:
    most = np.sqrt(6.0 / (rows + columns))
    return dice.uniform(-most, most, (rows, columns)).astype(np.float32)


def _batches(first: Ints, lengths: Ints, count: int, dice: np.random.Generator) -> Iterator[Packed]:
    """A window of each page in `count` batches; pages have `lengths` (n,) blocks from the `first` (n,) on."""
    starts = first + (dice.random(len(first)) * np.maximum(lengths - _WINDOW + 1, 1)).astype(np.int64)
    for part in np.array_split(dice.permutation(len(first)), count):
        yield pack(starts[part], np.minimum(lengths[part], _WINDOW))


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
    out, memory, bias = p["out"], p["out memory"], p["out bias"]
    if out.shape[1] == 3:
        out, memory, bias = (values[..., [0, 2]] - values[..., [1]] for values in (out, memory, bias))
    recurrence = Recurrence(p["gates"], p["gates bias"], memory)
    return Network(mean, scale, (p["first"], p["second"], out), (p["first bias"], p["second bias"], bias), recurrence)
