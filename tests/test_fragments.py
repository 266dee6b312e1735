"""Pages cut down to their main content, or to a few blocks of it."""

import numpy as np
import pytest
from conftest import elements_around

from classifier.blocks.page import split_page
from classifier.matching import UNKNOWN
from classifier.records import LABELS, Label
from classifier.training.data import assemble
from classifier.training.examples import Example, join_blocks
from classifier.training.fragments import fragment

ARTICLE, BOILERPLATE = LABELS.index(Label.ARTICLE), LABELS.index(Label.BOILERPLATE)
TIDE = "The tide table was printed a day early that year, and nobody on the island believed it until the pier was dry."
KILN = "A kiln cools for two days before anyone may open it, and the potter sleeps beside it as one sleeps by a pan."
HTML = (
    f"<title>Tide</title><nav><a href=/>Home</a></nav><main class=wide><div class=story><p>{TIDE}</p>"
    f"<p><a href=/more>Read also: nets</a></p><section><p>{KILN}</p></section></div></main><p hidden>About us</p>"
)


def page(html):
    columns = split_page(html, True)
    labels = [ARTICLE if text.strip() in (TIDE, KILN) else BOILERPLATE for text in columns.texts]
    return Example("tide", columns, np.array(labels, dtype=np.int8), "tide.example", "mine", "en", (TIDE, KILN))


class Dice:
    """Gives what it is told to."""

    def __init__(self, chance, *numbers):
        self.chance, self.numbers = chance, list(numbers)

    def random(self):
        return self.chance

    def integers(self, *_bounds):
        return self.numbers.pop(0)


def test_all_of_the_main_element_with_its_elements_in_a_root_of_its_own():
    cut = fragment(page(HTML), Dice(0.99))
    assert [text.strip() for text in cut.columns.texts] == [TIDE, "Read also: nets", KILN]
    assert cut.labels.tolist() == [ARTICLE, BOILERPLATE, ARTICLE]
    assert elements_around(cut)[0] == ["p", "div\tclass=story", "html"]
    assert elements_around(cut)[2] == ["p", "section", "div\tclass=story", "html"]
    markup = cut.columns.markup
    assert markup.link_chars == [0, 15, 0] and markup.hidden == [False] * 3
    assert (markup.title, markup.hints, cut.source, cut.group) == ("", (), "fragment", "tide.example")


def test_a_few_blocks_in_a_row_without_the_elements_of_the_others():
    cut = fragment(page(HTML), Dice(0.0, 0, 2))
    assert [text.strip() for text in cut.columns.texts] == [TIDE, "Read also: nets"]
    assert len(cut.columns.markup.parents) == 5, "root, story, a paragraph, another with its link"
    last = fragment(page(HTML), Dice(0.0, 1, 8))
    assert [text.strip() for text in last.columns.texts] == [KILN], "a few begin with an article block"
    assert elements_around(last) == [["p", "section", "div\tclass=story", "html"]]


def test_plain_text_from_the_first_article_block_to_the_last():
    texts = ["Home", TIDE, "Read also: nets", KILN, "About us"]
    labels = np.array([BOILERPLATE, ARTICLE, UNKNOWN, ARTICLE, BOILERPLATE], dtype=np.int8)
    cut = fragment(Example("t", join_blocks(texts), labels, "t.example", "mine"), Dice(0.99))
    assert cut.columns.texts == texts[1:4] and cut.labels.tolist() == labels[1:4].tolist()
    assert cut.columns.markup is None


@pytest.mark.parametrize("html", [f"<p>{TIDE}</p>", f"<p>{TIDE}</p><p>Home</p><p>{KILN}</p>", "<p>Home</p>"])
def test_pages_without_a_main_element_of_their_own_have_none(html):
    assert fragment(page(html), Dice(0.99)) is None


def test_some_of_the_pages_to_learn_from_come_as_fragments_too():
    made = [e for e in assemble([page(HTML)] * 200, [], 0, 1).examples if e.source == "fragment"]
    assert 0 < len(made) < 200
    assert {any("class=" in key for key in e.columns.markup.keys) for e in made} == {True, False}, "some without names"
    assert any(len(e.labels) < 3 for e in made) and any(len(e.labels) == 3 for e in made)
