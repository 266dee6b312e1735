"""Pages put together from the furniture of one and the main content of another."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import SEEDS, elements_around

from classifier.blocks.page import split_page
from classifier.matching import UNKNOWN
from classifier.records import LABELS, Label
from classifier.training.data import FOLDS, assemble
from classifier.training.examples import Example, fold_of, join_blocks
from classifier.training.grafting import graft, main_element
from classifier.training.reading import read_examples

ARTICLE, BOILERPLATE, CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
FOG = ["The ferry left at nine, and the fog came after it. " * 3, "Nobody had told the skipper about the shoals. " * 3]
OAK = ["An oak of that age is felled once, and looked at for a year. " * 3, "The table took two winters. " * 6]
HOST = (
    "<title>Fog</title><nav><li><a href=/>Home</a><li><a href=/sea>Sea</a></nav><div class=grid><div id=story>"
    f"<h1>Fog on the sound</h1><p>{FOG[0]}</p><aside>Read also: tides</aside><p>{FOG[1]}</p></div>"
    "<div class=side><p>Most read</p><p>Letters</p></div></div><footer><p>About us</p></footer>"
)
DONOR = (
    "<title>Oak</title><p>Search</p><main><article class=post>"
    f"<h2>The table</h2><p>{OAK[0]}</p><p>{OAK[1]}</p><p>Share <b>this</b></p></article></main><p hidden>Dialog</p>"
)


def page(html, article, site):
    columns = split_page(html, True)
    labels = [ARTICLE if text.strip() in article else BOILERPLATE for text in columns.texts]
    gold = tuple(article)
    return Example(site, columns, np.array(labels, dtype=np.int8), f"{site}.example", "mine", "en", gold)


@pytest.fixture
def host():
    return page(HOST, [text.strip() for text in FOG], "fog")


@pytest.fixture
def donor():
    return page(DONOR, [text.strip() for text in OAK], "oak")


def test_the_main_element_is_the_innermost_that_holds_the_article(host, donor):
    for example, key in ((host, "div\tid=story"), (donor, "article\tclass=post")):
        markup = example.columns.markup
        assert markup.keys[markup.tags[main_element(example)]] == key


def test_the_main_content_changes_places_with_its_labels_and_elements(host, donor):
    made = graft(host, donor)
    texts = ["Home", "Sea", "The table", *(t.strip() for t in OAK), "Share this", "Most read", "Letters", "About us"]
    assert [text.strip() for text in made.columns.texts] == texts
    assert made.labels.tolist() == [BOILERPLATE] * 3 + [ARTICLE] * 2 + [BOILERPLATE] * 4
    assert elements_around(made)[3][:3] == ["p", "article\tclass=post", "div\tclass=grid"], "in the place of the host's"
    assert elements_around(made)[6][:3] == ["p", "div\tclass=side", "div\tclass=grid"]
    assert elements_around(made)[0] == elements_around(host)[0]
    assert (made.columns.markup.title, made.group, made.source) == ("Oak", "fog.example", "grafted")
    assert made.columns.markup.link_chars[:3] == [4, 3, 0]
    assert not any(made.columns.markup.hidden)


def test_labels_left_open_stay_so(host, donor):
    donor.labels[donor.columns.texts.index("Share this")] = UNKNOWN
    made = graft(host, donor)
    assert made.labels[made.columns.texts.index("Share this")] == UNKNOWN


def test_pages_that_cannot_be_grafted(host, donor):
    plain = Example("p", join_blocks(list(host.columns.texts)), host.labels, "p.example", "mine")
    bare = page(f"<p>{FOG[0]}</p>", [FOG[0].strip()], "bare")
    little = page("<nav><p>a</p></nav><div><p>Short.</p><p>b</p><p>c</p></div>", ["Short."], "little")
    assert main_element(plain) == main_element(little) == -1
    for wrong in (plain, bare, little):
        assert graft(host, wrong) is None
        assert graft(wrong, donor) is None


def test_grafts_keep_to_a_fold_and_a_language():
    pages = read_examples([SEEDS / "pages"]).pages
    html = [
        replace(example, id=f"{example.id}/{i}", group=f"{i}.example")
        for i in range(3) for example in pages if example.columns.markup is not None
    ]  # fmt: skip
    made = [e for e in assemble(html, [], 0, 1).examples if e.source == "grafted"]
    assert made, "pages whose language nobody named count as of one"
    by_id = {example.id: example for example in html}
    for example in made:
        host, donor = (by_id[part] for part in example.id.split("+"))
        assert fold_of(host.group, FOLDS) == fold_of(donor.group, FOLDS)
        assert host.group != donor.group
    apart = [replace(example, language=str(i)) for i, example in enumerate(html)]
    assert not [e for e in assemble(apart, [], 0, 1).examples if e.source == "grafted"]
