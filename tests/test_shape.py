"""Numbers that describe a text: cases by name, and no leak between the texts of a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_pages import TEXTS

from classifier.model.ngrams import HEAD, TAIL, encode
from classifier.model.shape import NAMES, describe, sizes

SHARES = ("digits", "sentence_ends", "commas", "other_marks", "symbols", "blanks", "capitals", "non_latin")
FLAGS = [name for name in NAMES if name.startswith(("ends_", "starts_"))]


def numbers(*texts):
    return describe(texts, encode(texts))


def named(text):
    return dict(zip(NAMES, numbers(text)[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Four words stand here.", {"sentence_ends": 1 / 22, "ends_sentence": 1, "starts_capital": 1}),
        ("Four words stand here.", {"words": np.log1p(4), "word_length": 18 / 4, "length": np.log1p(22)}),
        ("Four words stand here.", {"blanks": 3 / 22}),
        ("home", {"ends_open": 1, "ends_sentence": 0, "starts_capital": 0, "capitals": 0}),
        ("HOME", {"capitals": 1}),
        ("From 12 to 3", {"digits": 3 / 12, "ends_open": 1}),
        ("7 days", {"starts_digit": 1, "starts_capital": 0}),
        ("» More", {"starts_mark": 1}),
        ("€ 5", {"starts_mark": 1, "symbols": 1 / 3}),
        ("Read this:", {"ends_colon": 1, "ends_sentence": 0, "commas": 1 / 10}),
        ("one\ntwo\nthree", {"line_breaks": 2, "blanks": 2 / 13}),
        ("अच्छा है।", {"ends_sentence": 1, "non_latin": 1, "capitals": 0}),
        ("Привет", {"non_latin": 1, "starts_capital": 1}),
        ("Größe", {"non_latin": 0}),
        ("船は九時に出た。", {"ends_sentence": 1, "length": np.log1p(8 * 2.5)}),
        ("", {"length": 0, "starts_capital": 0, "ends_open": 0}),
        ("\ud800", {"length": np.log1p(1), "ends_open": 0}),
    ],
)
def test_numbers(text, expected):
    found = named(text)
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-5)


@given(st.lists(TEXTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_a_batch_describes_each_text_as_if_alone(texts, random):
    alone = {text: numbers(text)[0] for text in texts}
    random.shuffle(texts)
    for text, found in zip(texts, numbers(*texts), strict=True):
        np.testing.assert_allclose(found, alone[text], rtol=1e-6)


@given(TEXTS)
def test_shares_are_shares_and_flags_are_flags(text):
    found = named(text)
    assert np.isfinite(list(found.values())).all()
    assert all(0 <= found[name] <= 1 for name in SHARES)
    assert all(found[name] in (0, 1) for name in FLAGS)


def test_the_length_of_a_long_text_is_its_own_not_that_of_the_part_read():
    text = "a" * (HEAD + TAIL + 1000)
    assert sizes(numbers(text)) == pytest.approx([len(text)], rel=1e-5)
    assert sizes(numbers("漢" * 100)) == pytest.approx([250], rel=1e-5)


def test_no_texts():
    assert describe([], encode([])).shape == (0, len(NAMES))
    assert sizes(describe([], encode([]))).shape == (0,)
