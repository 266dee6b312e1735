"""The compiled parts of the block model give what their Python modules give, whatever else is in the batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_pages import KEYS, TEXTS

from classifier.model.blocks import text_sums_in_numpy
from classifier.model.markup import key_weights_in_numpy
from classifier.model.ngrams import HEAD, TAIL

compiled_text = pytest.importorskip("classifier.model.compiled_text", reason="the extension is not built: see setup.py")

EXACT = 2e-6  # all sums are made in the same order; other versions of numpy may round otherwise
WEIGHTS = np.random.default_rng(3).normal(0, 0.5, (2**12, 2)).astype(np.float32)
LONG = [
    "x" * HEAD + "y" * TAIL,
    "x" * (HEAD + 1) + "y" * TAIL,
    "Three words here, and 14 more. " * 300,
    "\u0130\u0130 漢字" * 200,
    "\U0001f389" * 279 + "\ud800",
    "a\x02b\x03c\x00d",
]


def assert_alike(texts):
    want, seen = text_sums_in_numpy(texts, WEIGHTS)
    got, looked = compiled_text.text_sums(texts, WEIGHTS)
    np.testing.assert_allclose(got, want, atol=EXACT)
    assert list(looked.counts) == list(seen.counts)
    for found, expected in zip([*looked.counts.values(), *looked[1:]], [*seen.counts.values(), *seen[1:]], strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


@given(st.lists(st.one_of(TEXTS, st.sampled_from(LONG), st.text(max_size=330)), max_size=6))
def test_texts_are_summed_alike(texts):
    assert_alike(texts)


@pytest.mark.parametrize("length", [*range(12), 59, 60, 61, 62, 63, 64, 65, 120, 200, HEAD + TAIL - 1, 1000])
def test_texts_of_any_length_are_summed_alike(length):
    assert_alike([("Ab 1, ю漢。" * 150)[:length]])


def test_every_code_point_is_read_alike():
    points = np.array([*range(0x3000, 0x30000, 7), *range(0x3000), 0x2FFFF, 0x30000, 0x10FFFF])
    assert_alike([f"{chr(code)}a {chr(code)}" for code in points.tolist()])


@given(st.lists(st.one_of(st.sampled_from(KEYS), TEXTS), max_size=6))
def test_keys_weigh_alike(keys):
    got, want = compiled_text.key_weights(keys, WEIGHTS), key_weights_in_numpy(keys, WEIGHTS)
    assert got.dtype == want.dtype and got.shape == want.shape
    np.testing.assert_allclose(got, want, atol=EXACT)


def test_a_text_is_summed_the_same_in_any_company():
    together, _ = compiled_text.text_sums(LONG, WEIGHTS)
    for row, text in enumerate(LONG):
        alone, _ = compiled_text.text_sums([text], WEIGHTS)
        np.testing.assert_array_equal(alone[0], together[row])


class Liar(str):
    """A text that tells a false length."""

    __slots__ = ()

    def __len__(self):
        return 2**40


def test_what_is_no_text_is_refused_and_a_false_length_not_believed():
    with pytest.raises(TypeError, match="a text is a bytes, not a str"):
        compiled_text.text_sums([b"abc"], WEIGHTS)
    np.testing.assert_array_equal(
        compiled_text.text_sums([Liar("abc")], WEIGHTS)[0], compiled_text.text_sums(["abc"], WEIGHTS)[0]
    )


@pytest.mark.parametrize("shape", [(2**12, 3), (2**12 - 1, 2), (1, 2), (0, 2)])
def test_weights_must_have_buckets_and_two_columns(shape):
    for call in (compiled_text.text_sums, compiled_text.key_weights):
        with pytest.raises(ValueError, match="weights of"):
            call(["abc"], np.zeros(shape, np.float32))
