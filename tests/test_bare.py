"""Pages in bare markup, made from pages of HTML to learn from."""

import json
from dataclasses import replace

import numpy as np
import pytest
from conftest import TINY, elements_around

from classifier.blocks.page import split_page
from classifier.matching import UNKNOWN
from classifier.model import store
from classifier.model.batch import gather
from classifier.model.kinds import BARE, MARKUP, kinds_of_pages
from classifier.records import LABELS
from classifier.settings import PAGE_HINTS, default_model
from classifier.training import bare as module
from classifier.training import data as training_data
from classifier.training import train
from classifier.training.bare import bare_data, cut_to_article, in_bare_markup
from classifier.training.data import assemble
from classifier.training.examples import Example

ARTICLE, BOILERPLATE, CONSENT = range(3)
HTML = """<html><head><title>The quay</title><meta property="og:type" content="article"></head><body class=news>
<nav class=top><ul class=menu><li><a href=/>Home</a><li><div><a href=/sea>Sea</a></div></ul></nav>
<main><article id=story><h1 class=head>Fog</h1><div class=text>The <b>old</b> ferry</div><p lang=en>left.</p>
<div><a href=/more><i>More</i></a></div><blockquote>She <span>said</span> so</blockquote>
<table><tr><td><section>Tarn</section></td></tr></table></article></main><div hidden>Cookies</div></body></html>"""


@pytest.fixture
def page():
    columns = split_page(HTML, True, "https://sound.example/news/fog")
    labels = np.full(len(columns.texts), BOILERPLATE, dtype=np.int8)
    labels[[2, 3, 4, 6]], labels[8] = ARTICLE, CONSENT
    return Example("fog", columns, labels, "sound.example", "mine", "en")


def test_only_elements_of_markdown_are_left_and_every_text_is_held_by_one(page):
    assert kinds_of_pages(gather([page.columns])).tolist() == [MARKUP]
    bare = in_bare_markup(page, page.columns.markup)
    assert kinds_of_pages(gather([bare.columns])).tolist() == [BARE]
    assert dict(zip(bare.columns.texts, elements_around(bare), strict=True)) == {
        "Home": ["a", "li", "ul", "html"], "Sea": ["a", "li", "ul", "html"], "Fog": ["h1", "html"],
        "The old ferry": ["p", "html"], "left.": ["p", "html"], "More": ["em", "a", "p", "html"],
        "She said so": ["p", "blockquote", "html"], "Tarn": ["td", "tr", "table", "html"], "Cookies": ["p", "html"],
    }  # fmt: skip


def test_what_bare_markup_does_not_tell_is_gone_and_the_rest_stays(page):
    bare = in_bare_markup(page, page.columns.markup)
    before, after = page.columns.markup, bare.columns.markup
    assert any(before.hidden) and not any(after.hidden) and before.title == after.title == "The quay"
    told = dict(zip(PAGE_HINTS, after.hints, strict=True))
    assert told["url"] == 1 and told["og article"] == 0 and before.hints[PAGE_HINTS.index("og article")] == 1
    assert (after.link_chars, bare.labels.tolist(), bare.group) == (before.link_chars, page.labels.tolist(), page.group)
    assert all(parent < child for child, parent in enumerate(after.parents)), "parents come first"


def test_a_page_is_cut_from_its_first_article_block_to_its_last(page):
    cut = cut_to_article(page)
    assert cut.columns.texts == ["Fog", "The old ferry", "left.", "More", "She said so"]
    assert cut.labels.tolist() == [ARTICLE, ARTICLE, ARTICLE, BOILERPLATE, ARTICLE]
    assert elements_around(cut) == elements_around(page)[2:7]
    assert [
        cut.columns.text[a:b] for a, b in zip(cut.columns.starts, cut.columns.ends, strict=True)
    ] == cut.columns.texts
    assert cut_to_article(replace(page, labels=np.where(np.arange(9) == 3, ARTICLE, BOILERPLATE))) is None


@pytest.fixture
def found(page, monkeypatch):
    """Thirty pages of markup of as many sites, nine of plain text, and the copies that are made of them."""
    monkeypatch.setattr(module, "LEAST_ROWS", 200)
    plain = Example("fog", split_page("Fog\n\nThe old ferry left.", False, ""), np.array([0, 0], np.int8), "a", "mine")
    pages = [replace(page, group=f"{number}.example") for number in range(30)] + [plain] * 9
    return replace(assemble(pages, [], 0, seed=0), many=True)


def test_pages_of_markup_come_bare_with_the_labels_that_are_left(page, found, monkeypatch):
    assert {"soup", "mine"} <= {example.source for example in found.examples}
    found = replace(found, labels=np.where(found.batch.which == 0, UNKNOWN, found.labels).astype(np.int8))
    data = bare_data(found, 1)
    assert set(kinds_of_pages(data.batch)) == {BARE} and not data.loose.any() and data.many is True
    assert data.batch.size == len(data.labels) == len(data.lengths)
    whole, cut = ([e for e in data.examples if e.id.endswith(end)] for end in ("+bare", "+cut"))
    assert len(whole) == 30 and 1 <= len(cut) <= 12, "copies without names would be the same pages again"
    titles = [example.columns.markup.title for example in data.examples]
    assert {"", "The quay"} == set(titles) and 0.3 < titles.count("") / len(titles) < 0.7
    assert whole[0].labels.tolist() == [UNKNOWN, *page.labels[1:]]
    monkeypatch.setattr(module, "_CUT", 1.0)
    half_known = replace(found, examples=[replace(example, whole=False) for example in found.examples])
    assert len(bare_data(half_known, 1).examples) == 30


def test_no_data_in_bare_markup_where_it_would_not_do(page, found, monkeypatch):
    def of(**changes):
        return bare_data(replace(found, **changes), 1)

    assert of() is not None
    assert of(many=False) is None
    assert of(labels=np.where(found.labels == CONSENT, UNKNOWN, found.labels).astype(np.int8)) is None
    assert of(examples=[replace(example, group="one.example") for example in found.examples]) is None
    assert bare_data(replace(assemble([page, page], [], 0, 0), many=True), 1) is None, "few blocks"
    texts = [example for example in found.examples if example.columns.markup is None]
    assert bare_data(replace(assemble(texts, [], 0, 0), many=True), 1) is None


def test_many_pages_without_markup_get_no_network_for_bare_markup(examples, tmp_path, monkeypatch):
    monkeypatch.setattr(training_data, "_MANY_PAGES", 1)
    path = tmp_path / "pages.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for example in examples[0]:
            blocks = [
                {"text": text, "label": LABELS[label]}
                for text, label in zip(example.columns.texts, example.labels.tolist(), strict=True)
                if label != UNKNOWN
            ]
            file.write(json.dumps({"id": example.id, "domain": example.group, "blocks": blocks}) + "\n")
    manifest = train([path], tmp_path / "model", default_model(), TINY)
    assert store.load(tmp_path / "model").context.networks.bare is None
    assert set(manifest["scores"]["views"]) == {"text"}
