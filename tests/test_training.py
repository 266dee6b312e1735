"""Training from seeds/ alone: the same bytes twice, arrays that score as the fitted objects, figures that are right."""

import json
from dataclasses import replace

import joblib
import numpy as np
import pytest
from conftest import FEW, SEEDS, TINY
from random_pages import flat
from training_pages import page

from classifier.classify import Classifier
from classifier.errors import ModelError, OutputError, TrainingError
from classifier.matching import UNKNOWN
from classifier.model import store
from classifier.model.batch import gather
from classifier.model.blocks import probabilities
from classifier.model.context import input_names, inputs
from classifier.model.kinds import kinds_of_pages
from classifier.model.languages import LanguageInputs
from classifier.model.surroundings import TERM_NAMES
from classifier.records import LABELS, Label
from classifier.settings import default_model
from classifier.training import TrainingSettings, bare, data, networks, rows, train
from classifier.training.cleaning import leave_out_notices
from classifier.training.data import assemble
from classifier.training.examples import LabelledText
from classifier.training.first_stage import Features
from classifier.training.held_out import _by_name
from classifier.training.reading import read_examples
from classifier.training.settings import for_data, for_draft

ARTICLE, BOILERPLATE, CONSENT = range(3)


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
    odds = model.context.networks.score(values, kinds_of_pages(batch)[batch.page], batch.bounds)
    wanted, kept = np.empty_like(odds), model.context.networks
    assert kept.markup.recurrence is kept.plain.recurrence is kept.bare is None
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
    monkeypatch.setattr(rows, "LEAST_ROWS", 100)
    monkeypatch.setattr(bare, "LEAST_ROWS", 100)
    manifest = train([SEEDS / "pages"], tmp_path, default_model(), TINY)
    model, fitted = store.load(tmp_path), joblib.load(tmp_path / "training.joblib")
    batch = gather([page.columns for page in examples[0]])
    parts, shapes = model.blocks.score(batch)
    values = inputs(batch, parts, shapes, LanguageInputs.unknown(batch.size))
    assert fitted.context.networks == ()
    kept = model.context.networks
    assert len({network.weights[0].tobytes() for network in (kept.markup, kept.plain, kept.bare)}) == 3
    assert set(manifest["scores"]["views"]) == {"html", "text", "bare"}
    for network in (kept.markup, kept.plain, kept.bare):
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
    rng, batch = np.random.default_rng(4), gather([flat(40) for _ in range(6)])
    values, labels = rng.normal(0, 1, (batch.size, 5)).astype(np.float32), rng.integers(0, 3, batch.size)
    values[:, 0] += labels
    labelled = np.flatnonzero(rng.random(batch.size) < 0.8)
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
    data = read_examples(FEW)
    one, other = (assemble(data.pages, data.texts, 12, seed) for seed in (1, 2))
    assert [e.columns.text for e in one.examples] != [e.columns.text for e in other.examples]
    assert manifest["data"]["sources"]["composed"] > 0


def test_copies_without_names_keep_tags_alone():
    pages = read_examples([SEEDS / "pages"]).pages
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


@pytest.mark.parametrize("wrong", ["base", "language"])
def test_a_wrong_model_is_told_before_anything_is_read(tmp_path, wrong):
    models = {"base": default_model(), "language": default_model(), wrong: tmp_path / "gone"}
    with pytest.raises(ModelError, match="gone"):
        train([tmp_path / "no data"], tmp_path / "own", models["language"], TrainingSettings(base=models["base"]))


@pytest.mark.parametrize(
    ("labels", "lacking"), [(("article", "consent"), "boilerplate"), (("boilerplate",), "article or consent")]
)
def test_examples_that_would_correct_nothing_are_told(tmp_path, labels, lacking):
    """Before, the base was written out again, with held-out scores."""
    blocks = [
        {**block, "label": block["label"] if block["label"] in labels else None} for block in TIDE_PAGES[0]["blocks"]
    ]
    with pytest.raises(TrainingError, match=f"holds no block labelled {lacking}, so it corrects nothing: boilerplate"):
        train(
            [write(tmp_path, {"blocks": blocks})],
            tmp_path / "own",
            default_model(),
            TrainingSettings(base=default_model()),
        )


@pytest.mark.parametrize("source", ["composed", "glued", "soup"])
def test_given_pages_are_learned_from_whatever_their_source_is_called(tmp_path, source):
    """Before, the first stage passed over those in a file composed.jsonl, say, as over pages put together."""
    pages, base = [{**page, "source": source} for page in TIDE_PAGES], default_model()
    manifest = train([write(tmp_path, *pages)], tmp_path / "own", base, TrainingSettings(base=base))
    assert manifest["data"]["sources"] == {f"{source} (given)": len(pages)}
    assert (store.load(tmp_path / "own").blocks.ngrams != store.load(base).blocks.ngrams).any()


def test_names_that_a_corrected_model_does_not_learn_are_told(tmp_path):
    told, base = [], default_model()
    known = store.load(base).context.notice_names
    names = [{"names": [name], "label": "consent"} for name in (known[0], "tide-bar", "tide-box")]
    train([write(tmp_path, *TIDE_PAGES, *names)], tmp_path / "own", base, TrainingSettings(base=base), told.append)
    assert "names of elements left out: 2; a corrected model has those of its base" in told
    assert store.load(tmp_path / "own").context.notice_names == known


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
