"""The compiled parts of the language identifier give what their Python modules give, bit for bit."""

from __future__ import annotations

import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.language import words
from classifier.language.context import path_margins_in_numpy
from classifier.language.model_file import Matrices, Quantised
from classifier.language.normalise import (
    BLANK,
    LONG_WINDOW,
    UNSETTLED,
    WINDOW,
    as_strings,
    becomes_at_once,
    clean_texts,
)
from classifier.language.reading import TextReader

WHY = "the extension is not built: see setup.py"
compiled_reading = pytest.importorskip("classifier.language.compiled_reading", reason=WHY)
compiled_context = pytest.importorskip("classifier.language.compiled_context", reason=WHY)

# what meets in odd ways: addresses, signs that compose, letters that change their number, all blanks and planes
PIECES = [
    "a", "Word ", " - ", "www.", "WWW.", "wWw.", "http://", ":/", "@", "me@example.org", "\x1e", "\0", "\n", "\u00a0",
    "İ", "Σ", "ΟΔΟΣ ", "ß", "e\u0301", "\u0301", "\u0958", "\u1100\u1161\u11a8", "가\u11a8", "\u0cc6\u0cc2",
    "\U0002f81a", "漢字かな", "한국", "Привет ", "مرحبا", "\ud800", "\udfff", "\U0001f389", "\U00010400", "\U0010ffff",
    "1" * 120, "letters " * 40, "x" * 400, "", "\u200d", "'", "·",
]  # fmt: skip
CHARACTERS = st.one_of(st.characters(), st.characters(categories=["Cs"]), st.sampled_from("aZ :/.w@\x1e\u0301"))
TEXTS = st.one_of(st.text(CHARACTERS, max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


def random_model(shortest: int = 1, longest: int = 5, parts: int = 3, numbers: int = 2) -> Matrices:
    rng = np.random.default_rng(7)
    packed = Quantised(
        rng.integers(0, 256, (300, parts), dtype=np.uint8),
        rng.integers(0, 256, 300, dtype=np.uint8),
        rng.normal(size=(parts, 256, numbers)).astype(np.float32),
        rng.normal(size=256).astype(np.float32),
    )
    rows = rng.integers(0, 301, 999).astype(np.int32)
    return Matrices(("en", "tr"), shortest, longest, rows, packed, np.zeros((parts * numbers, 2), np.float32))


def assert_read_alike(texts: list[str], window: int, plain: TextReader, quick: object) -> None:
    want, got = plain.read(texts, window), quick.read(texts, window)  # type: ignore[attr-defined]
    for name, expected, found in zip(want._fields, want, got, strict=True):
        assert expected.dtype == found.dtype, name
        np.testing.assert_array_equal(found, expected, err_msg=name)


READERS = TextReader(random_model()), compiled_reading.CompiledReader(random_model())


@given(st.lists(TEXTS, max_size=6), st.sampled_from([1, 7, WINDOW, LONG_WINDOW]))
def test_texts_are_read_alike(texts: list[str], window: int) -> None:
    assert_read_alike(texts, window, *READERS)


@pytest.mark.parametrize("sizes", [(1, 1), (2, 3), (3, 6), (1, 5, 4, 2), (1, 5, 1, 3), (1, 5, 40, 1)])
def test_models_of_other_sizes(sizes: tuple[int, ...]) -> None:
    model = random_model(*sizes)
    assert_read_alike(PIECES, WINDOW, TextReader(model), compiled_reading.CompiledReader(model))


def test_words_are_forgotten_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST_WORDS", 40)
    monkeypatch.setattr(words, "FIRST_BITS", 3)
    model, rng = random_model(), np.random.default_rng(5)
    plain, quick = TextReader(model), compiled_reading.CompiledReader(model)
    for _ in range(12):
        texts = [" ".join(map(str, rng.choice(list("abcdefghij"), (3, 2)).tolist())) for _ in range(30)]
        assert_read_alike(["long " + "y" * 5000, *texts], 5000, plain, quick)


def test_threads_do_not_store_words_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, own = 0, 0, words.word_sums

    def slowly(*args: Any) -> Any:
        nonlocal inside, most
        inside += 1
        time.sleep(0.01)  # lets the others in, if they may
        most = max(most, inside)
        inside -= 1
        return own(*args)

    monkeypatch.setattr(words, "word_sums", slowly)
    reader = TextReader(random_model())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: reader.read([f"word{i} other{i}"], WINDOW), range(8)))
    assert most == 1


def test_a_text_is_read_alike_in_any_company() -> None:
    quick = compiled_reading.CompiledReader(random_model())
    together = quick.read(PIECES, WINDOW)
    for number, text in enumerate(PIECES):
        alone = compiled_reading.CompiledReader(random_model()).read([text], WINDOW)
        assert [column[0].tolist() for column in alone] == [column[number].tolist() for column in together]


def test_a_reader_travels_to_other_processes() -> None:
    assert_read_alike(PIECES, WINDOW, READERS[0], pickle.loads(pickle.dumps(READERS[1])))


def test_every_character_becomes_the_same_settled_or_at_once() -> None:
    table = becomes_at_once()
    codes = np.flatnonzero(table != UNSETTLED)
    found = ["" if code in (0, BLANK) else chr(code) for code in table[codes].tolist()]
    assert found == as_strings(clean_texts([chr(code) for code in codes]))
    assert len(codes) > 0.98 * len(table)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="a text is a bytes, not a str"):
        READERS[1].read([b"abc"], WINDOW)


@st.composite
def evidence(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    lengths = draw(st.lists(st.integers(0, 12), max_size=5))
    blocks, width = sum(lengths), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    values = -rng.exponential(draw(st.sampled_from([0.3, 1.5, 4.0])), (blocks, width)).astype(np.float32)
    if draw(st.booleans()):
        values = np.round(values)  # ties
    return values, np.cumsum([0, *lengths])[:-1].astype(np.intp)


@given(evidence())
def test_paths_score_alike(case: tuple[np.ndarray, np.ndarray]) -> None:
    values, first = case
    values[:, :1] *= 0.3  # a main language, so that some stretches are settled
    np.testing.assert_array_equal(
        compiled_context.path_margins(values, first, 4.0), path_margins_in_numpy(values, first, 4.0)
    )


@pytest.mark.parametrize("first", [[0, 9], [3, 1], [-1, 2]])
def test_pages_must_lie_within_the_blocks(first: list[int]) -> None:
    with pytest.raises(ValueError, match="is said to begin at block"):
        compiled_context.path_margins(np.zeros((4, 2), np.float32), np.array(first, np.intp), 4.0)
