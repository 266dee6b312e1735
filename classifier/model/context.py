"""Second stage: a block in its surroundings, by a small network over numbers that all have names.

The network runs in rounds: the first round sees the first stage's scores of a block and its neighbours, each later
round the scores of the round before. Piecewise linear, so that a score is an exact sum over the inputs (see `explain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.model import shape
from classifier.model.batch import Batch
from classifier.model.blocks import PARTS, Floats, probabilities
from classifier.model.surroundings import context, context_names, shift

CLIP = 5.0  # standard deviations at which inputs are cut


@dataclass(frozen=True, slots=True)
class Network:
    """Layers of one round: `mean` and `scale` (inputs,), then weights (in, out) and biases (out,) layer by layer.

    The last layer gives log-odds of article and consent against boilerplate; between layers max(0, x).
    """

    mean: Floats
    scale: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def standardise(self, inputs: Floats) -> Floats:
        """Inputs (N, inputs) as the layers see them: zero mean, unit deviation, cut at CLIP."""
        return np.asarray(np.clip((inputs - self.mean) * self.scale, -CLIP, CLIP), dtype=np.float32)

    def score(self, inputs: Floats) -> Floats:
        """Log-odds (N, 2) of raw inputs (N, inputs)."""
        values = self.standardise(inputs)
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ weights + biases, 0.0)
        return np.asarray(values @ self.weights[-1] + self.biases[-1], dtype=np.float32)

    def explain(self, inputs: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Contributions (N, inputs, 2) and rests (N, 2) that add up to `score`, in float64.

        Each hidden unit is either off or linear for a given block, so the score is linear in that block's inputs: the
        contribution of an input is its standardised value times that slope, the rest what the biases give.
        """
        values = self.standardise(inputs).astype(np.float64)
        slopes = np.broadcast_to(np.eye(values.shape[1]), (len(values), values.shape[1], values.shape[1]))
        start, rest = values, np.zeros((len(values), values.shape[1]))
        for number, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = values @ weights + biases
            slopes, rest = slopes @ weights.astype(np.float64), rest @ weights + biases
            if number < len(self.weights) - 1:
                on = values > 0
                values, slopes, rest = values * on, slopes * on[:, None, :], rest * on
        return start[:, :, None] * slopes, rest


@dataclass(frozen=True, slots=True)
class ContextModel:
    """The rounds of the second stage and the temperature that calibrates the last one."""

    rounds: tuple[Network, ...]
    temperature: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> ContextModel:
        """The model from its stored arrays; KeyError names a missing one."""
        rounds = []
        for number in range(int(arrays["rounds"])):
            own = {name.split(".", 1)[1]: value for name, value in arrays.items() if name.startswith(f"{number}.")}
            layers = sum(name.startswith("weights") for name in own)
            weights = tuple(np.asarray(own[f"weights{k}"], dtype=np.float32) for k in range(layers))
            biases = tuple(np.asarray(own[f"biases{k}"], dtype=np.float32) for k in range(layers))
            mean, scale = (np.asarray(own[name], dtype=np.float32) for name in ("mean", "scale"))
            rounds.append(Network(mean, scale, weights, biases))
        return cls(tuple(rounds), float(arrays["temperature"]))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by name."""
        out: dict[str, NDArray[np.generic]] = {
            "rounds": np.array(len(self.rounds)), "temperature": np.array(self.temperature)}  # fmt: skip
        for number, network in enumerate(self.rounds):
            out[f"{number}.mean"], out[f"{number}.scale"] = network.mean, network.scale
            for k, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
                out[f"{number}.weights{k}"], out[f"{number}.biases{k}"] = weights, biases
        return out

    def score(self, batch: Batch, parts: Floats, shapes: Floats, foreign: Floats) -> Floats:
        """Log-odds of N blocks, float32 (N, 2). Arguments as in `inputs`."""
        odds = np.asarray(parts.sum(axis=1), dtype=np.float32)
        if not batch.size:
            return odds
        for network in self.rounds:
            odds = network.score(inputs(batch, parts, shapes, foreign, odds))
        return np.asarray(odds / np.float32(self.temperature), dtype=np.float32)


def input_names() -> list[str]:
    """Names of the inputs of a round, in order."""
    own = [f"{part} {label}" for part in PARTS for label in ("article", "consent")]
    own += ["score article", "score consent", *shape.NAMES]
    own += ["links", "hidden", "foreign", "foreign before", "foreign after"]
    return own + context_names()


def inputs(batch: Batch, parts: Floats, shapes: Floats, foreign: Floats, odds: Floats) -> Floats:
    """Inputs of a round for N blocks: float32 (N, len(input_names())).

    `parts` (N, 3, 2) and `shapes` (N, numbers) come from the first stage; `foreign` (N,) is how surely a block's
    language differs from its page's, 0 to 1; `odds` (N, 2) the log-odds of the round before.
    """
    lengths = shape.sizes(shapes)
    around = [foreign, shift(foreign, -1, batch.page, 0.0), shift(foreign, 1, batch.page, 0.0)]
    own = [parts.reshape(len(parts), -1), odds, shapes, np.stack([batch.links, batch.hidden, *around], axis=1)]
    return np.concatenate([*own, context(batch, probabilities(odds), lengths)], axis=1, dtype=np.float32)
