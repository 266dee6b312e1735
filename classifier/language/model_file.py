"""Reads a quantised fastText model (`.ftz`) into arrays, without the fastText library.

Only what our own training writes: a supervised softmax model over character n-grams, no words in the vocabulary, the
input matrix product-quantised, the output matrix not. The layout is that of fastText's `FastText::saveModel`
(version 12): arguments, dictionary, input matrix, output matrix, all little-endian.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from functools import cached_property
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
class Quantised:
    """The input matrix as it is stored: a row is its norm times its centroids, one after the other."""

    codes: NDArray[np.uint8]  # (n-grams kept, parts): which centroid of each part
    norm_codes: NDArray[np.uint8]  # (n-grams kept,): which norm
    centroids: NDArray[np.float32]  # (parts, 256, numbers each)
    norms: NDArray[np.float32]  # (256,)

    @property
    def dimension(self) -> int:
        """Numbers of a row."""
        return int(self.centroids.shape[0] * self.centroids.shape[2])

    def unpacked(self) -> NDArray[np.float32]:
        """The matrix, with a column of ones and a last row of zeros added: (n-grams kept + 1, dimension + 1)."""
        (count, parts), dimension = self.codes.shape, self.dimension
        inputs = np.zeros((count + 1, dimension + 1), np.float32)
        inputs[:count, dimension] = 1
        flat = self.centroids.reshape(-1, self.centroids.shape[2])
        offsets = np.arange(parts) * _CENTROIDS
        for first in range(0, count, _CHUNK):
            rows = slice(first, min(first + _CHUNK, count))
            found = _take(flat, self.codes[rows] + offsets).reshape(-1, dimension)
            np.multiply(found, self.norms[self.norm_codes[rows], None], out=inputs[rows, :dimension])
        return inputs


@dataclass(frozen=True)
class Matrices:
    """A model as arrays: n-gram hash -> bucket -> row of `inputs`; mean of rows times `outputs` -> logits by label."""

    labels: tuple[str, ...]
    shortest: int  # characters of an n-gram
    longest: int
    rows: NDArray[np.int32]  # (buckets,): row of `inputs`, or the last row, all zero, where the n-gram was pruned
    packed: Quantised
    outputs: NDArray[np.float32]  # (dimension, labels)

    @cached_property
    def inputs(self) -> NDArray[np.float32]:
        """See `Quantised.unpacked`; some 80 MB, which compiled code does without."""
        return self.packed.unpacked()


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


def read_model(path: Path, sha256: str | None = None) -> Matrices:
    """The arrays of a `.ftz` file, whose hash must be `sha256` where it is given.

    Raises ModelError where the file is missing, changed, cut short, or of another make.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot read the language model ({error}); train one or reinstall") from error
    if sha256 is not None and hashlib.sha256(raw).hexdigest() != sha256:
        raise ModelError(f"{path}: changed since language.json was written; restore the file or train it again")
    try:
        return _read(_Reader(raw))
    except (struct.error, ValueError, IndexError) as error:
        raise ModelError(f"{path}: not a language model that this version reads ({error}); train it again") from error


def _read(file: _Reader) -> Matrices:
    if file.numbers("ii") != (_MAGIC, _VERSION):
        raise ValueError("not a fastText file of version 12")
    *_, buckets, shortest, longest, _ = file.numbers("12i")
    if buckets < 1 or not 1 <= shortest <= longest:
        raise ValueError("it has no n-grams")
    file.numbers("q")  # sampling threshold, unused here
    labels, pruned = _read_dictionary(file)
    packed = _read_quantised(file)
    (quantised_output,) = file.numbers("?")
    if quantised_output:
        raise ValueError("its output matrix is quantised")
    count, dimension = file.numbers("qq")
    outputs = file.array("<f4", count * dimension).reshape(count, dimension).astype(np.float32)
    rows = np.full(buckets, len(packed.codes), np.int32)
    if pruned is None:
        rows[:] = np.arange(buckets)
    else:
        rows[pruned[:, 0]] = pruned[:, 1]
    if rows.min() < 0 or rows.max() > len(packed.codes) or count != len(labels):
        raise ValueError("its parts do not fit together")
    return Matrices(labels, shortest, longest, rows, packed, np.ascontiguousarray(outputs.T))


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


def _read_quantised(file: _Reader) -> Quantised:
    (quantised,) = file.numbers("?")
    if not quantised:
        raise ValueError("it is not quantised")
    has_norms, count, dimension, size = file.numbers("?qqi")
    codes = file.array("u1", size).reshape(count, -1)
    centroids = _read_codebook(file)
    if len(centroids) != codes.shape[1] or len(centroids) * centroids.shape[2] != dimension:
        raise ValueError("its quantiser is of another size than its rows")
    if not has_norms:
        return Quantised(codes, np.zeros(count, np.uint8), centroids, np.ones(_CENTROIDS, np.float32))
    norm_codes = file.array("u1", count)
    return Quantised(codes, norm_codes, centroids, _read_codebook(file)[0, :, 0])


def _take(centroids: NDArray[np.float32], at: NDArray[np.intp]) -> NDArray[np.float32]:
    """Rows of a table; pairs travel as one complex number, three times as fast as rows of two."""
    if centroids.shape[1] == 2:
        return centroids.view(np.complex64)[:, 0].take(at).view(np.float32)
    return centroids[at]
