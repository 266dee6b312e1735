"""The compiled parts of the block model give what their Python modules give, whatever else is in the batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_pages import KEYS, TEXTS

from classifier.model import batch, blocks, elements, recurrence, series
from classifier.model.blocks import text_sums_in_numpy
from classifier.model.markup import hold_any_in_python, key_weights_in_numpy
from classifier.model.ngrams import HEAD, TAIL
from classifier.settings import PURE_PYTHON

WHY = "the extension is not built: see setup.py"
compiled_text = pytest.importorskip("classifier.model.compiled_text", reason=WHY)
compiled_columns = pytest.importorskip("classifier.model.compiled_columns", reason=WHY)

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


@given(st.lists(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 3.0, 9.0]), min_size=3, max_size=3), max_size=5))
def test_bins_are_summed_alike(shapes):
    shapes = np.array(shapes, dtype=np.float32).reshape(-1, 3)
    edges = np.array([[0, 0.5, 1], [1, 2, np.inf], [np.inf] * 3], dtype=np.float32)
    np.testing.assert_array_equal(
        compiled_text.bin_sums(shapes, edges, WEIGHTS[:13]), blocks.bin_sums_in_numpy(shapes, edges, WEIGHTS[:13])
    )


def test_bins_must_fit_the_weights():
    with pytest.raises(ValueError, match="3 numbers, 3 times 3 bounds and 11 weights"):
        compiled_text.bin_sums(*(np.zeros(shape, np.float32) for shape in ((4, 3), (3, 3), (11, 2))))


@pytest.mark.skipif(PURE_PYTHON, reason="the compiled parts are switched off")
def test_the_compiled_parts_are_in_use():
    for name in ("bin_sums", "key_weights", "text_sums"):
        assert getattr(blocks, name) is getattr(compiled_text, name)
    for module in (batch, elements, recurrence, series):
        names = set(vars(module)) & COLUMNS
        assert names and all(getattr(module, name) is getattr(compiled_columns, name) for name in names)


COLUMNS = {
    "best_run", "compact", "groups_of_codes", "handed_up", "integers", "numbered", "running_sums",
    "shifted", "sums_below",
}  # fmt: skip


@pytest.mark.parametrize("values", [[], [0, -1, 2**40], [True, False], (3, 4), np.arange(3)])
def test_integers_come_as_an_array(values):
    found = compiled_columns.integers(values)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, batch.integers_in_numpy(values))
    np.testing.assert_array_equal(compiled_columns.integers(values, 5), batch.integers_in_numpy(values, 5))


@pytest.mark.parametrize(("values", "error"), [([1, "2"], TypeError), ([1, 2.0], TypeError), ([2**64], OverflowError)])
def test_what_is_no_integer_is_refused(values, error):
    with pytest.raises(error):
        compiled_columns.integers(values)


@given(st.lists(st.lists(TEXTS, max_size=5), max_size=4))
def test_strings_are_numbered_alike(lists):
    ids, expected = {}, {}
    for strings in lists:
        found, want = compiled_columns.numbered(strings, ids), batch.numbered_in_python(strings, expected)
        assert found.dtype == want.dtype and found.tolist() == want.tolist()
    assert list(ids.items()) == list(expected.items())


def test_what_is_no_string_is_not_numbered():
    with pytest.raises(TypeError, match="a list of strings holds 7"):
        compiled_columns.numbered(["a", 7], {})


@st.composite
def parents(draw):
    return [draw(st.integers(-1, place - 1)) for place in range(draw(st.integers(0, 20)))]


@given(parents(), st.integers(0, 2**32))
def test_sums_over_elements_against_a_walk_up_from_each(above, seed):
    rng = np.random.default_rng(seed)
    forest = elements.Forest(np.array(above, dtype=np.int64))
    values = np.append(rng.normal(size=len(above)), 0.0)
    expected = np.zeros(len(values))
    for place in range(len(above)):
        at = place
        while at >= 0:
            expected[at] += values[place]
            at = above[at]
    np.testing.assert_allclose(compiled_columns.sums_below(values, forest.up), expected, atol=1e-9)
    np.testing.assert_allclose(forest.downward(values.astype(np.float32)), expected, atol=1e-5)  # in numpy
    roots = np.array([_root(above, place) for place in range(len(above))] + [-1])
    known = np.array([root if place not in above else -2 for place, root in enumerate(roots.tolist())])
    np.testing.assert_array_equal(compiled_columns.handed_up(known, forest.up), roots)
    np.testing.assert_array_equal(forest.inherit(known.astype(np.int32)), roots)  # in numpy


@given(parents(), st.integers(0, 2**32))
def test_elements_that_hold_no_block_are_left_out_alike(above, seed):
    rng, above = np.random.default_rng(seed), np.array(above, dtype=np.int64)
    own = rng.integers(-1, len(above), rng.integers(0, 6))
    case = own, above, rng.integers(0, 4, len(above)), 4
    for found, want in zip(compiled_columns.compact(*case), batch.compact_in_numpy(*case), strict=True):
        assert found.dtype == want.dtype
        np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("case", [([2], [-1, 0], [0, 0]), ([0], [-1, 2], [0, 0]), ([0], [-1, 0], [0, 1])])
def test_places_out_of_range_are_refused(case):
    with pytest.raises(ValueError, match="place . of"):
        compiled_columns.compact(*map(np.array, case), 1)
    with pytest.raises(ValueError, match="1 keys for 2 elements"):
        compiled_columns.compact(np.array([0]), np.array([-1, 0]), np.array([0]), 1)


def _root(above, place):
    while above[place] >= 0:
        place = above[place]
    return place


@pytest.mark.parametrize("above", [[0, 1], [1, 2, 2], [-1, 1], [5, 1]])
def test_elements_must_lead_up(above):
    for call, kind in ((compiled_columns.sums_below, np.float64), (compiled_columns.handed_up, np.int64)):
        with pytest.raises(ValueError, match="lies in"):
            call(np.zeros(len(above), kind), np.array(above))
        with pytest.raises(ValueError, match="values for"):
            call(np.zeros(len(above) + 1, kind), np.array(above))


@given(st.lists(st.sampled_from([-(2**62), -1, 0, 1, 7, 2**40, 2**40 + 1]), max_size=40))
def test_rows_fall_into_the_same_groups(codes):
    codes = np.array(codes, dtype=np.int64)
    (group, sizes), (expected, counts) = (
        find(codes) for find in (compiled_columns.groups_of_codes, series.groups_of_codes_in_numpy)
    )
    np.testing.assert_array_equal(sizes[group], counts[expected])
    assert len(set(zip(group.tolist(), expected.tolist(), strict=True))) == len(sizes) == len(counts)


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 2**32))
def test_runs_and_neighbours_are_alike(lengths, seed):
    bounds = np.cumsum([0, *lengths])
    gain = np.random.default_rng(seed).normal(0, 8, bounds[-1]).astype(np.float32)
    np.testing.assert_allclose(
        compiled_columns.best_run(gain, bounds, 1e-3), series.best_run_in_numpy(gain, bounds, 1e-3), atol=1e-6
    )
    there = np.random.default_rng(seed).integers(0, len(gain) + 1, 20)
    np.testing.assert_array_equal(
        compiled_columns.shifted(gain, there, -0.2), series.shifted_in_numpy(gain, there, -0.2)
    )


@pytest.mark.parametrize("bounds", [[], [0, 4], [1, 3], [0, 2, 1, 3], [0, 5, 3]])
def test_pages_must_lie_within_the_blocks(bounds):
    with pytest.raises(ValueError, match="the bounds of pages"):
        compiled_columns.best_run(np.zeros(3, np.float32), np.array(bounds, dtype=np.int64), 1e-3)
    with pytest.raises(ValueError, match="the bounds of pages"):
        compiled_columns.running_sums(*np.zeros((2, 3, 4), np.float32), np.array(bounds, dtype=np.int64))


@given(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 4), st.integers(0, 2**32))
def test_running_sums_are_alike(lengths, half, seed):
    rng, bounds = np.random.default_rng(seed), np.cumsum([0, *lengths])
    forget = rng.random((bounds[-1], 2 * half), dtype=np.float32)
    added = rng.normal(0, 1, forget.shape).astype(np.float32)
    got = compiled_columns.running_sums(forget, added, bounds)
    np.testing.assert_allclose(got, recurrence.running_sums_in_numpy(forget, added, bounds), atol=EXACT)


@pytest.mark.parametrize("shape", [(3, 2), (2, 4), (3, 5)])
def test_running_sums_need_tables_of_one_size(shape):
    forget = np.zeros((3, 5) if shape == (3, 5) else (3, 4), np.float32)
    with pytest.raises(ValueError, match="tables that differ in size"):
        compiled_columns.running_sums(forget, np.zeros(shape, np.float32), np.array([0, 3]))


NAMES = st.lists(
    st.one_of(st.sampled_from(["a", "class", "\u0130", "\ud800", "漢字", "cookie", ""]), TEXTS), max_size=4
)


@given(st.lists(st.one_of(st.sampled_from(KEYS), TEXTS), max_size=6), NAMES)
def test_names_are_found_alike(texts, names):
    np.testing.assert_array_equal(compiled_columns.hold_any(texts, names), hold_any_in_python(texts, names))


def test_names_at_the_ends_and_in_parts():
    texts = ["cookie", "xcookie", "cookiex", "cooki", "cook\tie", "", "COOKIE", "häcookie"]
    found = compiled_columns.hold_any(texts, ["cookie"])
    assert found.dtype == bool and found.tolist() == [True, True, True, False, False, False, False, True]
    for texts, names, what in (([b"cookie"], ["cookie"], "texts"), (["cookie"], [b"cookie"], "names")):
        with pytest.raises(TypeError, match=f"a list of {what} holds b'cookie'"):
            compiled_columns.hold_any(texts, names)
