"""Pages put together from single texts, and what is glued to real ones."""

import numpy as np
import pytest
from training_pages import page

from classifier.matching import UNKNOWN
from classifier.records import LABELS, Label
from classifier.training.compose import LONG_NOTICE, Composer
from classifier.training.data import FOLDS, assemble, languages_together
from classifier.training.examples import by_language, fold_of

ARTICLE, BOILERPLATE, CONSENT = range(3)


@pytest.fixture(scope="module")
def pool(examples):
    return by_language(examples[1])


def test_composed_pages(pool):
    composer, twin = Composer(pool, {}, 7), Composer(pool, {}, 7)
    known = {(" ".join(t.split()), LABELS.index(label)) for (label, _), texts in pool.items() for t in texts}
    places, foreign, with_notice, quoting, dialogs = set(), 0, 0, 0, 0
    for number in range(200):
        made, same = composer.page(f"{number}"), twin.page(f"{number}")
        assert made.columns.texts == same.columns.texts and (made.labels == same.labels).all()
        assert made.columns.text.split("\n\n") == made.columns.texts
        assert all(pair in known for pair in zip(made.columns.texts, made.labels.tolist(), strict=True))
        article = {" ".join(t.split()) for t in pool[Label.ARTICLE, made.language]}
        rows = np.flatnonzero(made.labels == ARTICLE)
        other = [made.columns.texts[i] not in article for i in rows]
        assert len(rows) >= 3 and sum(other) <= 5
        quoting += any(other)
        notice = np.flatnonzero(made.labels == CONSENT)
        if len(notice):
            with_notice += 1
            dialogs += len(notice) > 9
            assert len(notice) >= 6 or len(made.columns.texts[notice[0]]) > LONG_NOTICE
            assert (np.diff(notice) == 1).all(), "a notice stands together"
            own = {" ".join(t.split()) for t in pool.get((Label.CONSENT, made.language), [])}
            foreign += made.columns.texts[notice[0]] not in own
            places.add("end" if notice[-1] == len(made.labels) - 1 else "start" if notice[0] == 0 else "inside")
    assert places == {"end", "start", "inside"}
    assert 200 * 0.8 < with_notice < 200
    assert with_notice * 0.1 < dialogs < with_notice * 0.4, "some notices are whole dialogs"
    assert foreign > with_notice / 2, "mostly a language that is not the page's"
    assert 200 * 0.2 < quoting < 200 * 0.5, "some articles quote another language"


def test_composed_pages_draw_on_the_texts_of_their_own_fold(examples):
    found = assemble([], examples[1], 60, 1)
    grouped = languages_together(examples[1])
    fold = {" ".join(t.text.split()): fold_of(t.group, FOLDS) for t in grouped}
    composed = [e for e in found.examples if e.source == "composed"]
    assert len(composed) >= 50
    for example in composed:
        # a text that two rows share may belong to two folds: all others must agree
        own = [fold[t] == fold_of(example.group, FOLDS) for t in example.columns.texts]
        assert np.mean(own) > 0.9


def test_what_is_glued_to_a_page_leaves_the_rest_as_it_was(pool):
    before = page("plain", ["Menu", "One long paragraph.", "Another one.", "?"], [1, 0, 0, UNKNOWN])
    notices, places = 0, set()
    for seed in range(30):
        glued = Composer(pool, {}, seed).glue(before)
        kept = np.array([text in before.columns.texts for text in glued.columns.texts])
        assert glued.labels[kept].tolist() == before.labels.tolist()
        assert [t for t, k in zip(glued.columns.texts, kept, strict=True) if k] == before.columns.texts
        assert glued.group == before.group, "a copy may not leave its site's fold"
        (label,) = set(glued.labels[~kept].tolist())
        notices += label == CONSENT
        first = int(np.flatnonzero(~kept)[0])
        places.add((label, first))
    assert 30 / 2 < notices < 30, "some are quotations"
    assert {at for label, at in places if label == ARTICLE} <= {2, 3}, "inside the article or after it"
    assert {at for label, at in places if label == CONSENT} >= {0, 4}


def test_a_pool_without_notices_composes_nothing(pool):
    poor = {key: texts for key, texts in pool.items() if key[0] is not Label.CONSENT}
    assert not Composer(poor, {}, 1).possible()
    assert Composer(pool, {}, 1).possible()
