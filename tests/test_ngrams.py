"""Hashed n-grams and words of many texts at once against a plain loop over each text alone."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_pages import TEXTS

from classifier.model.blocks import feature_counts
from classifier.model.ngrams import (
    HEAD,
    ORDERS,
    PAD,
    PAIR_KIND,
    TAIL,
    WORD_KIND,
    Substrings,
    bucket,
    clip,
    encode,
)
from classifier.training.first_stage import NgramCounts

BITS = 18
MASK = 2**64 - 1
BASE, MIX = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93


def plain_bucket(codes, kind):
    """The hash as its module describes it, with Python's own integers."""
    total = sum(code * pow(BASE, place, 2**64) for place, code in enumerate(codes)) & MASK
    mixed = ((total + kind) * MIX) & MASK
    mixed ^= mixed >> 32
    return ((mixed * MIX) & MASK) >> (64 - BITS)


def folded(text):
    signs = []
    for sign in clip(text):
        low = sign.lower()
        if ord(sign) >= 0x30000:
            signs.append(0x2FFFF)
        elif sign.isdecimal():
            signs.append(ord("0"))
        elif sign.isspace():
            signs.append(ord(" "))
        else:
            signs.append(ord(low) if len(low) == 1 else ord(sign))
    return [2, *signs, *[3] * PAD]


def plain_counts(text):
    codes = folded(text)
    found = Counter()
    for order in ORDERS:
        found.update(plain_bucket(codes[i : i + order], order) for i in range(len(codes) - order + 1))
    words, start = [], None
    for place, code in enumerate([*codes, 3]):
        inside = chr(code).isalnum()
        if inside and start is None:
            start = place
        if not inside and start is not None:
            words.append((start, place))
            start = None
    found.update(plain_bucket(codes[a:b], WORD_KIND) for a, b in words)
    for (a, b), (c, d) in zip(words, words[1:], strict=False):
        if c - b <= 3:
            found[plain_bucket(codes[a:d], PAIR_KIND)] += 1
    return found


def rows(texts):
    """Counts of each text by bucket, as the transformer gives them, not divided."""
    frames = encode(texts)
    at, _, pair_at, _ = Substrings(frames).words()
    matrix = NgramCounts(BITS).transform(texts).multiply(np.sqrt(feature_counts(frames, at, pair_at))[:, None]).tocsr()
    out = []
    for i in range(len(texts)):
        row = matrix.getrow(i)
        out.append(Counter({int(b): round(float(n), 3) for b, n in zip(row.indices, row.data, strict=True)}))
    return out


@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_a_batch_counts_what_a_plain_loop_counts(texts):
    assert rows(texts) == [plain_counts(text) for text in texts]


@given(st.lists(TEXTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_no_text_leaks_into_its_neighbours(texts, random):
    alone = {text: NgramCounts(BITS).transform([text]) for text in texts}
    random.shuffle(texts)
    together = NgramCounts(BITS).transform(texts)
    for i, text in enumerate(texts):
        assert (together.getrow(i) != alone[text]).nnz == 0


def test_a_batch_larger_than_a_chunk_is_counted_whole(monkeypatch):
    monkeypatch.setattr("classifier.training.first_stage._CHUNK", 3)
    texts = [f"text {i}" for i in range(10)]
    assert (NgramCounts().transform(texts) != NgramCounts().transform(texts[:4] + texts[4:])).nnz == 0
    assert NgramCounts().transform(texts).shape == (10, 2**BITS)
    assert NgramCounts().transform([]).shape == (0, 2**BITS)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ferry", "FERRY", True),
        ("in 1984", "in 2026", True),
        ("a b", "a\xa0b", True),
        ("a b", "a\nb", True),
        ("ferry", "ferrý", False),
        ("", " ", False),
        ("\U0003ffff", "\U0010ffff", True),
        ("\ud800", "\udfff", False),
    ],
)
def test_folding(one, other, same):
    assert (rows([one]) == rows([other])) is same


def test_of_a_long_text_the_start_and_the_end_are_read():
    head, tail = "h" * HEAD, "t" * TAIL
    assert clip(head + tail) == head + tail
    assert clip(head + "x" + tail) == head + tail
    assert rows([head + "middle " * 1000 + tail]) == rows([head + tail])


@pytest.mark.parametrize("kind", [1, WORD_KIND, PAIR_KIND])
def test_buckets_spread(kind):
    hashes = np.arange(100_000, dtype=np.uint64)
    found = np.bincount(bucket(hashes, kind, 8), minlength=256)
    assert len(found) == 256
    assert found.min() > 250 and found.max() < 550


def test_nothing_is_encoded_to_nothing():
    frames = encode([])
    assert len(frames.raw) == len(frames.codes) == len(frames.starts) == 0
