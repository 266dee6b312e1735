"""Tokens of elements: the words of their tag, class and id names, hashed, for a block's element and those around it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classifier.model.ngrams import PAIR_KIND, WORD_KIND, Ints, Substrings, bucket, encode
from classifier.records import tag_of
from classifier.settings import PURE_PYTHON

# how an element stands to the block; ancestor: any, self included
ROLES = ("self", "parent", "grandparent", "ancestor")
ROLE_STEP = 16  # kinds between two roles, so that no token of one role shares its kind with another
_CHUNK = 512  # keys read at once, see `blocks`

TAG_GROUPS = (
    "p", "h1", "h2", "h3 h4 h5 h6", "li dd", "td th caption", "a", "button input", "span", "div", "blockquote q",
    "figcaption", "pre code", "label legend", "time", "b strong em i", "dt", "article section main",
    "nav header footer aside", "summary details",
)  # fmt: skip
_WHOLE_PAGE = ("html", "body")  # their names tell what a page holds, not what they are
_GROUP = {tag: i for i, tags in enumerate(TAG_GROUPS) for tag in tags.split()}


@dataclass(frozen=True, slots=True)
class Tokens:
    """m tokens of elements: `owner` the element of each, `hashes` uint64, `kinds` word or pair of words; (m,) each."""

    owner: Ints
    hashes: NDArray[np.uint64]
    kinds: Ints

    def buckets(self, role: int, bits: int) -> Ints:
        """Buckets of the tokens in one role, an index into ROLES: (m,), below 2**bits."""
        out = np.empty(len(self.hashes), dtype=np.int64)
        for kind in (WORD_KIND, PAIR_KIND):
            of_kind = self.kinds == kind
            out[of_kind] = bucket(self.hashes[of_kind], ROLE_STEP * (role + 1) + kind, bits)
        return out


def tokens(keys: Sequence[str]) -> Tokens:
    """The words of elements as written ("div\\tclass=post-body"), and pairs of neighbouring words."""
    if not keys:
        return Tokens(np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.int64))
    frames = encode(keys)
    at, words, pair_at, pairs = Substrings(frames).words()
    owner = np.searchsorted(frames.starts, np.concatenate([at, pair_at]), side="right") - 1
    kinds = np.concatenate([np.full(len(at), WORD_KIND), np.full(len(pair_at), PAIR_KIND)])
    return Tokens(owner, np.concatenate([words, pairs]), kinds)


def key_weights_in_numpy(keys: Sequence[str], weights: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Sum of the weights of each key's tokens, by role: (len(ROLES), n), each a complex number of both columns.

    `weights` (2**bits, 2) are those of the buckets.
    """
    if not keys:
        return np.zeros((len(ROLES), 0), dtype=np.complex64)
    parts = [_chunk_weights(keys[i : i + _CHUNK], weights) for i in range(0, len(keys), _CHUNK)]
    return np.concatenate(parts, axis=1)


def _chunk_weights(keys: Sequence[str], weights: NDArray[np.float32]) -> NDArray[np.complex64]:
    table, bits = weights.view(np.complex64)[:, 0], (len(weights) - 1).bit_length()
    frames = encode(keys)
    at, words, pair_at, pairs = Substrings(frames).words()
    ends = np.append(frames.starts[1:], len(frames.codes))
    total = np.zeros((len(ROLES), len(keys)), dtype=np.complex128)
    for places, hashes, kind in ((at, words, WORD_KIND), (pair_at, pairs, PAIR_KIND)):
        sums = np.zeros((len(ROLES), len(places) + 1), dtype=np.complex128)
        for role in range(len(ROLES)):
            np.cumsum(table.take(bucket(hashes, ROLE_STEP * (role + 1) + kind, bits)), out=sums[role, 1:])
        total += sums[:, np.searchsorted(places, ends)] - sums[:, np.searchsorted(places, frames.starts)]
    return total.astype(np.complex64)


@lru_cache(maxsize=65536)
def group(key: str) -> int:
    """The group of an element's tag: an index into TAG_GROUPS, or len(TAG_GROUPS) for any other."""
    return _GROUP.get(tag_of(key), len(TAG_GROUPS))


def with_name(keys: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Which elements have one of the `names` in their class, id, role or label: (n,). "html" and "body" never count."""
    found = hold_any(keys, names)
    for place in np.flatnonzero(found).tolist():
        found[place] = tag_of(keys[place]) not in _WHOLE_PAGE
    return found


def hold_any_in_python(texts: Sequence[str], names: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts hold one of the names: (n,)."""
    return np.fromiter((any(name in text for name in names) for text in texts), dtype=bool, count=len(texts))


hold_any = hold_any_in_python
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_columns import hold_any
