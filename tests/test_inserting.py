"""Blocks put into real markup, and composed pages in simple markup."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import SEEDS, elements_around

from classifier.blocks.page import split_page
from classifier.model.batch import gather
from classifier.records import LABELS, Label
from classifier.training.compose import Composer
from classifier.training.data import FOLDS, assemble, languages_together
from classifier.training.examples import Example, by_language, fold_of, join_blocks
from classifier.training.inserting import dress, insert
from classifier.training.reading import read_examples

ARTICLE, BOILERPLATE, CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
HTML = (
    "<html><body class=front><nav><a href=/>Home</a></nav><main class=story><p class=text>The kiln was lit at dawn.</p>"
    "<h2>Salt and ash</h2><p class=text>By noon the glaze had run.</p></main><footer><p>Imprint</p></footer>"
)
ROLES = {"Home": BOILERPLATE, "Imprint": BOILERPLATE}
NOTICE = [("We keep a cookie for each pot you look at, to know which kiln to light next.", CONSENT), ("Fine", CONSENT)]
QUOTATION = [("Der Ofen brannte drei Tage, und keiner von uns hat geschlafen.", ARTICLE)]


@pytest.fixture
def kiln():
    columns = split_page(HTML, True)
    labels = np.array([ROLES.get(text, ARTICLE) for text in columns.texts], dtype=np.int8)
    return Example("kiln", columns, labels, "kiln.example", "mine", "en", ("gold",))


@pytest.fixture(scope="module")
def texts():
    return read_examples([SEEDS / "blocks"]).texts


def test_a_notice_in_markup_leaves_all_else_as_it_was(kiln):
    before, places = elements_around(kiln), set()
    for seed in range(60):
        got = insert(kiln, NOTICE, np.random.default_rng(seed))
        again = insert(kiln, NOTICE, np.random.default_rng(seed))
        assert got.columns == again.columns, "the same seed gives the same page"
        new = np.flatnonzero(got.labels == CONSENT)
        assert [got.columns.texts[i] for i in new] == [text for text, _ in NOTICE]
        assert (np.diff(new) == 1).all(), "a notice stands together"
        rest = np.flatnonzero(got.labels != CONSENT)
        elements = elements_around(got)
        assert [got.columns.texts[i] for i in rest] == kiln.columns.texts
        assert got.labels[rest].tolist() == kiln.labels.tolist()
        assert [elements[i] for i in rest] == before
        assert got.columns.text.split("\n\n") == got.columns.texts
        assert got.group == kiln.group and got.gold == (), "a copy stays in its site's fold"
        where = "inside" if "main\tclass=story" in elements[new[0]] else "outside"
        alike = elements[new[0]] in (before[1], before[2])
        places.add((where, alike, int(new[0])))
        assert elements[new[0]][-1] == "html"
        links = [got.columns.markup.link_chars[i] for i in new]
        assert links == [0, len("Fine") if elements[new[1]][0] == "a" else 0]
    assert {(where, alike) for where, alike, _ in places} == {("inside", True), ("inside", False), ("outside", False)}
    assert {row for where, _, row in places if where == "outside"} == {0, 5}, "first or last in <body>"
    assert {row for _, alike, row in places if alike} > {4}, "after the last paragraph or another"


def test_a_quotation_becomes_a_paragraph_like_one_beside_it(kiln):
    for seed in range(10):
        got = insert(kiln, QUOTATION, np.random.default_rng(seed))
        row = got.columns.texts.index(QUOTATION[0][0])
        elements = elements_around(got)
        assert got.labels[row] == ARTICLE and got.labels[row - 1] == ARTICLE
        assert elements[row] == elements[row - 1]


def test_names_of_inserted_elements_tell_nothing(kiln):
    known = set(kiln.columns.markup.keys)
    names = set()
    for seed in range(40):
        keys = set(insert(kiln, NOTICE, np.random.default_rng(seed)).columns.markup.keys) - known
        names |= {key.split("\t")[1] for key in keys if "\t" in key}
        assert all(key.split("\t")[0] in ("div", "p", "button", "a", "span") for key in keys)
    assert len(names) > 20, "random, so that none can be learned"


def test_a_page_without_markup_is_refused(kiln):
    plain = replace(kiln, columns=join_blocks(kiln.columns.texts))
    with pytest.raises(ValueError, match="kiln: the page has no markup"):
        insert(plain, NOTICE, np.random.default_rng(1))


def test_a_dressed_page_keeps_its_blocks(kiln):
    plain = replace(kiln, columns=join_blocks(kiln.columns.texts))
    flat, tags = set(), set()
    for seed in range(40):
        got = dress(plain, 1, 4, np.random.default_rng(seed))
        assert got.columns.texts == plain.columns.texts and (got.labels == plain.labels).all()
        elements = elements_around(got)
        assert all(path[-2:] == ["body", "html"] for path in elements)
        tags |= {path[0] for path in elements[1:4]}
        holders = [path[1:] for path in elements[1:4]]
        assert holders[0] == holders[1] == holders[2], "one element holds the article"
        flat.add(holders[0] == ["body", "html"])
        batch = gather([got.columns])
        around = np.array(batch.parents)[batch.element]
        if holders[0] != ["body", "html"]:
            assert around[0] != around[1] != around[4], "what stands around it lies elsewhere"
        assert [n > 0 for n in got.columns.markup.link_chars] == [path[0] == "a" for path in elements]
    assert flat == {True, False}, "on some pages all lies in <body>"
    assert tags == {"p", "div", "h2", "h3", "h4", "li"}, "short blocks may be headings or items"


def test_furniture_inside_a_dressed_article_is_mostly_set_apart():
    texts = [f"Paragraph {i} tells of the kiln, of salt and ash, and of all who waited for it." for i in range(4)]
    texts.insert(2, "Also read: the potter who fires with driftwood, and why she will not sell her bowls")
    columns, labels = join_blocks(texts), np.array([ARTICLE, ARTICLE, BOILERPLATE, ARTICLE, ARTICLE], dtype=np.int8)
    apart = 0
    for seed in range(60):
        got = dress(Example("kiln", columns, labels, "kiln.example", "mine"), 0, 5, np.random.default_rng(seed))
        elements = elements_around(got)
        assert elements[0] == elements[1] == elements[3] == elements[4], "long paragraphs are alike"
        apart += elements[2] != elements[1]
    assert 60 / 4 < apart < 60


def test_furniture_put_into_a_page_stands_after_any_paragraph(kiln):
    places = set()
    for seed in range(60):
        got = insert(kiln, [("Follow the kiln", BOILERPLATE)], np.random.default_rng(seed))
        row = got.columns.texts.index("Follow the kiln")
        elements = elements_around(got)
        assert got.labels[row] == BOILERPLATE and got.labels[row - 1] == ARTICLE
        assert "main\tclass=story" in elements[row]
        places.add((row, elements[row] == elements[row - 1]))
    assert places == {(row, alike) for row in (2, 3, 4) for alike in (True, False)}


def test_composed_pages_in_markup_hold_what_plain_ones_do(texts):
    pool = by_language(texts)
    known = {(" ".join(t.split()), LABELS.index(label)) for (label, _), own in pool.items() for t in own}
    composer, twin = Composer(pool, {}, 7), Composer(pool, {}, 7)
    for number in range(30):
        made, same = composer.page(f"{number}", markup=True), twin.page(f"{number}", markup=True)
        assert made.columns == same.columns and (made.labels == same.labels).all()
        assert made.columns.markup is not None and made.source == "composed" and made.id == f"{number}"
        assert all(pair in known for pair in zip(made.columns.texts, made.labels.tolist(), strict=True))
        assert (made.labels == ARTICLE).sum() >= 3


def test_some_pages_with_markup_get_a_notice(kiln, texts):
    pages = [replace(kiln, id=f"{i}", group=f"{i}.example") for i in range(60)]
    found = assemble(pages, texts, 0, 1)
    glued = [e for e in found.examples if e.source == "glued"]
    assert 6 < len(glued) < 40
    bare = [e for e in glued if not any(key.startswith("body\t") for key in e.columns.markup.keys)]
    assert 0 < len(bare) < len(glued), "some without the names of their elements"
    quoted = [e for e in glued if not (e.labels == CONSENT).any()]
    assert len(quoted) < len(glued) / 2
    assert all((e.labels == ARTICLE).sum() > 3 for e in quoted), "what is foreign is not always a notice"
    fold = {" ".join(t.text.split()): fold_of(t.group, FOLDS) for t in languages_together(texts)}
    for example in glued:
        new = [fold[t] == fold_of(example.group, FOLDS) for t in example.columns.texts if t in fold]
        assert np.mean(new) > 0.9, "a fit that has seen the notice would score it too well"
