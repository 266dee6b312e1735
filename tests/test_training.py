"""Training from seeds/ alone: the same bytes twice, arrays that score as the fitted objects, figures that are right."""

import json
from dataclasses import replace

import joblib
import numpy as np
import pytest
from conftest import FEW, SEEDS, TINY
from random_pages import flat

from classifier.classify import Classifier
from classifier.errors import OutputError, TrainingError
from classifier.matching import UNKNOWN
from classifier.model import store
from classifier.model.batch import gather
from classifier.model.blocks import probabilities
from classifier.model.context import input_names, inputs
from classifier.model.languages import LanguageInputs
from classifier.model.surroundings import TERM_NAMES
from classifier.records import LABELS, Label
from classifier.settings import default_model
from classifier.training import TrainingSettings, data, networks, rows, train
from classifier.training.cleaning import leave_out_notices
from classifier.training.compose import LONG_NOTICE, Composer
from classifier.training.data import FIRST_CAP, FOLDS, SECOND_CAP, assemble, languages_together
from classifier.training.examples import (
    Example,
    LabelledText,
    base_language,
    by_language,
    fold_of,
    join_blocks,
    read_examples,
)
from classifier.training.first_stage import Features
from classifier.training.held_out import _by_name
from classifier.training.settings import for_data, for_draft

ARTICLE, BOILERPLATE, CONSENT = range(3)


@pytest.fixture(scope="module")
def examples():
    return read_examples(FEW)


def test_the_same_seeds_give_the_same_bytes(seed_model, tmp_path):
    folder, manifest = seed_model
    again = train(FEW, tmp_path / "again", default_model(), TINY)
    assert again == manifest
    for name in (store.BLOCKS, store.CONTEXT, store.MANIFEST, "training.joblib"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_stored_arrays_score_as_the_stored_objects(seed_model, examples):
    folder, _ = seed_model
    model = store.load(folder)
    fitted = joblib.load(folder / "training.joblib")
    batch = gather([page.columns for page in examples[0]])
    features = Features.of(batch, fitted.blocks.edges)
    matrix = features.matrix(np.arange(batch.size), fitted.blocks.idf)
    parts, shapes = model.blocks.score(batch)
    expected = fitted.blocks.regression.predict_proba(matrix)
    np.testing.assert_allclose(probabilities(parts.sum(axis=1)), expected, atol=1e-5)
    values, has_markup = inputs(batch, parts, shapes, LanguageInputs.unknown(batch.size)), batch.element >= 0
    odds = model.context.networks.score(values, has_markup, batch.bounds)
    wanted, kept = np.empty_like(odds), model.context.networks
    assert kept.markup.recurrence is kept.plain.recurrence is None
    for network, mlp, of_kind in zip(
        (kept.markup, kept.plain), fitted.context.networks, (has_markup, ~has_markup), strict=True
    ):
        wanted[of_kind] = mlp.predict(network.standardise(values[of_kind]))
    factor = float((odds * wanted).sum() / (wanted**2).sum())
    assert 1 / 4 <= factor <= 2, "one temperature for both kinds of pages"
    expected = probabilities(wanted * factor)
    np.testing.assert_allclose(probabilities(odds), expected, atol=1e-5)
    assert expected.max(axis=1).mean() > 0.5


def test_many_pages_get_recurrent_networks(examples, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "_MANY_PAGES", 1)
    monkeypatch.setattr(rows, "_LEAST_ROWS", 100)
    train([SEEDS / "pages"], tmp_path, default_model(), TINY)
    model, fitted = store.load(tmp_path), joblib.load(tmp_path / "training.joblib")
    batch = gather([page.columns for page in examples[0]])
    parts, shapes = model.blocks.score(batch)
    values = inputs(batch, parts, shapes, LanguageInputs.unknown(batch.size))
    assert fitted.context.networks == ()
    for network in (model.context.networks.markup, model.context.networks.plain):
        assert network.recurrence is not None
        course = network.course(values, batch.bounds)
        assert np.ptp(course[:, 0, 0]) > 0.5 and np.ptp(course[:, 1, 0]) > 0.5


def test_few_pages_teach_nothing_about_shared_words(seed_model):
    shared = np.isin(input_names(), TERM_NAMES)
    assert shared.sum() == len(TERM_NAMES)
    kept = store.load(seed_model[0]).context.networks
    for network in (kept.markup, kept.plain):
        assert not network.scale[shared].any()
        assert (network.scale[~shared] > 0).mean() > 0.5


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("many", [True, False])
def test_pages_that_are_not_chosen_teach_the_kept_networks_nothing(many):
    dice, batch = np.random.default_rng(4), gather([flat(40) for _ in range(6)])
    values, labels = dice.normal(0, 1, (batch.size, 5)).astype(np.float32), dice.integers(0, 3, batch.size)
    values[:, 0] += labels
    labelled = np.flatnonzero(dice.random(batch.size) < 0.8)
    chosen = batch.page[labelled] < 4

    def fit(inputs, own):
        weights, own = np.ones(len(labelled), dtype=np.float32), own.astype(np.int8)
        data = rows.Rows(batch, inputs, inputs, (), labelled, own, weights, np.arange(6) % 3, many)
        return networks.fit_kept(data, chosen, 1, 1)[0].plain.arrays("")

    once = fit(values, labels[labelled])
    again = fit(np.where(batch.page[:, None] < 4, values, 9.0), np.where(chosen, labels[labelled], 2))
    other = fit(values, np.where(chosen & (batch.page[labelled] == 0), 2, labels[labelled]))
    assert ("recurrence.gates" in once) == many
    assert all(np.array_equal(once[name], again[name]) for name in once)
    assert not np.array_equal(once["weights0"], other["weights0"])


@pytest.mark.parametrize(("more", "many"), [(0, True), (1, False)])
def test_pages_made_for_training_do_not_make_many(examples, monkeypatch, more, many):
    pages, texts = examples
    monkeypatch.setattr(data, "_MANY_PAGES", len(pages) + more)
    found = assemble(pages, texts, 60, 1)
    assert len(found.examples) - found.loose.sum() > len(pages)
    assert found.many is many


def test_the_manifest_tells_data_scores_and_thresholds(seed_model):
    folder, manifest = seed_model
    stored = json.loads((folder / store.MANIFEST).read_text(encoding="utf-8"))
    assert {name: stored[name] for name in manifest} == manifest
    assert set(manifest["scores"]["labels"]) == set(LABELS)
    assert all(figures["f1"] > 0.5 for figures in manifest["scores"]["labels"].values())
    assert 0 <= manifest["scores"]["calibration_error"] < 0.3
    assert set(manifest["scores"]["views"]) == {"html", "text"}
    languages = manifest["scores"]["languages"]
    assert {"de", "en", "fr", "tr"} <= set(languages) and list(languages) == sorted(languages)
    sizes = [sum(own["blocks"] for own in labels.values()) for labels in languages.values()]
    assert min(sizes) >= 50, "fewer say little"
    assert sum(sizes) <= sum(own["blocks"] for own in manifest["scores"]["labels"].values())
    assert set(manifest["presets"]) == {"balanced", "precision", "recall"}
    article = {name: thresholds["article"] for name, thresholds in manifest["presets"].items()}
    assert article["recall"] <= article["balanced"] <= article["precision"]
    assert manifest["data"]["blocks"]["consent"] > 100


def test_the_manifest_tells_the_settings_that_counted(seed_model):
    assert seed_model[1]["settings"] == {
        "ngram_orders": [1, 2, 3, 4, 5], "ngram_bits": 18, "markup_bits": 16,
        "scales": {"ngrams": 0.35, "markup": 0.25, "shape": 0.6},
        "seed": 1, "split": "", "composed": 60, "iterations": 6, "epochs": 2, "passes": 2,
    }  # fmt: skip


@pytest.mark.parametrize(("count", "composed", "iterations"), [(4, 80, 60), (300, 2000, 60), (1000, 6000, 200)])
def test_less_is_made_and_fitted_where_pages_are_few(count, composed, iterations):
    pages, texts = [page("p", ["a"], [ARTICLE])] * count, [LabelledText("a", Label.ARTICLE, "en", "test", "a")]
    found = for_data(TrainingSettings(), pages, texts)
    assert (found.composed, found.iterations) == (composed, iterations)
    assert for_draft(found, many=count == 1000).iterations == min(iterations, 30 if count < 1000 else 200)
    assert for_data(TrainingSettings(), pages, []).composed == 0


def test_the_settings_of_a_correction_are_those_it_heeds(tmp_path):
    told = TrainingSettings(base=tmp_path, seed=7).facts()
    assert told["seed"] == 7 and told["scales"] == {"ngrams": 0.5, "markup": 0.3, "shape": 0.5}
    assert not {"iterations", "epochs", "passes"} & set(told) and str(tmp_path) not in json.dumps(told)


def test_held_out_figures_are_by_name_where_enough_blocks_have_it():
    labels = np.array([ARTICLE] * 60 + [CONSENT] * 40, dtype=np.int8)
    got = np.array([ARTICLE] * 60 + [ARTICLE] * 10 + [CONSENT] * 30, dtype=np.int8)
    found = _by_name(labels, got, ["tr"] * 10 + ["en"] * 41 + ["und"] * 9 + ["tr"] * 40)
    assert list(found) == ["tr"]
    assert found["tr"]["consent"] == {"precision": 1.0, "recall": 0.75, "f1": 0.8571, "blocks": 40}
    assert found["tr"]["article"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "blocks": 10}


def test_seed_and_data_change_the_model(seed_model):
    _, manifest = seed_model
    pages, texts = read_examples(FEW)
    one, other = (assemble(pages, texts, 12, seed) for seed in (1, 2))
    assert [e.columns.text for e in one.examples] != [e.columns.text for e in other.examples]
    assert manifest["data"]["sources"]["composed"] > 0


def page(name, texts, labels, group=None):
    return Example(name, join_blocks(texts), np.array(labels, dtype=np.int8), group or name, "test", "en")


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


def test_longer_blocks_and_rare_sources_count_more():
    common = [page(f"p{i}", ["short", "a longer text"], [BOILERPLATE] * 2) for i in range(9)]
    rare = Example("r", join_blocks(["short", "a longer text"]), np.array([1, 1], np.int8), "r", "rare", "en")
    found = assemble([*common, rare], [], 0, 1)
    rows = found.second_rows(1)
    weights = found.second_weights(rows)
    assert weights.mean() == pytest.approx(1, abs=1e-5)
    assert weights[1] > weights[0] and weights[-1] > 1.5 * weights[1]
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


def test_copies_without_names_keep_tags_alone():
    pages, _ = read_examples([SEEDS / "pages"])
    html = [p for p in pages if p.columns.markup is not None] * 10
    soup = [e for e in assemble(html, [], 0, 1).examples if e.source == "soup"]
    assert 0 < len(soup) < len(html)
    for example in soup:
        assert all("\t" not in key and key not in ("article", "nav") for key in example.columns.markup.keys)


def write(folder, *records):
    path = folder / "data.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


LOOSE = [{"text": f"We use cookies, says notice {i}.", "label": label} for i in range(40) for label in LABELS]
PAGE = {"blocks": [{"text": f"Text of {label}", "label": label} for label in LABELS]}


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            [{**PAGE, "blocks": PAGE["blocks"][:2], "domain": f"{i}.org"} for i in range(30)],
            "holds no block labelled consent; add some",
        ),
        (LOOSE, "no page with labelled blocks: loose blocks alone cannot teach context; add pages"),
        ([{**PAGE, "domain": "one.org", "id": f"{i}"} for i in range(30)], "too few sites to hold any out; give pages"),
        (
            [{**PAGE, "domain": "one.org"}, *({**PAGE, "blocks": PAGE["blocks"][:2], "id": f"{i}"} for i in range(30))],
            "the blocks labelled consent come from too few sites to hold any out; add examples of other sites",
        ),
        (
            [*LOOSE, *({**PAGE, "blocks": PAGE["blocks"][:2], "id": f"{i}"} for i in range(30))],
            "the pages labelled consent come from too few sites to hold any out",
        ),
    ],
)  # fmt: skip
def test_data_that_cannot_make_a_model(records, message, tmp_path):
    with pytest.raises(TrainingError, match=message):
        train([write(tmp_path, *records)], tmp_path / "out", default_model(), TrainingSettings(composed=0))
    assert not (tmp_path / "out").exists()


TIDE = "Moorings {}:20 - {}:50"
TIDE_PAGES = [
    {
        "id": f"tide{n}",
        "blocks": [
            {"text": f"Sailing club notes, week {n}", "label": "article"},
            {"text": TIDE.format(n + 1, n + 3), "label": "article"},
            {"text": TIDE.format(n + 5, n + 7), "label": "article"},
            {"text": "Join our mailing list", "label": "boilerplate"},
            {"text": "We use cookies to count visits to this site.", "label": "consent"},
        ],
    }
    for n in range(15)
]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """The shipped model and the same corrected by pages of tide tables; one of a few pages is turned over by any."""
    folder, base = tmp_path_factory.mktemp("tides"), default_model()
    manifest = train([write(folder, *TIDE_PAGES)], folder / "own", base, TrainingSettings(base=base))
    before, after = Classifier.load(base), Classifier.load(folder / "own")
    assert manifest["base"] == before.model.digest
    return before, after


FILES = ["training.joblib", "language.ftz", "language.json", store.BLOCKS, store.CONTEXT, store.MANIFEST]


def test_every_file_is_on_disk_before_it_has_its_name_and_the_manifest_is_last(tmp_path, named):
    base = default_model()
    train([write(tmp_path, *TIDE_PAGES)], tmp_path / "own", base, TrainingSettings(base=base))
    assert named == [(name, True) for name in FILES]
    assert sorted(path.name for path in (tmp_path / "own").iterdir()) == sorted(FILES)


def test_a_folder_that_cannot_be_written_in_whole_is_no_model(tmp_path):
    base = default_model()
    (tmp_path / "own" / "language.json").mkdir(parents=True)
    with pytest.raises(OutputError, match=r"language\.json: cannot be written \(Is a directory\): check the place"):
        train([write(tmp_path, *TIDE_PAGES)], tmp_path / "own", base, TrainingSettings(base=base))
    assert not (tmp_path / "own" / store.MANIFEST).exists()


def test_examples_on_a_base_correct_it(corrected):
    text = "Sailing club notes, week 30\n\n" + TIDE.format(9, 11) + "\n\nJoin our mailing list"
    before, after = (model.classify_text(text).scores[1, 0] for model in corrected)
    assert before < 0.5 < after


def test_examples_on_a_base_leave_the_rest(corrected):
    pages = [path.read_text(encoding="utf-8") for path in sorted((SEEDS / "pages").glob("*.txt"))]
    before, after = ([model.classify_text(page).labels for page in pages] for model in corrected)
    same = [np.mean(old == new) for old, new in zip(before, after, strict=True)]
    assert np.mean(same) > 0.85


def test_boilerplate_that_looks_like_a_notice_is_left_out():
    pages = [page("real", ["a", "b", "c"], [BOILERPLATE, BOILERPLATE, CONSENT])]
    made = [replace(page("made", ["d"], [BOILERPLATE]), source="composed")]
    found = assemble(pages + made, [LabelledText("e", Label.BOILERPLATE, "en", "test", "e")], 0, 1)
    scores = np.array([[0, 0.7, 0.3], [0, 0.95, 0.05], [0, 0.7, 0.3], [0, 0.2, 0.8], [0, 0.2, 0.8]], dtype=np.float32)
    after = leave_out_notices(found, scores)
    assert after.labels.tolist() == [UNKNOWN, BOILERPLATE, CONSENT, BOILERPLATE, BOILERPLATE]
    assert found.labels.tolist() == [BOILERPLATE, BOILERPLATE, CONSENT, BOILERPLATE, BOILERPLATE]
