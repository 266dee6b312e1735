"""Lexical cohesion: terms against plain strings, what they share against plain loops, compiled against numpy."""

import math
from collections import Counter
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_pages import TEXTS

from classifier.model import cohesion, surroundings
from classifier.model.characters import folding, is_wide
from classifier.model.cohesion import NAMES, shared_in_numpy, terms_in_numpy
from classifier.model.ngrams import clip
from classifier.settings import PURE_PYTHON

RUNS = st.sampled_from([
    "the", "Ferry", "ferry", "harbour", "漢字", "仮名漢字", "この字はです", "ab漢字cd", "x" * 21,
    "สวัสดีตอนเช้าที่ท่าเรือ", "1234", "한국어",
])  # fmt: skip
WORDY = st.one_of(TEXTS, st.lists(RUNS, max_size=9).map(" ".join), st.text(max_size=330))
SIZES = st.lists(st.integers(0, 5), min_size=1, max_size=5)


def folded(text):
    return "".join(chr(folding()[min(ord(c), 0x2FFFF)]) for c in clip(text))


def wide(char):
    return bool(is_wide(np.array([ord(char)]))[0])


def terms(text):
    """The distinct terms of a text, as strings in the order they come."""
    found = []
    for inside, run in groupby(folded(text), str.isalnum):
        word = "".join(run)
        if not inside:
            continue
        if any(map(wide, word)):
            pairs = [word[i : i + 2] for i in range(len(word) - 1) if wide(word[i]) and wide(word[i + 1])]
            found += [pair for pair in pairs if not all("ぁ" <= sign <= "ゟ" for sign in pair)]
        elif len(word) > 20:
            found += [word[i : i + 4] for i in range(len(word) - 3)]
        elif len(word) >= 4:
            found.append(word)
    return list(dict.fromkeys(found))


def of_text(found, number):
    return found.hashes[found.first[number] : found.first[number + 1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ferry left; the FERRY came back", ["ferry", "left", "came", "back"]),
        ("", []),
        ("In 2031 an 18", ["0000"]),
        ("これはペンです。", ["はペ", "ペン", "ンで"]),
        ("渡し船は九時", ["渡し", "し船", "船は", "は九", "九時"]),
        ("PCR検査", ["検査"]),
        ("한국어 배", ["한국", "국어"]),
        ("Versicherungsvertragsgesetz"[:21], ["vers", "ersi", "rsic", "sich", "iche", "cher", "heru", "erun", "rung",
                                              "ungs", "ngsv", "gsve", "sver", "vert", "ertr", "rtra", "trag", "rags"]),
    ],
)  # fmt: skip
def test_terms_of_a_text(text, expected):
    assert terms(text) == expected
    assert len(terms_in_numpy([text]).hashes) == len(expected)


@given(st.lists(WORDY, max_size=5))
def test_the_same_terms_have_the_same_hashes_in_any_text(texts):
    found, wanted = terms_in_numpy(texts), [terms(text) for text in texts]
    assert np.diff(found.first).tolist() == list(map(len, wanted))
    names = dict(zip(found.hashes.tolist(), (term for one in wanted for term in one), strict=True))
    assert [names[code] for code in found.hashes.tolist()] == [term for one in wanted for term in one]
    assert len(names) == len(set(names.values()))


def case(rng, sizes, texts):
    """Blocks of pages with so many blocks each, drawn from texts, with scores and titles."""
    bounds = np.cumsum([0, *sizes])
    which = rng.integers(0, len(texts), bounds[-1])
    article = rng.random(bounds[-1], dtype=np.float32)
    titles = [texts[i] for i in rng.integers(0, len(texts), len(sizes))]
    return which, bounds, article, rng.random(bounds[-1]) < 0.4, titles


def expected_rows(texts, which, bounds, article, sure, title):
    """The numbers of the blocks of one page, by plain loops."""
    rows = range(bounds[0], bounds[1])
    own = {row: terms(texts[which[row]]) for row in rows}
    held = Counter(term for row in rows for term in own[row])
    usual = min(max(float(article[bounds[0] : bounds[1]].sum(dtype=np.float64)) / max(len(rows), 1), 0.02), 0.98)
    for row in rows:
        count, odds, rarities = max(len(own[row]), 1), [], []
        for term in own[row]:
            others = [other for other in rows if other != row and term in own[other]]
            likely = sum(float(article[other]) for other in others)
            odd = math.log((likely + usual) / (len(others) - likely + 1 - usual)) - math.log(usual / (1 - usual))
            odds.append(min(max(odd, -4), 4))
            in_sure = any(sure[other] for other in others)
            rarities.append((math.log(max(len(rows), 2) / held[term]), in_sure))
        total, all_sure = sum(odds), sum(in_sure for _, in_sure in rarities)
        in_title = sum(term in terms(title) for term in own[row])
        yield (
            math.log1p(len(own[row])), sum(held[term] > 1 for term in own[row]) / count,
            sum(math.log(held[term]) for term in own[row]) / count, total / count,
            math.copysign(math.log1p(abs(total)), total), all_sure / count,
            sum(rarity * in_sure for rarity, in_sure in rarities) / max(sum(rarity for rarity, _ in rarities), 1e-3),
            math.log1p(all_sure), in_title / count, math.log1p(in_title),
        )  # fmt: skip


@given(SIZES, st.lists(WORDY, min_size=1, max_size=4), st.integers(0, 2**32))
def test_what_is_shared_against_plain_loops(sizes, texts, seed):
    which, bounds, article, sure, titles = case(np.random.default_rng(seed), sizes, texts)
    found = shared_in_numpy(terms_in_numpy(texts), which, bounds, article, sure, terms_in_numpy(titles))
    assert found.shape == (len(NAMES), len(which)) and found.dtype == np.float32
    pages = zip(bounds[:-1], bounds[1:], titles, strict=True)
    wanted = [row for first, last, title in pages
              for row in expected_rows(texts, which, (first, last), article, sure, title)]  # fmt: skip
    np.testing.assert_allclose(found, np.reshape(wanted, (-1, len(NAMES))).T, atol=2e-5)


def test_a_teaser_shares_little_with_the_article():
    texts = [
        "The harbour of Lorin gets a second ferry, the island council decided on Monday.",
        "Council members argued for hours about the price of the ferry and the depth of the harbour.",
        "The second ferry will leave the harbour at nine, the council said; the island pays half of its price.",
        "Ten recipes for rainy evenings, from pumpkin soup to dumplings",
    ]
    found = shared_in_numpy(
        terms_in_numpy(texts), np.arange(4), np.array([0, 4]), np.array([0.9, 0.9, 0.9, 0.3], np.float32),
        np.array([True, True, True, False]), terms_in_numpy(["Lorin gets a second ferry"]),
    )  # fmt: skip
    by_name = dict(zip(NAMES, found, strict=True))
    for name in ("terms elsewhere", "terms in article", "terms in sure blocks", "sure terms"):
        assert by_name[name][3] < by_name[name][:3].min(), name
    assert by_name["title terms"][0] > by_name["title terms"][3] == 0.0


compiled_cohesion = pytest.importorskip(
    "classifier.model.compiled_cohesion", reason="the extension is not built: see setup.py"
)


@given(st.lists(WORDY, max_size=6))
def test_compiled_terms_are_the_same(texts):
    for found, wanted in zip(compiled_cohesion.terms_of(texts), terms_in_numpy(texts), strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


def test_many_terms_find_room():
    texts = ["漢字仮名" * 50 + "".join(map(chr, range(0x4E00, 0x4E00 + 40 * i))) for i in range(60)]
    np.testing.assert_array_equal(compiled_cohesion.terms_of(texts).hashes, terms_in_numpy(texts).hashes)


@given(SIZES, st.lists(WORDY, min_size=1, max_size=5), st.integers(0, 2**32))
def test_compiled_numbers_are_the_same(sizes, texts, seed):
    which, bounds, article, sure, titles = case(np.random.default_rng(seed), sizes, texts)
    given_ = terms_in_numpy(texts), which, bounds, article, sure, terms_in_numpy(titles)
    np.testing.assert_allclose(compiled_cohesion.shared(*given_), shared_in_numpy(*given_), atol=1e-6)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"which": np.array([0, 1, 2])}, "a block has no text"),
        ({"which": np.array([0, -1, 0])}, "a block has no text"),
        ({"bounds": np.array([0, 4])}, "bounds of rows"),
        ({"bounds": np.array([0, 2, 1, 3])}, "bounds of rows"),
        ({"article": np.zeros(2, np.float32)}, "differ in number"),
        ({"sure": np.zeros(4, bool)}, "differ in number"),
        ({"titles": terms_in_numpy([])}, "differ in number"),
        ({"terms": cohesion.Terms(np.zeros(2, np.uint64), np.array([0, 1, 3]))}, "bounds of rows"),
    ],
)
def test_places_that_lead_nowhere_are_refused(change, match):
    whole = {
        "terms": terms_in_numpy(["some words", "more"]), "which": np.array([0, 1, 0]), "bounds": np.array([0, 3]),
        "article": np.zeros(3, np.float32), "sure": np.zeros(3, bool), "titles": terms_in_numpy(["a title"]),
    }  # fmt: skip
    compiled_cohesion.shared(**whole)
    with pytest.raises(ValueError, match=match):
        compiled_cohesion.shared(**{**whole, **change})


@pytest.mark.skipif(PURE_PYTHON, reason="the compiled parts are switched off")
def test_the_compiled_parts_are_in_use():
    assert surroundings.shared is compiled_cohesion.shared
    assert surroundings.terms_of is compiled_cohesion.terms_of
