"""Pages to labelled pages: sensible labels from a model of the seeds, and what order and batches may not change."""

import itertools
import random

import numpy as np
import pytest
import random_model
from conftest import SEEDS
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_pages import CHARACTERS, pages

from classifier import classify
from classifier.classify import Classifier, split
from classifier.errors import SettingsError
from classifier.model.blocks import PARTS
from classifier.model.shape import NAMES
from classifier.records import LABELS, Label, LabelledPage, Page, Rejection
from classifier.settings import ReadOptions

ARTICLE, CONSENT = LABELS.index(Label.ARTICLE), LABELS.index(Label.CONSENT)
PRESETS = ("balanced", "precision", "recall")


@pytest.fixture(scope="module")
def seeded(seed_model):
    return Classifier.load(seed_model[0])


@pytest.fixture(scope="module")
def wild(tmp_path_factory):
    """Random weights: whatever the batch changes, they show."""
    return Classifier.load(random_model.save(tmp_path_factory.mktemp("wild")))


@pytest.fixture(scope="module")
def seed_pages():
    files = sorted(p for p in (SEEDS / "pages").iterdir() if p.suffix in (".txt", ".html"))
    return [Page(p.stem, p.read_text(encoding="utf-8"), p.suffix == ".html", p.name) for p in files]


def same(one, other, atol=1e-5):
    assert one.texts == other.texts and one.block_languages == other.block_languages
    np.testing.assert_allclose(one.scores, other.scores, atol=atol)
    np.testing.assert_allclose(one.first_scores, other.first_scores, atol=atol)
    np.testing.assert_allclose(one.language_scores, other.language_scores, atol=atol)
    assert one.language == other.language and one.languages == other.languages


def test_the_page_of_the_demo(seeded):
    text = (SEEDS / "pages" / "harbour-en-tr.txt").read_text(encoding="utf-8")
    page = seeded.classify_text(text)
    article = page.article_text
    assert "Few people in Marrow Point believed that these three groups could use the same 400 metres" in article
    assert "çerez" not in article.casefold()
    notice = [b for b in page.blocks if "çerez" in b.text.casefold()]
    assert notice and all(b.label is Label.CONSENT and b.language == "tr" for b in notice)
    assert page.language == "en" and list(page.languages)[:2] == ["en", "tr"]


def test_a_page_of_markup(seeded):
    page = seeded.classify_html((SEEDS / "pages" / "news-en-tr.html").read_text(encoding="utf-8"), "https://a.example/")
    assert page.page.url == "https://a.example/"
    by_label = {label: sum(len(b.text) for b in page.blocks if b.label is label) for label in LABELS}
    assert by_label[Label.ARTICLE] > by_label[Label.CONSENT] > 0
    assert page.markup is not None


def test_columns_fit_together(seeded, seed_pages):
    for page in seeded.classify_batch(seed_pages):
        n = len(page.texts)
        assert n and [page.text[s:e] for s, e in zip(page.starts, page.ends, strict=True)] == page.texts
        assert page.scores.shape == page.first_scores.shape == (n, 3)
        assert page.labels.shape == page.kept.shape == page.language_scores.shape == (n,)
        np.testing.assert_allclose(page.scores.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(page.first_scores.sum(axis=1), 1, atol=1e-6)
        assert (page.kept == (page.labels == ARTICLE)).all()
        assert sum(page.languages.values()) == pytest.approx(1, abs=0.01)
        assert set(page.languages) == set(page.block_languages) <= {*seeded.language_tags, "und"}
        assert [b.label for b in page.blocks] == [LABELS[label] for label in page.labels]
        assert page.model == seeded.model_name


def test_neither_order_nor_batch_changes_a_page(wild, seed_pages):
    together = wild.classify_batch(seed_pages)
    assert {label for page in together for label in page.labels.tolist()} == {0, 1, 2}
    order = list(range(len(seed_pages)))
    random.Random(1).shuffle(order)
    for number, page in zip(order, wild.classify_batch([seed_pages[i] for i in order]), strict=True):
        same(page, together[number])
    for number in (0, 7, 30):
        same(wild.classify_batch([seed_pages[number]])[0], together[number])


@settings(max_examples=40)
@given(st.lists(pages(max_blocks=6), min_size=2, max_size=4))
def test_strange_pages_do_not_change_each_other(wild, some):
    together = wild.score(some)
    for number, page in enumerate(some):
        alone = wild.score([page])
        own = slice(*together.batch.bounds[number : number + 2])
        np.testing.assert_allclose(together.spoken.foreign[own], alone.spoken.foreign, atol=1e-5)
        np.testing.assert_allclose(together.odds[own], alone.odds, atol=1e-3)  # of log-odds up to 20
        assert together.languages[number][0] == alone.languages[0][0]


def test_pages_are_labelled_lazily_and_rejections_pass_through(seeded, seed_pages, monkeypatch):
    monkeypatch.setattr(classify, "BATCH_PAGES", 4)
    refused = Rejection("file", "read", "bad_json")
    empty = Page("empty", "<p> </p>", True, "empty.html")
    taken = []

    def source():
        for item in itertools.cycle([seed_pages[0], refused, empty, seed_pages[1], seed_pages[2]]):
            taken.append(item)
            yield item

    found = list(itertools.islice(seeded.classify(source()), 10))
    assert len(taken) <= 12, "an endless input must not be read to its end"
    kinds = [type(item) for item in found]
    assert kinds == [LabelledPage, Rejection, Rejection, LabelledPage, LabelledPage] * 2
    assert found[1] is refused
    nothing = found[2]
    assert (nothing.source, nothing.stage, nothing.reason, nothing.id) == (
        "empty.html",
        "classify",
        "no_blocks",
        "empty",
    )
    expected = seeded.classify_batch(seed_pages[:3])
    for one, other in zip([found[0], found[3], found[4]], expected, strict=True):
        same(one, other)
    assert list(seeded.classify([])) == []


def test_nul_is_dropped_from_html_and_text_stays_as_it_is(seeded):
    assert seeded.classify_html("<p>The fer\0ry left.</p>").texts == ["The ferry left."]
    assert seeded.classify_text("The fer\0ry left.").texts == ["The fer\0ry left."]


def test_a_single_page_without_text_has_no_blocks(seeded):
    for page in (seeded.classify_text(" \n "), seeded.classify_html("<script>x</script>"), seeded.classify_text("")):
        assert page.texts == [] and page.blocks == () and page.article_text == ""
        assert page.scores.shape == (0, 3)
        assert (page.language, page.languages) == ("und", {})


def test_what_is_no_page_is_told(seeded):
    for call, told in (
        (lambda: seeded.classify_text(None), "the text must be a str, not NoneType"),
        (lambda: seeded.classify_text(b""), "the text must be a str, not bytes: decode it first"),
        (lambda: seeded.classify_html(b"<p>"), "the HTML must be a str, not bytes: decode it first"),
        (lambda: seeded.classify_html("<p>x</p>", url=5), "the url must be a str, not int"),
        (lambda: list(seeded.classify("a.html")), r"pages are wanted, as classifier.read\(\) gives them, not str"),
    ):
        with pytest.raises(TypeError, match=f"^{told}$"):
            call()


def test_presets_are_the_models_own(seeded, seed_pages):
    balanced, precise, greedy = (seeded.classify_batch(seed_pages, preset) for preset in PRESETS)
    kept = [sum(int(page.kept.sum()) for page in some) for some in (balanced, precise, greedy)]
    assert kept[1] <= kept[0] <= kept[2]
    for one, other in zip(balanced, greedy, strict=True):
        np.testing.assert_array_equal(one.scores, other.scores)
    with pytest.raises(SettingsError, match="unknown preset 'best'; the model has balanced, precision, recall"):
        seeded.classify_batch([], "best")
    with pytest.raises(SettingsError, match="unknown preset"):
        list(seeded.classify(seed_pages[:1], "best"))


def test_the_numbers_behind_the_labels(seeded, seed_pages):
    columns = [split(page) for page in seed_pages[:3]]
    scored = seeded.score(columns)
    n = sum(len(c.texts) for c in columns)
    assert scored.batch.size == n
    assert scored.parts.shape == (n, len(PARTS), 2)
    assert scored.shapes.shape == (n, len(NAMES))
    assert scored.spoken.foreign.shape == (n,) and scored.odds.shape == (n, 2)
    assert len(scored.languages) == 3
    notice = seeded.score([split(p) for p in seed_pages if p.id == "harbour-en-tr"])
    assert notice.spoken.foreign.max() > 0.5 and np.median(notice.spoken.foreign) == 0
    assert seeded.score([]).odds.shape == (0, 2)


@settings(max_examples=50)
@given(st.text(CHARACTERS, max_size=200))
@example("The fer\0ry left.")
def test_any_text_is_labelled(wild, text):
    page = wild.classify_text(text)
    assert page.text == text
    assert [text[s:e] for s, e in zip(page.starts, page.ends, strict=True)] == page.texts
    assert np.isfinite(page.scores).all()


@settings(max_examples=50)
@given(st.text(st.one_of(CHARACTERS, st.sampled_from("<>/pdiv =\"'&;!-")), max_size=200))
def test_any_markup_is_labelled(wild, text):
    page = wild.classify_html(text)
    assert np.isfinite(page.scores).all()
    assert len(page.scores) == len(page.texts)


def test_a_giant_page(wild):
    text = "\n\n".join(f"Entry {i} of the list" if i % 2 else "x" for i in range(20_000))
    (page,) = wild.classify_batch([Page("giant", text, False, "giant.txt")])
    assert len(page.texts) == 20_000
    np.testing.assert_allclose(page.scores.sum(axis=1), 1, atol=1e-6)


def test_an_unknown_way_with_bytes_that_do_not_decode():
    """It was taken for "tolerate"."""
    with pytest.raises(SettingsError, match="unknown value of encoding_errors 'ignore': choose from tolerate, replace"):
        ReadOptions(encoding_errors="ignore")
