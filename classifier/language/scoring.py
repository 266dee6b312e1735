"""Scores of languages for texts standing alone: fastText's linear model, the script as a mask, priors, calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from classifier.language.codes import script_of
from classifier.language.model_file import Matrices
from classifier.language.normalise import LONG_WINDOW, WINDOW
from classifier.language.reading import Reading, text_reader
from classifier.language.scripts import SCRIPTS

Numbers = NDArray[np.float32]
Indices = NDArray[np.intp]

_CERTAIN = 0.98  # a beginning with this score decides for the whole of a long text
_CHUNK = 512  # texts at once: their scores stay in the processor's cache
_BLOCK = 16  # texts multiplied at once
FEWEST_LETTERS = 2  # below, a text says nothing
_IMPOSSIBLE = np.float32(-30.0)  # log probability of a language not written in the script of the text


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure to be, and which languages to expect: both differ between a word and a paragraph.

    With `share = letters / (letters + half)`, from 0 for an empty text towards 1 for a long one, the model's logits are
    multiplied by `low + (high - low) * share`. `priors` holds two numbers for a language, one for short and one for
    long texts, mixed by the same share and added.
    """

    low: float = 1.0
    high: float = 1.0
    half: float = 20.0
    priors: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def share(self, letters: Indices) -> Numbers:
        return np.asarray(letters / (letters + self.half), np.float32)[:, None]


@dataclass(frozen=True, slots=True)
class TextScores:
    """What the texts of a batch say about their language, without context.

    Log probabilities of the languages of a text's script are a row of one of the `parts`; a text without letters, or in
    a script that no known language uses, is in none and has `best` -1 and `sure` 0.
    """

    best: Indices  # (texts,): index of the likeliest label, -1 for none
    sure: Numbers  # (texts,): its probability
    letters: Indices  # (texts,)
    scripts: Indices  # (texts,): index in SCRIPTS
    part: Indices  # (texts,): index in `parts`, -1 for none
    row: Indices  # (texts,)
    columns: Indices  # (scripts, labels): place of a label among those of a script, -1 where it has another
    parts: list[Numbers] = field(default_factory=list)  # log probabilities, (texts of one script, its labels) each

    def enter(self, texts: Indices, labels: Indices, logs: Numbers) -> None:
        """Note the log probabilities of `labels` (columns, all of the texts' script) for `texts` (rows)."""
        top = logs.argmax(axis=1)
        self.best[texts] = labels[top]
        self.sure[texts] = np.exp(logs[np.arange(len(texts)), top])
        self.part[texts] = len(self.parts)
        self.row[texts] = np.arange(len(texts))
        self.parts.append(logs)

    def trust(self, half: float) -> Numbers:
        """How far each text is to be believed beside others, 0 to 1: half at `half` letters."""
        return np.asarray(self.letters / (self.letters + half), np.float32)

    def of(self, texts: Indices, labels: Indices) -> Numbers:
        """Log probabilities of labels (texts, any number) for texts: an array shaped like `labels`."""
        found = np.full(labels.shape, _IMPOSSIBLE)
        part = self.part[texts]
        for index, logs in enumerate(self.parts):
            here = np.flatnonzero(part == index)
            if len(here):
                column = self.columns[self.scripts[texts[here[0]]], labels[here]]
                values = logs[self.row[texts[here]][:, None], column]
                found[here] = np.where(column < 0, _IMPOSSIBLE, values)
        return found


def distinct_texts(texts: Iterable[str]) -> tuple[list[str], Indices]:
    """Each different text once, and for every text its index among those."""
    places: dict[str, int] = {}
    where = [places.setdefault(text, len(places)) for text in texts]
    return list(places), np.array(where, np.intp)


class TextScorer:
    """Scores texts with the arrays of a model; keeps the vectors of words between calls, which changes no score."""

    def __init__(self, model: Matrices, calibration: Calibration) -> None:
        self._model = model
        self._calibration = calibration
        priors = np.array([calibration.priors.get(tag, (0.0, 0.0)) for tag in model.labels], np.float32)
        weights = np.vstack([model.outputs, priors.T])
        self._of_script: list[tuple[Indices, Numbers]] = []  # labels written in it, their weights
        self._reader = text_reader(model)
        self._columns = np.full((len(SCRIPTS), len(model.labels)), -1, np.intp)
        for index, script in enumerate(SCRIPTS):
            labels = [at for at, tag in enumerate(model.labels) if _may_be(script, script_of(tag))]
            self._columns[index, labels] = np.arange(len(labels))
            # in one piece of memory, as the product of matrices is three times as slow otherwise
            self._of_script.append((np.array(labels, np.intp), np.ascontiguousarray(weights[:, labels])))

    def score(self, texts: Sequence[str]) -> TextScores:
        """Scores of all texts, each standing alone; long ones are read on where their beginning leaves doubt."""
        vectors, scripts, letters = self._read(texts, WINDOW)
        best = np.full(len(texts), -1, np.intp)
        sure = np.zeros(len(texts), np.float32)
        scores = TextScores(best, sure, letters, scripts, best.copy(), best.copy(), self._columns)
        self._fill(scores, np.arange(len(texts)), vectors)
        long = np.fromiter(map(len, texts), np.intp, len(texts)) > WINDOW
        doubtful = np.flatnonzero(long & (sure < _CERTAIN))
        if len(doubtful):
            further = self._read([texts[i] for i in doubtful.tolist()], LONG_WINDOW)
            scores.scripts[doubtful], scores.letters[doubtful] = further.scripts, further.letters
            self._fill(scores, doubtful, further.vectors)
        return scores

    def _read(self, texts: Sequence[str], window: int) -> Reading:
        found = self._reader.read(texts, window)
        return found._replace(scripts=np.where(found.letters < FEWEST_LETTERS, 0, found.scripts))

    def _fill(self, scores: TextScores, texts: Indices, vectors: Numbers) -> None:
        """Enter the scores of `texts`, whose vectors are given, script by script."""
        scripts = scores.scripts[texts]
        for script in np.flatnonzero(np.bincount(scripts)):
            labels, weights = self._of_script[script]
            if script == 0 or not len(labels):
                continue
            chosen = np.flatnonzero(scripts == script)
            logs = self._logs(vectors[chosen], weights, scores.letters[texts[chosen]])
            scores.enter(texts[chosen], labels, logs)

    def logits(self, texts: Sequence[str]) -> tuple[Numbers, Indices]:
        """For tuning: uncalibrated logits of all labels, -inf where the script rules a label out, and letters."""
        vectors, scripts, letters = self._reader.read(texts, LONG_WINDOW)
        logits = _product(vectors, self._model.outputs)
        logits[self._columns[scripts] < 0] = -np.inf
        return logits, letters

    def _logs(self, vectors: Numbers, weights: Numbers, letters: Indices) -> Numbers:
        """Calibrated log probabilities of the labels that `weights` (dimension + 2, labels) are of: (texts, labels)."""
        if weights.shape[1] == 1:
            return np.zeros((len(vectors), 1), np.float32)
        low, high = self._calibration.low, self._calibration.high
        share = self._calibration.share(letters)
        scaled = vectors * (low + (high - low) * share)
        logs = _product(np.hstack([scaled, 1 - share, share]), weights)
        for first in range(0, len(vectors), _CHUNK):
            part = logs[first : first + _CHUNK]
            part -= part.max(axis=1, keepdims=True)
            part -= np.log(np.exp(part).sum(axis=1, keepdims=True))
        return logs


def _product(vectors: Numbers, weights: Numbers) -> Numbers:
    """`vectors @ weights`, in blocks of one size: a row's product then never depends on the rows that come with it.

    The blocks are also too small for BLAS to wake further threads, which cost more than they save.
    """
    rows = len(vectors)
    padded = np.zeros((-(-rows // _BLOCK) * _BLOCK, vectors.shape[1]), np.float32)
    padded[:rows] = vectors
    product = np.empty((len(padded), weights.shape[1]), np.float32)
    for first in range(0, len(padded), _BLOCK):
        np.matmul(padded[first : first + _BLOCK], weights, out=product[first : first + _BLOCK])
    return product[:rows]


def _may_be(script: str, own: str) -> bool:
    """Whether text mostly in `script` may be a language written in `own`: Han alone may be Japanese too."""
    return script == own or (script == "Hani" and own == "Jpan")
