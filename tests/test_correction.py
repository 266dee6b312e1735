"""Correction of a model by some pages: what it learns from them, and what it keeps."""

import json
from dataclasses import replace

import joblib
import numpy as np
import pytest
from training_pages import page

from classifier.classify import Classifier
from classifier.matching import UNKNOWN
from classifier.settings import default_model
from classifier.training import TrainingSettings, correction, train
from classifier.training.cleaning import leave_out_notices
from classifier.training.data import assemble

ARTICLE, BOILERPLATE, CONSENT = range(3)
BODY = ["The ferry left the harbour at nine and the fog came after it had gone.", "It was back by noon."]
NOTICE = "We use cookies to remember what you read and to measure our audience. You may accept all or choose."


def corrected(folder, *records, tell=lambda message: None):
    """The shipped model, and the same corrected by records."""
    data, base, out = folder / "data.jsonl", default_model(), folder / "own"
    data.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    train([data], out, base, TrainingSettings(base=base), tell)
    return Classifier.load(base), Classifier.load(out)


def test_notices_that_few_pages_mark_are_still_found(tmp_path):
    """Gold text says nothing of notices: those that are not marked were taught as boilerplate."""
    text = "\n\n".join(["Home", *BODY, NOTICE, "Contact"])
    pages = [{"id": f"ferry{n}", "text": text, "gold": BODY} for n in range(12)]
    models = corrected(tmp_path, {**pages[0], "consent": NOTICE}, *pages[1:])
    asked = "This site stores cookies on your device to measure its audience. Accept all or manage your choices."
    before, after = (model.classify_text(f"{BODY[0]}\n\n{asked}").scores[1, CONSENT] for model in models)
    assert before > 0.5 and after > 0.5


@pytest.mark.parametrize(("sites", "told"), [(1, True), (12, False)])
def test_figures_of_pages_of_one_site_are_told_to_be_those_of_the_base(tmp_path, sites, told):
    """Pages of a site are held out together, so what scores them was corrected by none."""
    text, heard = "\n\n".join(["Home", *BODY, "Contact"]), []
    pages = [{"domain": f"f{n % sites}", "text": text, "gold": BODY} for n in range(12)]
    corrected(tmp_path, *pages, tell=heard.append)
    assert any("the figures are those of the base" in message for message in heard) == told


def test_boilerplate_that_somebody_labelled_is_not_left_out():
    by_gold = replace(page("gold", ["a", "b"], [ARTICLE, BOILERPLATE]), gold=("a",))
    found = assemble([by_gold, page("blocks", ["c", "d"], [ARTICLE, BOILERPLATE])], [], 0, 1)
    scores = np.full((4, 3), [0, 0.7, 0.3], dtype=np.float32)
    after = leave_out_notices(found, scores, corrects=True)
    assert after.labels.tolist() == [ARTICLE, UNKNOWN, ARTICLE, BOILERPLATE]


def test_many_examples_are_gone_through_less_often(monkeypatch, tmp_path):
    """Further steps taught nothing more, and the model forgot what the examples do not speak of."""
    text = "\n\n".join(["Home", *BODY, "Contact"])
    pages = [{"id": f"ferry{n}", "text": text, "gold": BODY} for n in range(12)]  # 4 blocks each, so 48 rows in all

    def times():
        corrected(tmp_path, *pages)
        return joblib.load(tmp_path / "own" / "training.joblib").blocks.fitted[0].n_iter_

    assert times() == 8
    monkeypatch.setattr(correction, "_STEPS", 100)
    assert times() == 2
    monkeypatch.setattr(correction, "_STEPS", 10)
    assert times() == 1
