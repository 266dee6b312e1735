"""Second stage: a block in its surroundings, by a small network over numbers that all have names.

The network sees the first stage's scores of a block and of what surrounds it. But for its recurrent layer it is
piecewise linear, so that a score is an exact sum over the inputs (see `explain`) and what the layer adds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.model import shape
from classifier.model.batch import Batch
from classifier.model.blocks import PARTS, Floats, probabilities
from classifier.model.kinds import BARE, MARKUP, PLAIN, kinds_of_pages
from classifier.model.languages import LanguageInputs
from classifier.model.recurrence import Recurrence
from classifier.model.repeats import repeats
from classifier.model.series import bounds_among
from classifier.model.surroundings import NamedColumns, Surroundings, context_names
from classifier.settings import PAGE_HINTS

CLIP = 5.0  # standard deviations at which inputs are cut


def standardise(inputs: Floats, mean: Floats, scale: Floats) -> Floats:
    """Inputs (N, inputs) less `mean`, times `scale` (inputs,), which gives unit deviation, cut at CLIP."""
    values = np.subtract(inputs, mean, dtype=np.float32)
    values *= scale
    return np.clip(values, -CLIP, CLIP, out=values)


@dataclass(frozen=True, slots=True)
class Network:
    """Layers of a network: `mean` and `scale` (inputs,), then weights (in, out) and biases (out,) layer by layer.

    The last layer gives log-odds of article and consent against boilerplate; between layers stands max(0, x) (ReLU).
    Where there is a `recurrence`, it sees what the last layer sees, block by block, and adds to the log-odds.
    """

    mean: Floats
    scale: Floats
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]
    recurrence: Recurrence | None = None

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Network:
        """The network whose stored arrays have names that begin with `prefix`; KeyError names a missing one."""
        layers = sum(name.startswith(f"{prefix}weights") for name in arrays)
        mean, scale = (np.asarray(arrays[prefix + name], dtype=np.float32) for name in ("mean", "scale"))
        weights, biases = (
            tuple(np.asarray(arrays[f"{prefix}{name}{k}"], dtype=np.float32) for k in range(layers))
            for name in ("weights", "biases")
        )
        return cls(mean, scale, weights, biases, Recurrence.from_arrays(arrays, f"{prefix}recurrence."))

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by name."""
        out: dict[str, NDArray[np.generic]] = {f"{prefix}mean": self.mean, f"{prefix}scale": self.scale}
        for k, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True)):
            out[f"{prefix}weights{k}"], out[f"{prefix}biases{k}"] = weights, biases
        return out | (self.recurrence.arrays(f"{prefix}recurrence.") if self.recurrence else {})

    def scaled(self, factor: float) -> Network:
        """A network that gives `factor` times the log-odds."""
        weights, biases = (
            (*layers[:-1], np.asarray(layers[-1] * np.float32(factor))) for layers in (self.weights, self.biases)
        )
        recurrence = self.recurrence and replace(self.recurrence, out=self.recurrence.out * np.float32(factor))
        return replace(self, weights=weights, biases=biases, recurrence=recurrence)

    def standardise(self, inputs: Floats) -> Floats:
        """Inputs (N, inputs) as the layers see them: see the function of that name."""
        return standardise(inputs, self.mean, self.scale)

    def score(self, inputs: Floats, bounds: NDArray[np.int64]) -> Floats:
        """Log-odds (N, 2) of raw inputs (N, inputs); `bounds` (P + 1,) are the first block of each page."""
        values = self.hidden(inputs)
        odds = np.asarray(values @ self.weights[-1] + self.biases[-1], dtype=np.float32)
        return odds + self.recurrence.score(values, bounds) if self.recurrence else odds

    def course(self, inputs: Floats, bounds: NDArray[np.int64]) -> Floats:
        """What the recurrence adds to the log-odds, by what came before, each block included, and what came after.

        (N, 2, 2), or (N, 0, 2) where there is none.
        """
        if not self.recurrence:
            return np.zeros((len(inputs), 0, 2), dtype=np.float32)
        return np.stack(self.recurrence.parts(self.hidden(inputs), bounds), axis=1)

    def hidden(self, inputs: Floats) -> Floats:
        """What the last layer sees of raw inputs (N, inputs): (N, units)."""
        values = self.standardise(inputs)
        for weights, biases in zip(self.weights[:-1], self.biases[:-1], strict=True):
            values = values @ weights
            values += biases
            np.maximum(values, 0.0, out=values)
        return values

    def explain(self, inputs: Floats) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Contributions (N, inputs, 2) and rests (N, 2) that add up to `score` without the recurrence, in float64.

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
class Networks:
    """A network for pages with markup, one for plain text, which lacks half of the inputs, and one for bare markup.

    Models that learned from few pages have none for bare markup: there the one for markup serves.
    """

    markup: Network
    plain: Network
    bare: Network | None = None

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Networks:
        """The networks from their stored arrays; KeyError names a missing one."""
        markup, plain = (Network.from_arrays(arrays, f"{kind}.") for kind in ("markup", "plain"))
        has_bare = any(name.startswith("bare.") for name in arrays)
        return cls(markup, plain, Network.from_arrays(arrays, "bare.") if has_bare else None)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by name."""
        bare = self.bare.arrays("bare.") if self.bare else {}
        return self.markup.arrays("markup.") | self.plain.arrays("plain.") | bare

    def of(self, kind: int) -> Network:
        """The network for a kind of pages (see `model.kinds`)."""
        return {MARKUP: self.markup, PLAIN: self.plain, BARE: self.bare or self.markup}[kind]

    def score(self, inputs: Floats, kinds: NDArray[np.int8], bounds: NDArray[np.int64]) -> Floats:
        """Log-odds (N, 2) of raw inputs (N, inputs).

        `kinds` (N,) tells the kind of each block's page, `bounds` (P + 1,) the first block of each page.
        """
        found = np.unique(kinds).tolist()
        if len(found) == 1:
            return self.of(found[0]).score(inputs, bounds)
        odds = np.empty((len(inputs), 2), dtype=np.float32)
        for kind in found:
            rows = kinds == kind
            odds[rows] = self.of(kind).score(inputs[rows], bounds_among(rows, bounds))
        return odds


@dataclass(frozen=True, slots=True)
class ContextModel:
    """The second stage: networks by kind of page.

    `repeated` are the most log-odds of article that a text keeps where it repeats one above it (see `model.repeats`);
    `notice_names` the names of elements that ask for consent.
    """

    networks: Networks
    repeated: float = math.inf
    notice_names: tuple[str, ...] = ()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> ContextModel:
        """The model from its stored arrays; KeyError names a missing one, ValueError says what is wrong with one."""
        names = tuple(str(name) for name in arrays["notice_names"].tolist())
        return cls(Networks.from_arrays(arrays), float(np.asarray(arrays["repeated"])), names)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays to store, by name."""
        own = {"repeated": np.array(self.repeated), "notice_names": np.array(self.notice_names, dtype=np.str_)}
        return own | self.networks.arrays()

    def score(self, batch: Batch, parts: Floats, shapes: Floats, languages: LanguageInputs) -> Floats:
        """Log-odds of N blocks, float32 (N, 2). Arguments as in `inputs`."""
        if not batch.size:
            return np.zeros((0, 2), dtype=np.float32)
        values, kinds = inputs(batch, parts, shapes, languages, self.notice_names), kinds_of_pages(batch)[batch.page]
        return cut_repeats(batch, shapes, self.networks.score(values, kinds, batch.bounds), self.repeated)


def cut_repeats(batch: Batch, shapes: Floats, odds: Floats, most: float) -> Floats:
    """Log-odds (N, 2) where a text that repeats one above it has at most `most` as log-odds of article."""
    again = repeats(batch, shape.sizes(shapes), odds)
    out = odds.copy()
    out[again, 0] = np.minimum(out[again, 0], np.float32(most))
    return out


def input_names() -> list[str]:
    """Names of the inputs, in order."""
    own = [f"{part} {label}" for part in PARTS for label in ("article", "consent")]
    own += ["score article", "score consent", *shape.NAMES]
    own += ["links", "hidden", "foreign", "foreign before", "foreign after"]
    own += [f"hint {name}" for name in PAGE_HINTS]
    return own + context_names()


def inputs(
    batch: Batch, parts: Floats, shapes: Floats, languages: LanguageInputs, names: tuple[str, ...] = ()
) -> Floats:  # fmt: skip
    """Inputs of the networks for the N blocks of a batch: float32 (N, len(input_names())).

    `parts` (N, 3, 2) and `shapes` (N, numbers) come from the first stage; `languages` are those of the blocks,
    `names` those of elements that ask for consent.
    """
    around = Surroundings(batch, shape.sizes(shapes), languages.code, names)
    row = {name: place for place, name in enumerate(input_names())}
    values = np.empty((len(row), batch.size), dtype=np.float32)  # a row a name: quick to fill

    def fill(columns: NamedColumns) -> None:
        for name, column in columns.items():
            values[row[name]] = column

    odds, foreign = np.asarray(parts.sum(axis=1), dtype=np.float32), languages.foreign
    fill(dict(zip(row, parts.reshape(len(parts), -1).T, strict=False)))
    fill(dict(zip(shape.NAMES, shapes.T, strict=True)))
    before, after = (around.series.shift(foreign, by, 0.0) for by in (-1, 1))
    fill({"score article": odds[:, 0], "score consent": odds[:, 1], "links": batch.links, "hidden": batch.hidden,
          "foreign": foreign, "foreign before": before, "foreign after": after})  # fmt: skip
    fill({f"hint {name}": column for name, column in zip(PAGE_HINTS, batch.hints[batch.page].T, strict=True)})
    fill(around.fixed())
    words, markup = (np.ascontiguousarray(parts[:, PARTS.index(name), 0]) for name in ("text", "markup"))
    fill(around.worded(words, markup))
    fill(around.scored(probabilities(odds)))
    return values.T
