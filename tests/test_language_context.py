"""Page context against all paths tried one by one, and the table of words against sums made afresh."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.language import words
from classifier.language.context import ContextSettings, smooth
from classifier.language.groups import Groups
from classifier.language.model_file import Matrices, Quantised
from classifier.language.ngrams import word_sums
from classifier.language.normalise import WINDOW
from classifier.language.reading import TextReader
from classifier.language.scoring import TextScores
from classifier.language.scripts import SCRIPTS

LABELS = 3
SWITCH = 4.0
SETTINGS = ContextSettings(np.ones(LABELS, bool), switch=SWITCH, rarity=0.0, floor=-100.0, half=0.0, candidates=LABELS)


def scores_of(logs: np.ndarray) -> TextScores:
    """Texts of one script, long enough to be believed, with the log probabilities given."""
    texts = len(logs)
    columns = np.full((len(SCRIPTS), LABELS), -1)
    columns[1] = np.arange(LABELS)
    best = logs.argmax(axis=1)
    sure = np.exp(logs.max(axis=1))
    ones = np.ones(texts, np.intp)
    return TextScores(best, sure, 100 * ones, ones, 0 * ones, np.arange(texts), columns, [logs])


def best_paths(logs: np.ndarray) -> tuple[float, list[tuple[int, ...]]]:
    """The highest score of a path of languages, and all paths next to it, by trying every one."""
    found = []
    for path in product(range(LABELS), repeat=len(logs)):
        changes = sum(a != b for a, b in zip(path, path[1:], strict=False))
        found.append((float(logs[np.arange(len(path)), path].sum()) - SWITCH * changes, path))
    highest = max(found)[0]
    return highest, [path for score, path in found if score > highest - 1e-3]


block = st.lists(st.floats(-12, 0, width=32), min_size=LABELS, max_size=LABELS)


@given(st.lists(st.lists(block, min_size=1, max_size=6), min_size=1, max_size=4))
def test_labels_are_those_of_a_best_path(pages: list[list[list[float]]]) -> None:
    logs = np.array([b for page in pages for b in page], np.float32)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    lengths = np.array([len(page) for page in pages])
    labels, sure = smooth(scores_of(logs), np.arange(len(logs)), lengths, SETTINGS, Groups(["xa", "xb", "xc"]))
    assert ((sure > 0) & (sure <= 1 + 1e-6)).all()
    for end, length in zip(np.cumsum(lengths), lengths, strict=True):
        own = labels[end - length : end]
        _, paths = best_paths(logs[end - length : end])
        for place, label in enumerate(own):
            assert label in {path[place] for path in paths}


def random_model(seed: int) -> Matrices:
    rng = np.random.default_rng(seed)
    packed = Quantised(
        rng.integers(0, 256, (100, 2), dtype=np.uint8), rng.integers(0, 256, 100, dtype=np.uint8),
        rng.normal(size=(2, 256, 2)).astype(np.float32), rng.normal(size=256).astype(np.float32),
    )  # fmt: skip
    outputs = rng.normal(size=(4, 2)).astype(np.float32)
    return Matrices(("en", "tr"), 1, 5, rng.integers(0, 101, 1000).astype(np.int32), packed, outputs)


def test_words_found_again_have_the_sums_they_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_WORDS", 400)
    monkeypatch.setattr(words, "FIRST_BITS", 3)
    model, rng = random_model(1), np.random.default_rng(2)
    kept = words.WordVectors(model)
    for _ in range(8):
        lengths = rng.integers(1, 12, 200)
        codes = rng.integers(97, 105, lengths.sum()).astype(np.uint32)
        firsts = np.cumsum(lengths) - lengths
        rows = kept.rows(codes, firsts, lengths)
        assert kept.sums[rows] == pytest.approx(word_sums(codes, firsts, lengths, model), abs=1e-5)


def test_the_vectors_of_a_text_are_the_mean_of_its_ngrams() -> None:
    model = random_model(3)
    codes, lengths = np.frombuffer("onetwotwothree".encode("utf-32-le"), np.uint32), np.array([3, 3, 3, 5])
    sums = word_sums(codes, np.cumsum(lengths) - lengths, lengths, model)
    got = TextReader(model).read(["one two two", "", "three"], WINDOW).vectors
    first = sums[:3].sum(axis=0)
    assert got[0] == pytest.approx(first[:-1] / first[-1], abs=1e-5)
    assert (got[1] == 0).all()
    assert got[2] == pytest.approx(sums[3, :-1] / sums[3, -1], abs=1e-5)
