"""Texts to what the scorer needs of them: the mean of their n-gram vectors, their script, their number of letters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np

from classifier.language.model_file import Matrices
from classifier.language.ngrams import Indices, Numbers, add_rows
from classifier.language.normalise import BLANK, BREAK, CleanTexts, clean_texts
from classifier.language.scripts import main_scripts
from classifier.language.words import WordVectors
from classifier.settings import PURE_PYTHON


class Reading(NamedTuple):
    """What is read of n texts."""

    vectors: Numbers  # (n, dimension): mean of the vectors of the n-grams, 0 where there is none
    scripts: Indices  # (n,): main script, index in SCRIPTS, 0 for none
    letters: Indices  # (n,): how many letters of it


class Reader(Protocol):
    """Reads the first `window` characters of every text (more where those hold next to no letters)."""

    def read(self, texts: Sequence[str], window: int) -> Reading: ...


class TextReader:
    """Reads many texts at once, in passes over all of them; keeps the vectors of words, which changes no result."""

    def __init__(self, model: Matrices) -> None:
        self._words = WordVectors(model)
        self._lock = Lock()  # a thread must not find a word of which another is still storing the vector

    def read(self, texts: Sequence[str], window: int) -> Reading:
        """See `Reader`."""
        clean = clean_texts(texts, window)
        scripts, letters = main_scripts(clean)
        with self._lock:
            return Reading(self._vectors(clean), scripts, letters)

    def _vectors(self, clean: CleanTexts) -> Numbers:
        gap = (clean.codes == BLANK) | (clean.codes == BREAK)
        edges = np.flatnonzero(np.diff(gap, prepend=True))  # of words: first place, place after, first place, ...
        firsts, lengths = edges[::2], edges[1::2] - edges[::2]
        sums = np.zeros((len(clean.ends), self._words.sums.shape[1]), np.float32)
        if len(firsts):
            counts = np.bincount(np.searchsorted(clean.ends, firsts), minlength=len(clean.ends))
            order = np.argsort(-counts, kind="stable")
            rows = self._words.rows(clean.codes, firsts, lengths)
            ordered = np.zeros_like(sums)
            add_rows(ordered, self._words.sums, rows, (np.cumsum(counts) - counts)[order], counts[order])
            sums[order] = ordered
        return np.divide(sums[:, :-1], np.maximum(sums[:, -1:], 1), dtype=np.float32)


def text_reader(model: Matrices) -> Reader:
    """The compiled reader where it is installed (`compiled_reading.pyx`), the one above otherwise."""
    if not PURE_PYTHON:
        with suppress(ImportError):
            from classifier.language.compiled_reading import CompiledReader

            return CompiledReader(model)
    return TextReader(model)
