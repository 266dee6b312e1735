"""Every number about the surroundings of a block against a plain loop."""

import numpy as np
import pytest
from conftest import SEEDS
from hypothesis import assume, given
from hypothesis import strategies as st
from random_pages import flat, languages_of, lengths_of, pages

from classifier.model import store, surroundings
from classifier.model.batch import gather
from classifier.model.blocks import probabilities
from classifier.model.context import input_names
from classifier.model.markup import with_name
from classifier.settings import default_model
from classifier.training.reading import read_examples

SOME = st.lists(pages(), min_size=1, max_size=4)
SEED = st.integers(0, 1000)
NAMES = "cookie", "gdpr", "privacy-banner", "onetrust"


def random_scores(batch, seed):
    odds = np.random.default_rng(seed).normal(0, 2, (batch.size, 2)).astype(np.float32)
    return probabilities(odds)


def worded_parts(batch, seed):
    """Log-odds of article from words and from markup."""
    return np.random.default_rng(seed + 1).normal(0, 2, (2, batch.size)).astype(np.float32)


def columns_of(batch, seed):
    scores, lengths = random_scores(batch, seed), lengths_of(batch)
    around = surroundings.Surroundings(batch, lengths, languages_of(batch), NAMES)
    found = {**around.fixed(), **around.worded(*worded_parts(batch, seed)), **around.scored(scores)}
    assert set(found) == set(surroundings.context_names())
    return scores, lengths, {name: column.astype(np.float32) for name, column in found.items()}


def chains(batch):
    """The elements that hold each block, the innermost first."""
    out = []
    for element in batch.element.tolist():
        chain = []
        while element >= 0:
            chain.append(element)
            element = int(batch.parents[element])
        out.append(chain)
    return out


@given(SOME, SEED)
def test_every_number_has_a_name_and_is_finite(some, seed):
    batch = gather(some)
    _, _, found = columns_of(batch, seed)
    assert len(set(surroundings.context_names())) == len(surroundings.context_names())
    assert len(set(input_names())) == len(input_names())
    assert all(np.isfinite(column).all() for column in found.values())


@given(SOME, SEED)
def test_neighbours_and_windows_end_with_the_page(some, seed):
    batch = gather(some)
    scores, lengths, found = columns_of(batch, seed)
    weight = np.sqrt(lengths)
    for row in range(batch.size):
        first, last = batch.bounds[batch.page[row]], batch.bounds[batch.page[row] + 1]
        for by in (-4, -1, 1, 3):
            inside = first <= row + by < last
            assert found[f"article {by:+d}"][row] == pytest.approx(scores[row + by, 0] if inside else -0.2)
        for reach in (2, 25):
            near = slice(max(first, row - reach), min(last, row + reach + 1))
            total = (scores[near, 2] * weight[near]).sum()
            assert found[f"consent within {reach}"][row] == pytest.approx(np.log1p(total), abs=1e-4)


@given(SOME, SEED)
def test_the_best_run_against_all_runs(some, seed):
    batch = gather(some)
    scores, lengths, found = columns_of(batch, seed)
    gain = (scores[:, 0] - 0.4) * np.sqrt(lengths)
    for first, last in zip(batch.bounds[:-1], batch.bounds[1:], strict=True):
        runs = {(a, b): gain[a:b].sum() for a in range(first, last) for b in range(a + 1, last + 1)}
        for row in range(first, last):
            through = max(worth for (a, b), worth in runs.items() if a <= row < b)
            best = max(max(runs.values()), 1e-3)
            assert found["best run"][row] == pytest.approx(max(through / best, -1.0), abs=1e-3)


@given(SOME, SEED)
def test_elements_hold_the_blocks_below_them(some, seed):
    batch = gather(some)
    scores, lengths, found = columns_of(batch, seed)
    weight, chain = np.sqrt(lengths), chains(batch)
    mass = scores[:, 0] * weight
    for row in range(batch.size):
        page = batch.page == batch.page[row]
        for level in (0, 1, 4):
            if level >= len(chain[row]):
                assert found[f"share of article, level {level}"][row] == 0
                assert found[f"article part, level {level}"][row] == pytest.approx(-0.2)
                assert found[f"text, level {level}"][row] == 0
                continue
            below = np.array([chain[row][level] in other for other in chain])
            share = mass[below].sum() / max(mass[page].sum(), 1e-3)
            part = mass[below].sum() / max(weight[below].sum(), 1e-3)
            assert found[f"share of article, level {level}"][row] == pytest.approx(share, abs=1e-4)
            assert found[f"article part, level {level}"][row] == pytest.approx(part, abs=1e-4)
            assert found[f"text, level {level}"][row] == pytest.approx(np.log1p(weight[below].sum()), abs=1e-4)


@given(SOME, SEED)
def test_the_main_container_and_the_branch_below_it(some, seed):
    batch = gather(some)
    scores, lengths, found = columns_of(batch, seed)
    chain, mass = chains(batch), scores[:, 0] * np.sqrt(lengths)
    inside = {e: np.array([e in other for other in chain]) for own in chain for e in own}
    for row in range(batch.size):
        page = max(mass[batch.page == batch.page[row]].sum(), 1e-3)
        shares = [mass[inside[e]].sum() / page for e in chain[row]]
        assume(all(abs(share - 0.65) > 1e-4 for share in shares))
        depth = next((d for d, share in enumerate(shares) if share >= 0.65), -1)
        assert found["in main"][row] == (depth >= 0)
        assert found["levels below main"][row] == depth
        branch = shares[max(depth - 1, 0)] if depth >= 0 else 0.0
        assert found["branch share"][row] == pytest.approx(branch, abs=1e-4)


@given(SOME, SEED)
def test_copies_and_elements_written_alike(some, seed):
    batch = gather(some)
    scores, lengths, found = columns_of(batch, seed)
    weight = np.sqrt(lengths)

    def written(row):
        element = batch.element[row]
        above = batch.parents[element]
        parent = batch.keys[batch.element_key[above]] if above >= 0 else None
        return batch.page[row], batch.keys[batch.element_key[element]], parent

    for row in range(batch.size):
        copies = sum(batch.which[row] == batch.which[i] for i in np.flatnonzero(batch.page == batch.page[row]))
        assert found["copies"][row] == pytest.approx(np.log1p(copies), abs=1e-5)
        if batch.element[row] < 0:
            assert (found["alike count"][row], found["alike consent"][row]) == (0, 0)
            continue
        same = [i for i in range(batch.size) if batch.element[i] >= 0 and written(i) == written(row)]
        assert found["alike count"][row] == pytest.approx(np.log1p(len(same)), abs=1e-5)
        share = (scores[same, 0] * weight[same]).sum() / max(weight[same].sum(), 1e-3)
        assert found["alike article"][row] == pytest.approx(share, abs=1e-4)


@given(SOME, SEED)
def test_blocks_in_one_language(some, seed):
    batch = gather(some)
    scores, lengths, found = columns_of(batch, seed)
    weight, code = np.sqrt(lengths), languages_of(batch)
    for row in range(batch.size):
        page = batch.page == batch.page[row]
        same = page & (code == code[row])
        if code[row] < 0:
            assert found["language article"][row] == pytest.approx(-0.2)
            assert all(found[f"language {what}"][row] == 0 for what in ("share", "count", "consent"))
            continue
        assert found["language count"][row] == pytest.approx(np.log1p(same.sum()), abs=1e-5)
        text = max(weight[same].sum(), 1e-3)
        assert found["language share"][row] == pytest.approx(text / max(weight[page].sum(), 1e-3), abs=1e-4)
        for column, what in ((0, "article"), (2, "consent")):
            part = (scores[same, column] * weight[same]).sum() / text
            assert found[f"language {what}"][row] == pytest.approx(part, abs=1e-4)


@given(SOME, SEED)
def test_what_words_and_markup_say_apart(some, seed):
    batch = gather(some)
    _, lengths, found = columns_of(batch, seed)
    weight, chain, (text, markup) = np.sqrt(lengths), chains(batch), worded_parts(batch, seed)

    def mean(rows):
        return (text[rows] * weight[rows]).sum() / max(weight[rows].sum(), 1e-3)

    for row in range(batch.size):
        first, last = batch.bounds[batch.page[row]], batch.bounds[batch.page[row] + 1]
        for by in (-2, 1):
            inside = first <= row + by < last
            assert found[f"text article {by:+d}"][row] == pytest.approx(text[row + by] if inside else 0)
            assert found[f"markup article {by:+d}"][row] == pytest.approx(markup[row + by] if inside else 0)
        near = np.arange(max(first, row - 5), min(last, row + 6))
        assert found["text article within 5"][row] == pytest.approx(mean(near), abs=1e-4)
        assert found["page text article"][row] == pytest.approx(mean(np.arange(first, last)), abs=1e-4)
        for level in (1, 3):
            below = [i for i, other in enumerate(chain) if level < len(chain[row]) and chain[row][level] in other]
            expected = mean(np.array(below)) if below else 0
            assert found[f"text article, level {level}"][row] == pytest.approx(expected, abs=1e-4)


NAMED = '<body class="has-cookie-bar"><main><p>{0}</p></main><div id="cookie-banner"><div class="gdpr"><p>{1}</p></div>'


def test_the_elements_with_names_of_a_notice():
    from classifier.blocks.page import split_page

    html = NAMED.format("The ferry left.", "Fog.</p><p>We use cookies.") + "<p>Agree</p></div><p>End</p>"
    page = split_page(html, True)
    batch = gather([page])
    assert [batch.texts[i] for i in batch.which] == ["The ferry left.", "Fog.", "We use cookies.", "Agree", "End"]
    scores, lengths, found = columns_of(batch, 5)
    weight, inside = np.sqrt(lengths), np.array([False, True, True, True, False])
    np.testing.assert_allclose(found["notice names"], np.log1p([0, 2, 2, 1, 0]), rtol=1e-6)
    np.testing.assert_allclose(found["notice text"], np.where(inside, np.log1p(weight[inside].sum()), 0), rtol=1e-5)
    np.testing.assert_allclose(found["notice share"], inside * weight[inside].sum() / weight.sum(), rtol=1e-5)
    part = (scores[inside, 2] * weight[inside]).sum() / weight[inside].sum()
    np.testing.assert_allclose(found["notice consent"], inside * part, rtol=1e-4)
    part = (scores[inside, 0] * weight[inside]).sum() / weight[inside].sum()
    np.testing.assert_allclose(found["notice article"], np.where(inside, part, -0.2), rtol=1e-4)


def test_elements_with_names_of_a_notice_are_those_of_the_own_page():
    from classifier.blocks.page import split_page

    pages = [
        split_page(f'<div id="cookies"><p>{text}</p></div><p>End</p>', True) for text in ("Short.", "Longer. " * 9)
    ]
    together = columns_of(gather([pages[0], flat(3), pages[1]]), 5)[2]
    assert (together["notice names"] > 0).tolist() == [True, False, False, False, False, True, False]
    for rows, page in (([0, 1], pages[0]), ([5, 6], pages[1])):
        alone = columns_of(gather([page]), 5)[2]
        for name in ("notice text", "notice share"):
            np.testing.assert_allclose(together[name][rows], alone[name], rtol=1e-6)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("div\tid=onetrust-consent-sdk", True),
        ("div\tclass=site privacy-banner", True),
        ("dialog\taria-label=about cookies", True),
        ("a\tclass=privacy-link", False),
        ("body\tclass=cookie-bar-shown", False),
        ("html\tid=cookie", False),
        ("p", False),
    ],
)
def test_names_of_a_notice(key, expected):
    assert with_name(["p", key], NAMES).tolist() == [False, expected]
    assert not with_name([key], ()).any()


def test_the_names_in_the_seeds_and_the_shipped_model():
    names = read_examples([SEEDS / "names", SEEDS / "blocks" / "en.jsonl"]).names
    assert names == store.load(default_model()).context.notice_names
    known = ["section\tclass=avis rgpd", "div\tclass=qc-cmp-ui", "div\tclass=privacy_popup", "div\tid=klaro"]
    others = ["div\tclass=cmp-container", "ul\tclass=trustees", "a\tclass=privacy-link"]
    assert with_name(known + others, names).tolist() == [True] * len(known) + [False] * len(others)


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Fog at nine | The Bay", "Fog at nine", 11 / 21),
        ("Fog at nine", "FOG AT NINE", 1.0),
        ("A long title of a page", "a long title of a page, and more of it", 1.0),
        ("Fog at nine", "Fog at nine and more", 0.0),
        ("Fog at nine | The Bay", "The Bay", 0.0),
        ("", "Fog at nine", 0.0),
        ("Fog at nine | " * 999 + "The Bay", "Fog at nine", 11 / 13993),
        ("The fog | " * 999 + "The Bay at nine", "The Bay at nine", 0.0),  # so far nobody reads
    ],
)
def test_the_title(title, text, expected):
    from classifier.blocks.columns import BlockColumns, Markup

    markup = Markup([-1], [0], ["html"], [0], [0], [False], title)
    batch = gather([BlockColumns(text, [0], [len(text)], [text], markup)])
    _, _, found = columns_of(batch, 1)
    assert found["title"][0] == pytest.approx(expected)
