"""A model folder: what is written comes back, and what is missing, changed or of another format is told."""

import json
import shutil

import numpy as np
import pytest
import random_model
from random_pages import flat

from classifier.classify import Classifier
from classifier.errors import ModelError
from classifier.model import store
from classifier.model.batch import gather
from classifier.model.languages import LanguageInputs
from classifier.training_files import write_folder


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return random_model.save(tmp_path_factory.mktemp("model") / "saved")


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "copy")


def change(folder, **facts):
    path = folder / store.MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest.update(facts)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_round_trip(saved, tmp_path):
    one = store.load(saved)
    facts = {"presets": one.manifest["presets"], "note": "häuser \ud800"}
    write_folder(tmp_path / "new", store.contents(one.blocks, one.context, facts))
    other = store.load(tmp_path / "new")
    assert other.manifest["note"] == "häuser ?"
    assert other.digest == one.digest, "the same arrays have the same name"
    batch = gather([flat(40)])
    for model in (one, other):
        parts, shapes = model.blocks.score(batch)
        odds = model.context.score(batch, parts, shapes, LanguageInputs.unknown(batch.size))
        if model is one:
            expected = odds
    np.testing.assert_array_equal(odds, expected)


def test_the_same_model_is_written_as_the_same_bytes(saved, tmp_path):
    random_model.save(tmp_path / "again")
    for name in (store.BLOCKS, store.CONTEXT, store.MANIFEST):
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes(), name
    random_model.save(tmp_path / "other", seed=2)
    assert (tmp_path / "other" / store.BLOCKS).read_bytes() != (saved / store.BLOCKS).read_bytes()


def test_nothing_is_left_beside_the_files(saved):
    assert sorted(p.name for p in saved.iterdir()) == [
        "blocks.npz", "context.npz", "language.ftz", "language.json", "manifest.json"
    ]  # fmt: skip


def test_the_name_follows_the_weights_and_the_presets(folder, tmp_path):
    name = Classifier.load(folder).model_name
    assert name.startswith("copy@sha256:") and len(name) == len("copy@sha256:") + 12
    change(folder, note="another")
    assert Classifier.load(folder).model_name == name
    other = random_model.save(tmp_path / "other" / "copy", seed=2)
    assert Classifier.load(other).model_name != name
    facts = json.loads((folder / "language.json").read_text(encoding="utf-8"))
    (folder / "language.json").write_text(json.dumps({**facts, "note": "another"}), encoding="utf-8")
    assert Classifier.load(folder).model_name == name, "the language model has no part in it"
    change(folder, presets={"balanced": {"article": 0.9, "consent": 0.5}})
    assert Classifier.load(folder).model_name != name, "the same weights, other labels"


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(ModelError, match=r"no model here \(manifest.json is missing\); name a folder made by"):
        store.load(tmp_path)


def test_a_file_or_an_unreadable_manifest_in_place_of_a_model(tmp_path):
    (tmp_path / "model.py").write_text("")
    with pytest.raises(ModelError, match=r"model\.py: no model here"):
        Classifier.load(tmp_path / "model.py")
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ModelError, match=r"manifest\.json: cannot be read \(Is a directory\)"):
        Classifier.load(tmp_path)


@pytest.mark.parametrize("name", [store.BLOCKS, store.CONTEXT])
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: cannot be read \(No such file.*\); the model folder is incomplete"):
        store.load(folder)


@pytest.mark.parametrize("name", [store.BLOCKS, store.CONTEXT])
def test_a_changed_file(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name}: changed since the manifest was written; restore the file or train"):
        store.load(folder)


@pytest.mark.parametrize(
    "preset",
    [0.5, {"article": 0.5}, {"article": 0.5, "consent": 0.5, "gap": 0.2}]
    + [{"article": 0.5, "consent": wrong} for wrong in ("0.5", True, float("nan"), float("inf"), -0.1, 50, 10**400)],
)
def test_a_preset_that_was_broken_by_hand(folder, preset):
    """Before, every page was rejected as crashed."""
    change(folder, presets={"balanced": {"article": 0.5, "consent": 0.5}, "mine": preset})
    with pytest.raises(ModelError, match="manifest.json: the preset mine is no set of thresholds from 0 to 1; restore"):
        store.load(folder)


@pytest.mark.parametrize(
    "facts",
    [{"calibration": wrong} for wrong in (None, 3, {"x": 1}, {"low": "1"}, {"priors": []}, {"priors": {"en": 3}})]
    + [{"calibration": {"half": float("nan")}}, {"common": None}, {"common": [1]}],
)
def test_facts_of_the_language_model_that_were_broken_by_hand(folder, facts):
    """Before, a traceback, or every page was rejected as crashed."""
    path = folder / "language.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | facts), encoding="utf-8")
    with pytest.raises(ModelError, match=f"language.json: `{next(iter(facts))}` is not as training writes it; restore"):
        Classifier.load(folder)


def test_other_files_that_the_manifest_names_have_no_part_in_the_name(folder):
    """Before, one whose hash was no text ended in a traceback."""
    model = store.load(folder)
    change(folder, files={**model.manifest["files"], "notes.txt": None})
    assert store.load(folder).digest == model.digest


def test_a_changed_language_model(folder):
    path = folder / "language.ftz"
    *raw, last = path.read_bytes()
    path.write_bytes(bytes([*raw, last ^ 1]))
    with pytest.raises(ModelError, match="language.ftz: changed since language.json was written; restore the file"):
        Classifier.load(folder)


@pytest.mark.parametrize("number", [1, 2, 3, 4, None])
def test_another_format(folder, number):
    change(folder, format=number)
    message = f"format {number}, this version reads format 5; train the model again or install the version that made it"
    with pytest.raises(ModelError, match=message):
        store.load(folder)


@pytest.mark.parametrize("facts", [{"inputs": ["length"]}, {"labels": ["article", "consent", "boilerplate"]}])
def test_other_inputs_or_labels(folder, facts):
    change(folder, **facts)
    with pytest.raises(ModelError, match="made for other labels or inputs than this version computes; train"):
        store.load(folder)


@pytest.mark.parametrize("text", ["{", "[1, 2]", '"text"', "\udcff"])
def test_a_broken_manifest(folder, text):
    (folder / store.MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelError, match=r"manifest.json: not readable as .*; train the model again"):
        store.load(folder)


@pytest.mark.parametrize("facts", [{"files": None}, {"files": {}}, {"presets": None}, {"presets": {}}])
def test_a_manifest_that_lacks_a_part(folder, facts):
    change(folder, **facts)
    with pytest.raises(ModelError, match=f"manifest.json: has no {next(iter(facts))}; train the model again"):
        store.load(folder)


def test_tables_that_do_not_fit_each_other(folder):
    model = store.load(folder)
    arrays = model.context.arrays()
    arrays["plain.recurrence.out"] = arrays["plain.recurrence.out"][1:]
    with (folder / store.CONTEXT).open("wb") as file:
        np.savez_compressed(file, **arrays)
    change(folder, files={**model.manifest["files"], store.CONTEXT: store.digest_of(folder / store.CONTEXT)})
    with pytest.raises(
        ModelError, match=r"wrong arrays \(a recurrent layer whose tables differ in size\); train the model"
    ):
        store.load(folder)


def test_a_missing_array(folder):
    model = store.load(folder)
    arrays = model.blocks.arrays()
    del arrays["edges"]
    with (folder / store.BLOCKS).open("wb") as file:
        np.savez_compressed(file, **arrays)
    change(folder, files={**model.manifest["files"], store.BLOCKS: store.digest_of(folder / store.BLOCKS)})
    with pytest.raises(ModelError, match="the array 'edges' is missing; train the model again"):
        store.load(folder)


def test_a_pickle_is_never_opened(folder):
    model = store.load(folder)
    with (folder / store.CONTEXT).open("wb") as file:
        np.savez(file, **{**model.context.arrays(), "0.mean": np.array([object()])})
    change(folder, files={**model.manifest["files"], store.CONTEXT: store.digest_of(folder / store.CONTEXT)})
    with pytest.raises(ModelError, match="not plain arrays"):
        store.load(folder)
