"""What stands between the blocks of one page's article, put between those of another's."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import SEEDS, elements_around

from classifier.blocks.page import split_page
from classifier.matching import UNKNOWN
from classifier.records import LABELS, Label
from classifier.training.data import FOLDS, assemble
from classifier.training.examples import Example, fold_of, join_blocks, read_examples
from classifier.training.runs import Run, put_into, runs, takes_runs

ARTICLE, BOILERPLATE, CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
FOG = ["The ferry left at nine, and the fog came after it. ", "Nobody had told the skipper.", "He rang the bell."]
HOST = f"<nav><p>Home</p></nav><main><div class=story>{''.join(f'<p class=par>{t}</p>' for t in FOG)}</div></main>"
SLIDES = [
    "1/2",
    "Snow closed the pass at Hallin and delighted the valley school. " * 2,
    "2/2",
    "Bus drivers strike. " * 4,
]
DONOR = (
    "<h1>Oak</h1><div class=body><p>An oak is felled once.</p><div class=show>"
    f"<figure><i>{SLIDES[0]}</i><figcaption>{SLIDES[1]}</figcaption></figure>"
    f"<figure hidden><i>{SLIDES[2]}</i><figcaption>{SLIDES[3]}</figcaption></figure></div>"
    "More: <p>It dried for a year.</p><p>The table took two winters.</p></div><p>Share</p>"
)


def page(html, article, site):
    columns = split_page(html, True)
    labels = [ARTICLE if text in article else BOILERPLATE for text in columns.texts]
    return Example(site, columns, np.array(labels, dtype=np.int8), f"{site}.example", "mine", "en")


@pytest.fixture
def host():
    return page(HOST, [text.strip() for text in FOG], "fog")


@pytest.fixture
def donor():
    return page(DONOR, ["Oak", "An oak is felled once.", "It dried for a year.", "The table took two winters."], "oak")


def plain(example):
    return replace(example, columns=join_blocks(list(example.columns.texts)))


def test_a_run_is_the_furniture_between_two_blocks_of_the_article(donor):
    (run,) = runs(donor)
    assert [donor.columns.texts[i] for i in run.rows] == [text.strip() for text in [*SLIDES, "More:"]]


def test_what_is_no_run(donor):
    inside = donor.columns.texts.index("2/2")
    assert runs(replace(donor, gold=("An oak is felled once.",))) == [], "gold text leaves out parts of the article"
    assert runs(replace(donor, whole=False)) == []
    for label, count in ((CONSENT, 0), (ARTICLE, 0), (UNKNOWN, 1)):
        labels = donor.labels.copy()
        labels[inside] = label
        assert len(runs(replace(donor, labels=labels))) == count
    short = page("<p>A.</p><p>1</p><p>2</p><p>3</p><p>4</p><p>B.</p>", ["A.", "B."], "short")
    assert runs(short) == []


def test_a_run_comes_with_its_elements_and_stands_between_paragraphs(host, donor):
    made = put_into(host, runs(donor)[0], np.random.default_rng(1))
    texts, markup = list(made.columns.texts), made.columns.markup
    first = texts.index("1/2")
    assert texts[first : first + 5] == [text.strip() for text in [*SLIDES, "More:"]]
    assert made.labels[first : first + 5].tolist() == [BOILERPLATE] * 5
    assert made.labels[first - 1] == made.labels[first + 5] == ARTICLE
    around = elements_around(made)
    assert around[first + 1][:4] == ["figcaption", "figure", "div\tclass=show", "div\tclass=story"]
    assert around[first + 4][0] == "div\tclass=story", "what shares its element lies beside the paragraphs"
    assert around[first - 1] == around[first + 5] == elements_around(host)[1]
    assert [markup.hidden[i] for i in range(first, first + 4)] == [False, False, True, True]
    assert (made.source, made.group, made.id) == ("inserted", "fog.example", "fog+oak")


def test_no_text_of_the_host_is_lost_or_moved(host, donor):
    for view in (host, plain(host)):
        run = runs(donor if view is host else plain(donor))[0]
        for seed in range(10):
            made = put_into(view, run, np.random.default_rng(seed))
            new = {run.page.columns.texts[i] for i in run.rows}
            assert [text for text in made.columns.texts if text not in new] == list(host.columns.texts)
            assert made.columns.texts[-1] == FOG[-1], "the article goes on after it"


def test_markup_goes_to_markup_only(host, donor):
    with pytest.raises(ValueError, match="fog: a page of markup takes the run of a page of markup"):
        put_into(plain(host), Run(donor, np.array([2, 3])), np.random.default_rng(0))


def test_few_pages_get_no_runs():
    pages, texts = read_examples([SEEDS])
    assert "inserted" not in {example.source for example in assemble(pages, texts, 3, 0).examples}


def test_which_pages_take_runs(host):
    assert takes_runs(host)
    assert not takes_runs(replace(host, whole=False))
    assert not takes_runs(page(HOST, [FOG[1]], "little"))


def test_runs_stay_in_their_fold_and_language(monkeypatch):
    monkeypatch.setattr("classifier.training.data._MANY_PAGES", 100)
    pages, texts = read_examples([SEEDS])
    pages = [replace(page, language=page.id.split("-")[-1]) for page in pages]
    by_id = {page.id: page for page in pages}
    made = [e for e in assemble(pages, texts, 3, 0).examples if e.source == "inserted"]
    assert made, "the seeds hold runs"
    for example in made:
        host, donor = (by_id[name] for name in example.id.split("+"))
        assert fold_of(host.group, FOLDS) == fold_of(donor.group, FOLDS)
        assert host.group != donor.group
        assert host.language == donor.language
