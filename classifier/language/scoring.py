"""Scores of languages for texts standing alone: fastText's linear model, the script as a mask, priors, calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from classifier.language.codes import script_of
from classifier.language.model_file import Matrices
from classifier.language.ngrams import word_sums
from classifier.language.normalise import BLANK, BREAK, CleanTexts, clean_texts
from classifier.language.scripts import SCRIPTS, main_scripts

Numbers = NDArray[np.float32]
Indices = NDArray[np.intp]

MOST_WORDS = 150_000  # words whose vectors are kept between batches: some 20 MB at 32 dimensions
_CHUNK = 512  # texts at once: their scores stay in the processor's cache
FEWEST_LETTERS = 2  # below, a text says nothing
_IMPOSSIBLE = np.float32(-30.0)  # log probability of a language not written in the script of the text


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure to be: the model's logits are multiplied by low + (high - low) * letters / (letters + half)."""

    low: float = 1.0
    high: float = 1.0
    half: float = 20.0

    def factor(self, letters: Indices) -> Numbers:
        share = letters / (letters + self.half)
        return np.asarray(self.low + (self.high - self.low) * share, np.float32)


@dataclass(frozen=True, slots=True)
class TextScores:
    """What the texts of a batch say about their language, without context.

    Log probabilities of the languages of a text's script lie in `values` from `starts[text]` on; a text without
    letters, or in a script that no known language uses, has `best` -1 and `sure` 0.
    """

    best: Indices  # (texts,): index of the likeliest label, -1 for none
    sure: Numbers  # (texts,): its probability
    letters: Indices  # (texts,)
    scripts: Indices  # (texts,): index in SCRIPTS
    starts: Indices  # (texts,): first place of the text in `values`
    values: Numbers
    columns: Indices  # (scripts, labels): place of a label among those of a script, -1 where it has another

    def of(self, texts: Indices, labels: Indices) -> Numbers:
        """Log probabilities of labels for texts; the two index arrays are broadcast."""
        column = self.columns[self.scripts[texts], labels]
        place = np.where(column < 0, 0, self.starts[texts] + column)
        got: Numbers = np.where(column < 0, _IMPOSSIBLE, self.values[place])
        return got


class _Places(dict[str, int]):
    """Word to place, a word not seen before getting the next place."""

    def __missing__(self, word: str) -> int:
        place = self[word] = len(self)
        return place


class _WordCache:
    """Vectors of the words seen so far, n-gram count in the last column."""

    def __init__(self, model: Matrices) -> None:
        self._model = model
        self._places = _Places()
        self.sums = np.zeros((1024, model.inputs.shape[1]), np.float32)

    def rows(self, words: Sequence[str]) -> Indices:
        """Row of each word in `sums`, new words computed first."""
        if len(self._places) > MOST_WORDS:
            self._places.clear()
        known = len(self._places)
        rows = np.fromiter(map(self._places.__getitem__, words), np.intp, len(words))
        now = len(self._places)
        if now > len(self.sums):
            grown = np.zeros((max(now, 2 * len(self.sums)), self.sums.shape[1]), np.float32)
            grown[:known] = self.sums[:known]
            self.sums = grown
        self.sums[known:now] = word_sums(list(islice(reversed(self._places), now - known))[::-1], self._model)
        return rows


class TextScorer:
    """Scores texts with the arrays of a model; keeps the vectors of words between calls, which never changes a score."""

    def __init__(self, model: Matrices, priors: Mapping[str, float], calibration: Calibration) -> None:
        self._model = model
        self._calibration = calibration
        self._priors = np.array([priors.get(tag, 0.0) for tag in model.labels], np.float32)
        self._cache = _WordCache(model)
        self._columns = np.full((len(SCRIPTS), len(model.labels)), -1, np.intp)
        for index, script in enumerate(SCRIPTS):
            labels = [at for at, tag in enumerate(model.labels) if _may_be(script, script_of(tag))]
            self._columns[index, labels] = np.arange(len(labels))

    def score(self, texts: Sequence[str]) -> TextScores:
        """Scores of all texts, each standing alone."""
        clean = clean_texts(texts)
        scripts, letters = main_scripts(clean)
        scripts = np.where(letters < FEWEST_LETTERS, 0, scripts)
        vectors = self._vectors(clean)
        best = np.full(len(texts), -1, np.intp)
        sure = np.zeros(len(texts), np.float32)
        starts = np.zeros(len(texts), np.intp)
        values: list[Numbers] = [np.zeros(1, np.float32)]
        size = 1
        for script in np.flatnonzero(np.bincount(scripts, minlength=1)):
            labels = np.flatnonzero(self._columns[script] >= 0)
            chosen = np.flatnonzero(scripts == script)
            if script == 0 or not len(labels):
                continue
            logs = self._logs(vectors[chosen], labels, letters[chosen])
            top = logs.argmax(axis=1)
            best[chosen] = labels[top]
            sure[chosen] = np.exp(logs[np.arange(len(chosen)), top])
            starts[chosen] = size + len(labels) * np.arange(len(chosen))
            size += logs.size
            values.append(logs.ravel())
        return TextScores(best, sure, letters, scripts, starts, np.concatenate(values), self._columns)

    def logits(self, texts: Sequence[str]) -> tuple[Numbers, Indices]:
        """For tuning: uncalibrated logits of all labels, -inf where the script rules a label out, and letters."""
        clean = clean_texts(texts)
        scripts, letters = main_scripts(clean)
        logits = self._vectors(clean) @ self._model.outputs
        logits[self._columns[scripts] < 0] = -np.inf
        return logits, letters

    def _vectors(self, clean: CleanTexts) -> Numbers:
        """Mean of the n-gram vectors of each text: (texts, dimension)."""
        gap = (clean.codes == BLANK) | (clean.codes == BREAK)
        begins = np.flatnonzero(~gap & np.append(True, gap[:-1]))
        words = clean.codes.astype("<u4").tobytes().decode("utf-32-le").split()
        sums = np.zeros((len(clean.ends), self._model.inputs.shape[1]), np.float32)
        if words:
            owner = np.searchsorted(clean.ends, begins)
            starts = np.flatnonzero(np.diff(owner, prepend=-1))
            rows = self._cache.rows(words)
            sums[owner[starts]] = np.add.reduceat(self._cache.sums[rows], starts, axis=0)
        return sums[:, :-1] / np.maximum(sums[:, -1:], 1)

    def _logs(self, vectors: Numbers, labels: Indices, letters: Indices) -> Numbers:
        """Calibrated log probabilities of `labels`: (texts, labels)."""
        logs = np.zeros((len(vectors), len(labels)), np.float32)
        if len(labels) == 1:
            return logs
        weights = self._model.outputs[:, labels]
        factors = self._calibration.factor(letters)[:, None]
        for first in range(0, len(vectors), _CHUNK):
            part = logs[first : first + _CHUNK]
            np.matmul(vectors[first : first + _CHUNK], weights, out=part)
            part *= factors[first : first + _CHUNK]
            part += self._priors[labels]
            part -= part.max(axis=1, keepdims=True)
            part -= np.log(np.exp(part).sum(axis=1, keepdims=True))
        return logs


def _may_be(script: str, own: str) -> bool:
    """Whether text whose letters are mostly of `script` may be a language written in `own`; Han alone may be Japanese."""
    return script == own or (script == "Hani" and own == "Jpan")
