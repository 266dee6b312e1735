"""Reads a quantised fastText model (`.ftz`) into arrays, without the fastText library.

Only what our own training writes: a supervised softmax model over character n-grams, no words in the vocabulary, the
input matrix product-quantised, the output matrix not. The layout is that of fastText's `FastText::saveModel`
(version 12): arguments, dictionary, input matrix, output matrix, all little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelError

_MAGIC, _VERSION = 793712314, 12
_LABEL = "__label__"
_CENTROIDS = 256  # per sub-quantiser
_CHUNK = 2048  # rows decoded at once: they stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Matrices:
    """A model as arrays: n-gram hash -> bucket -> row of `inputs`; mean of rows times `outputs` -> logits by label."""

    labels: tuple[str, ...]
    shortest: int  # characters of an n-gram
    longest: int
    rows: NDArray[np.int32]  # (buckets,): row of `inputs`, or the last row, all zero, where the n-gram was pruned
    inputs: NDArray[np.float32]  # (n-grams kept + 1, dimension + 1): the last column is 1 for a kept n-gram, 0 else
    outputs: NDArray[np.float32]  # (dimension, labels)


class _Reader:
    """A cursor over the bytes of a model file."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def numbers(self, layout: str) -> tuple[int, ...]:
        got = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return tuple(map(int, got))

    def array(self, kind: str, count: int) -> NDArray[Any]:
        got = np.frombuffer(self.raw, kind, count, self.at)
        self.at += got.nbytes
        return got

    def text(self) -> str:
        end = self.raw.index(0, self.at)
        got = self.raw[self.at : end].decode("utf-8")
        self.at = end + 1
        return got


def read_model(path: Path) -> Matrices:
    """The arrays of a `.ftz` file; raises ModelError where it is missing, cut short, or of another make."""
    try:
        return _read(_Reader(path.read_bytes()))
    except OSError as error:
        raise ModelError(f"{path}: cannot read the language model ({error}); train one or reinstall") from error
    except (struct.error, ValueError, IndexError) as error:
        raise ModelError(f"{path}: not a language model that this version reads ({error}); train it again") from error


def _read(file: _Reader) -> Matrices:
    if file.numbers("ii") != (_MAGIC, _VERSION):
        raise ValueError("not a fastText file of version 12")
    *_, buckets, shortest, longest, _ = file.numbers("12i")
    file.numbers("q")  # sampling threshold, unused here
    labels, pruned = _read_dictionary(file)
    inputs = _read_quantised(file)
    (quantised_output,) = file.numbers("?")
    if quantised_output:
        raise ValueError("its output matrix is quantised")
    count, dimension = file.numbers("qq")
    outputs = file.array("<f4", count * dimension).reshape(count, dimension).astype(np.float32)
    rows = np.full(buckets, len(inputs) - 1, np.int32)
    if pruned is None:
        rows[:] = np.arange(buckets)
    else:
        rows[pruned[:, 0]] = pruned[:, 1]
    return Matrices(labels, shortest, longest, rows, inputs, np.ascontiguousarray(outputs.T))


def _read_dictionary(file: _Reader) -> tuple[tuple[str, ...], NDArray[np.int32] | None]:
    """Labels, and (bucket, row) pairs of the kept n-grams, None where none were pruned."""
    size, words, _, _, kept = file.numbers("iiiqq")
    if words:
        raise ValueError("it has words in its vocabulary, not n-grams alone")
    labels = []
    for _ in range(size):
        labels.append(file.text().removeprefix(_LABEL))
        file.numbers("qb")  # count and type
    if kept < 0:
        return tuple(labels), None
    return tuple(labels), file.array("<i4", 2 * kept).reshape(kept, 2).astype(np.int32)


def _read_codebook(file: _Reader) -> NDArray[np.float32]:
    """Centroids of a product quantiser: (sub-quantisers, 256, numbers each)."""
    dimension, parts, width, last = file.numbers("4i")
    if last != width:
        raise ValueError("its dimension is no multiple of the quantiser's")
    return file.array("<f4", dimension * _CENTROIDS).reshape(parts, _CENTROIDS, width).astype(np.float32)


def _read_quantised(file: _Reader) -> NDArray[np.float32]:
    """The input matrix, with a column of ones and a last row of zeros added: (n-grams + 1, dimension + 1)."""
    (quantised,) = file.numbers("?")
    if not quantised:
        raise ValueError("it is not quantised")
    has_norms, count, dimension, size = file.numbers("?qqi")
    codes = file.array("u1", size).reshape(count, -1)
    centroids = _read_codebook(file)
    norms = np.ones(count, np.float32)
    if has_norms:
        coded = file.array("u1", count)
        norms = _read_codebook(file)[0, :, 0][coded]
    inputs = np.zeros((count + 1, dimension + 1), np.float32)
    inputs[:count, dimension] = 1
    parts, _, width = centroids.shape
    flat = centroids.reshape(parts * _CENTROIDS, width)
    offsets = np.arange(parts) * _CENTROIDS
    for first in range(0, count, _CHUNK):
        rows = slice(first, min(first + _CHUNK, count))
        found = _take(flat, codes[rows] + offsets).reshape(-1, dimension)
        np.multiply(found, norms[rows, None], out=inputs[rows, :dimension])
    return inputs


def _take(centroids: NDArray[np.float32], at: NDArray[np.intp]) -> NDArray[np.float32]:
    """Rows of a table; pairs travel as one complex number, three times as fast as rows of two."""
    if centroids.shape[1] == 2:
        return centroids.view(np.complex64)[:, 0].take(at).view(np.float32)
    return centroids[at]
