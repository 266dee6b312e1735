"""What stands inside articles, of pages and of loose texts, and composed pages with some of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from classifier.errors import TrainingError
from classifier.records import LABELS, Label
from classifier.training.compose import Composer
from classifier.training.data import assemble
from classifier.training.examples import Example, LabelledText, join_blocks
from classifier.training.inside import SHORT, inside_articles
from classifier.training.reading import read_examples

ARTICLE, BOILERPLATE = LABELS.index(Label.ARTICLE), LABELS.index(Label.BOILERPLATE)
LONG = "The kiln was lit at dawn, and by noon the glaze had run down the shelves and over the bricks."
PAGE = [
    ("Home", BOILERPLATE), (LONG, ARTICLE), ("Salt and ash", ARTICLE), ("Also read: the last potter", BOILERPLATE),
    (LONG.upper(), ARTICLE), ("What the glaze hid", ARTICLE), (LONG.lower(), ARTICLE), ("Imprint", BOILERPLATE),
]  # fmt: skip


def page(blocks, name="kiln", language="en-GB", whole=True):
    labels = np.array([label for _, label in blocks], dtype=np.int8)
    columns = join_blocks([text for text, _ in blocks])
    return Example(name, columns, labels, f"{name}.example", "mine", language, whole=whole)


def loose(text, label=Label.BOILERPLATE, language="en", inside=True):
    return LabelledText(text, label, language, "seeds", text, inside)


def test_of_a_page_what_stands_between_its_first_and_last_paragraph():
    found = inside_articles([page(PAGE)], [])
    assert found == {
        (ARTICLE, "en"): [["Salt and ash", "What the glaze hid"]],
        (BOILERPLATE, "en"): [["Also read: the last potter"]],
    }
    assert all(len(text) <= SHORT for text in found[ARTICLE, "en"][0])


def test_pages_that_are_no_articles_give_nothing():
    menu = [("Opening hours, tickets and how to find the pottery by bus", BOILERPLATE)] * 9
    listing = [PAGE[1], *menu, PAGE[2], *menu, PAGE[4]]
    few = PAGE[:3]
    assert inside_articles([page(listing), page(few), page(PAGE, whole=False)], []) == {}


def test_loose_texts_that_tell_so_are_drawn_from_as_often_as_those_of_pages():
    texts = [loose("Kiln  news, every\nFriday"), loose("Menu", inside=False), loose("Ceniza", Label.ARTICLE, "es-MX")]
    found = inside_articles([page(PAGE)], texts)
    assert found[BOILERPLATE, "en"] == [["Also read: the last potter"], ["Kiln news, every Friday"]]
    assert found[ARTICLE, "es"] == [["Ceniza"]]


def composer_of(**how):
    notices = [f"We keep a cookie for each pot that you look at, for {days} days and more." for days in range(30)]
    pool = {
        (Label.ARTICLE, "en"): [f"{LONG} {i}" for i in range(20)],
        (Label.BOILERPLATE, "en"): ["Home", "Imprint"],
        (Label.CONSENT, "en"): notices,
    }
    texts = [loose("Follow the kiln"), loose("Salt and ash", Label.ARTICLE)]
    return Composer(pool, inside_articles([], texts), 3, **how)


@pytest.fixture
def composer():
    return composer_of()


@pytest.mark.parametrize("markup", [False, True])
def test_composed_pages_hold_it_between_paragraphs(composer, markup):
    seen = {"Follow the kiln": 0, "Salt and ash": 0}
    dialogs = 0
    for number in range(200):
        made = composer.page(str(number), markup)
        texts, rows = made.columns.texts, np.flatnonzero(made.labels == ARTICLE)
        dialogs += int((made.labels == LABELS.index(Label.CONSENT)).sum()) > 5
        for text, label in (("Follow the kiln", BOILERPLATE), ("Salt and ash", ARTICLE)):
            at = [i for i, found in enumerate(texts) if found == text]
            assert all(made.labels[i] == label and rows[0] < i < rows[-1] for i in at)
            seen[text] += bool(at)
    assert 200 * 0.15 < seen["Follow the kiln"] < 200 * 0.5
    assert 200 * 0.05 < seen["Salt and ash"] < 200 * 0.5
    assert 200 * 0.1 < dialogs < 200 * 0.4, "some notices are whole dialogs"


def test_copies_of_real_pages_get_furniture_between_their_paragraphs(composer):
    before, found = page(PAGE), 0
    for _ in range(60):
        for made in (composer.glue(before), composer.trim(before, "Fire and salt")):
            rest = [t for t in made.columns.texts if t in dict(PAGE)]
            assert rest in ([t for t, _ in PAGE], [t for t, _ in PAGE[1:-1]]), "all else stays as it was"
            own = [i for i, t in enumerate(made.columns.texts) if t == "Follow the kiln"]
            rows = np.flatnonzero(made.labels == ARTICLE)
            assert all(made.labels[i] == BOILERPLATE and rows[0] < i < rows[-1] for i in own)
            found += bool(own)
    assert 120 * 0.2 < found < 120 * 0.8


def test_records_tell_that_a_block_stands_inside(tmp_path):
    rows = [
        {"text": "Kiln news, every Friday", "label": "boilerplate", "lang": "en", "inside": True},
        {"text": "Menu", "label": "boilerplate", "lang": "en"},
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    texts = read_examples([path]).texts
    assert [text.inside for text in texts] == [True, False]
    data = assemble([page(PAGE)], texts, 0, 1)
    found = data.inside[data.batch.page]
    assert [data.batch.texts[i] for i in data.batch.which[found]] == ["Kiln news, every Friday"]
    rows = np.flatnonzero(data.loose[data.batch.page])
    assert data.first_weights(rows)[0] < 1
    with_many = replace(data, many=True).first_weights(rows)
    assert with_many[0] == 1 > with_many[1], "with many pages such a block counts for more"


def test_with_few_pages_no_notice_is_a_dialog():
    plain = composer_of(dialogs=False)
    notices = [int((plain.page(str(i)).labels == LABELS.index(Label.CONSENT)).sum()) for i in range(100)]
    assert max(notices) <= 5, "sentences alone: this pool has no buttons"


def test_inside_must_be_true_or_false(tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps({"text": "Kiln news", "label": "boilerplate", "inside": "yes"}), encoding="utf-8")
    with pytest.raises(TrainingError, match="line 1: `inside` is neither true nor false"):
        read_examples([path])
