"""Which blocks each stage learns from, how much each counts, and which fold it is of."""

from dataclasses import replace

import numpy as np
import pytest
from training_pages import page

from classifier.blocks.html import split_html
from classifier.matching import UNKNOWN
from classifier.records import Label
from classifier.training.compose import TRIMMED
from classifier.training.data import FIRST_CAP, FOLDS, SECOND_CAP, assemble
from classifier.training.examples import Example, LabelledText, base_language, fold_of, join_blocks

ARTICLE, BOILERPLATE, CONSENT = range(3)


def test_samples_hold_labelled_blocks_and_few_of_a_page():
    found = assemble(
        [page("long", [f"text {i}" for i in range(500)], [BOILERPLATE] * 500), page("open", ["a", "b"], [UNKNOWN, 0])],
        [LabelledText("We use cookies.", Label.CONSENT, "en", "test", "We use cookies.")], 0, 1,
    )  # fmt: skip
    rows = found.first_rows(1)
    assert len(rows) == FIRST_CAP + 2
    assert len(set(rows.tolist())) == len(rows) and (np.diff(rows) > 0).all()
    assert (found.labels[rows] != UNKNOWN).all()
    assert rows.tolist() == found.first_rows(1).tolist()
    assert rows.tolist() != found.first_rows(2).tolist()
    assert len(found.second_rows(1)) == SECOND_CAP + 1


def test_a_text_counts_once_a_page_in_the_first_stage_and_each_time_in_the_second():
    found = assemble([page("p", ["twice", "twice", "once"], [BOILERPLATE] * 3)], [], 0, 1)
    assert found.first_rows(1).tolist() == [0, 2]
    assert found.second_rows(1).tolist() == [0, 1, 2]


def test_longer_blocks_and_rare_sources_count_more_but_not_pages_that_show_what_is_rare():
    common = [page(f"p{i}", ["short", "a longer text"], [BOILERPLATE] * 2) for i in range(9)]
    rare = Example("r", join_blocks(["short", "a longer text"]), np.array([1, 1], np.int8), "r", "rare", "en")
    found = assemble([*common, rare, replace(rare, rare=True)], [], 0, 1)
    rows = found.second_rows(1)
    weights = found.second_weights(rows)
    assert weights.mean() == pytest.approx(1, abs=1e-5)
    assert weights[1] > weights[0] and weights[-3] > 1.5 * weights[1]
    assert weights[-1] == pytest.approx(weights[1])
    assert found.first_weights(rows)[1] > found.first_weights(rows)[0] > 0


def test_notices_of_every_second_language_are_of_one_fold(examples):
    found = assemble([], examples[1], 0, 1)
    assert found.loose.all() and len(found.examples) == len(examples[1])
    folds, others = {}, {}
    for example, label, fold in zip(found.examples, found.labels.tolist(), found.fold.tolist(), strict=True):
        own = folds if label == CONSENT else others
        own.setdefault(base_language(example.language), set()).add(fold)
    together = [language for language, own in folds.items() if len(own) == 1]
    assert len(folds) / 3 < len(together) < len(folds) * 2 / 3
    assert all(len(own) == FOLDS for own in others.values()), "articles and furniture are not kept together"
    assert len({next(iter(folds[language])) for language in together}) == FOLDS


def test_notices_in_few_languages_are_not_kept_from_a_fit(examples):
    few = [t for t in examples[1] if t.label is not Label.CONSENT or base_language(t.language) in ("de", "ca", "pl")]
    found = assemble([], few, 0, 1)
    notices = found.labels == CONSENT
    languages = np.array([base_language(e.language) for e in found.examples])
    for language in ("de", "ca", "pl"):
        assert set(found.fold[notices & (languages == language)].tolist()) == set(range(FOLDS))


def test_languages_of_tags():
    assert base_language("sr-Latn") == base_language("SR_Cyrl") == "sr"
    assert base_language("und") == base_language("") == ""


def test_loose_texts_of_a_language_weigh_alike_by_label():
    def loose(label, language, count):
        names = (f"{label} {language} {i}" for i in range(count))
        return [LabelledText(name, label, language, "test", name) for name in names]

    texts = [*loose(Label.ARTICLE, "el", 10), *loose(Label.BOILERPLATE, "el", 40), *loose(Label.CONSENT, "el", 6),
             *loose(Label.ARTICLE, "fi", 5), *loose(Label.BOILERPLATE, "fi", 5)]  # fmt: skip
    found = assemble([page("p", ["a block"], [ARTICLE])], texts, 0, 1)
    rows = found.first_rows(1)
    languages = np.array([e.language for e in found.examples])[found.batch.page[rows]]
    weights, labels, alone = found.first_weights(rows), found.labels[rows], found.loose[found.batch.page[rows]]
    total = {
        (language, label): weights[alone & (languages == language) & (labels == label)].sum()
        for language in ("el", "fi") for label in (ARTICLE, BOILERPLATE, CONSENT)
    }  # fmt: skip
    assert total["el", ARTICLE] == pytest.approx(total["el", BOILERPLATE]) == pytest.approx(6)
    assert total["el", CONSENT] == pytest.approx(6)
    assert 0 < total["fi", ARTICLE] < 0.05 * 5, "no notices: its letters should say nothing"
    known = found.first_weights(rows[languages == "fi"])
    assert known.sum() > 5 * 0.2, "where no language has notices, nothing is taken away"
    plain = found.first_weights(rows, by_language=False)
    assert plain[alone & (labels == ARTICLE)] == pytest.approx(0.2)
    assert weights[~alone] == plain[~alone]


def test_all_pages_of_a_site_are_of_one_fold():
    pages = [page(f"p{i}", ["text"], [ARTICLE], group=f"site{i % 7}") for i in range(70)]
    found = assemble(pages, [], 0, 1)
    folds = {}
    for example, fold in zip(found.examples, found.fold.tolist(), strict=True):
        folds.setdefault(example.group, set()).add(fold)
    assert all(len(own) == 1 for own in folds.values())
    assert fold_of("example.org", 1000) == 287, "a fold must not depend on the run or the machine"
    assert fold_of("\ud800", 3) in range(3)


def test_a_text_does_not_get_the_title_of_another_page_that_has_its_id():
    columns = split_html("<title>Fog closes the lower harbour</title><p>Boats wait.")
    marked = [Example(f"{n}", columns, np.array([ARTICLE], np.int8), f"{n}", "one") for n in range(40)]
    own, other = (
        [replace(page(f"{n}", ["Boats wait."], [ARTICLE]), source=source) for n in range(40)]
        for source in ("one", "other")
    )
    for plain, expected in ((own, True), (other, False)):
        made = assemble([*marked, *plain], [], 0, 1).examples
        assert any(example.source == TRIMMED for example in made) is expected
