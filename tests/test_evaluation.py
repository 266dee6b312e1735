"""`evaluate`: measures against cases worked out by hand, and the command with its JSON and its HTML."""

import json
import os
from dataclasses import replace
from pathlib import Path

import chromium
import in_process
import numpy as np
import pytest
import random_model

from classifier.classify import Classifier
from classifier.evaluation import evaluate
from classifier.evaluation.labels import Outcome, calibration, confusion, curves, figures, group_by
from classifier.evaluation.texts import mean_overlap, overlaps, words
from classifier.records import LABELS, Page
from classifier.report.figures import figures_report
from classifier.training.reading import read_examples

PAGES = Path(__file__).parent.parent / "seeds" / "pages"
A, B, C = range(3)


def outcome(truth, labels, scores=None, languages=None):
    if scores is None:
        scores = np.full((len(truth), 3), 0.1, dtype=np.float32)
        scores[np.arange(len(truth)), labels] = 0.8
    names = [""] * len(truth)
    columns = np.array(labels, dtype=np.int8), np.array(truth, dtype=np.int8)
    return Outcome(np.array(scores, dtype=np.float32), *columns, names, languages or names)


def test_precision_recall_and_confusion():
    found = outcome([A, A, A, B, B, C], [A, A, B, B, A, B])
    assert confusion(found) == {
        "article": {"article": 2, "boilerplate": 1, "consent": 0},
        "boilerplate": {"article": 1, "boilerplate": 1, "consent": 0},
        "consent": {"article": 0, "boilerplate": 1, "consent": 0},
    }
    labels = figures(found)["labels"]
    assert labels["article"] == {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "blocks": 3}
    assert labels["boilerplate"] == {"precision": 0.3333, "recall": 0.5, "f1": 0.4, "blocks": 2}
    assert labels["consent"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "blocks": 1}
    assert list(figures(outcome([A], [C]))["labels"]) == ["article"]


def test_groups_come_by_size_with_their_own_figures():
    groups = group_by(outcome([A, A, B, B], [A, B, B, B]), ["tr", "en", "en", "en"])
    assert list(groups) == ["en", "tr"]
    assert groups["en"]["blocks"] == 3 and groups["en"]["accuracy"] == 0.6667
    assert groups["tr"]["labels"] == {"article": {"precision": 1.0, "recall": 1.0, "f1": 1.0, "blocks": 1}}


def test_calibration_by_hand():
    scores = [[0.95, 0.05, 0.0], [0.95, 0.05, 0.0], [0.6, 0.4, 0.0], [0.3, 0.0, 0.7]]
    figures = calibration(outcome([A, B, A, C], [A, A, A, C], scores))
    # |0.95 - 0.5| over two of four, |0.6 - 1| and |0.7 - 1| over one each
    assert figures["error"] == pytest.approx(0.45 * 2 / 4 + 0.4 / 4 + 0.3 / 4, abs=1e-4)
    assert figures["bins"]["article"][-1] == {"low": 0.9, "high": 1.0, "blocks": 2, "score": 0.95, "share": 0.5}
    assert sum(row["blocks"] for row in figures["bins"]["consent"]) == 4
    assert figures["bins"]["consent"][0]["score"] == 0.0


def test_a_perfect_score_is_calibrated():
    scores = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    assert calibration(outcome([A, B], [A, B], scores))["error"] == 0.0


def test_curves_by_hand():
    article = [0.9, 0.8, 0.7, 0.6]
    scores = [[a, 1 - a, 0.0] for a in article]
    found = curves(outcome([A, B, A, B], [A] * 4, scores))
    assert found["article"]["average_precision"] == pytest.approx(0.5 * 1 + 0.5 * 2 / 3, abs=1e-4)
    assert found["article"]["points"] == [[0.5, 1.0, 0.9], [1.0, 0.6667, 0.7]]
    assert "consent" not in found


def test_equal_scores_share_a_threshold_whatever_their_order():
    scores = [[0.5, 0.5, 0.0]] * 4
    one, other = (curves(outcome(truth, [A] * 4, scores))["article"] for truth in ([A, A, B, B], [B, B, A, A]))
    assert one == other == {"average_precision": 0.5, "points": [[1.0, 0.5, 0.5]]}


def test_words_and_runs_of_words():
    text = "one two three four five six"
    assert overlaps(text, text) == {"words": (1.0, 1.0, 1.0), "runs": (1.0, 1.0, 1.0)}
    shuffled = overlaps("six two five four three one", text)
    assert shuffled["words"][2] == 1.0 and shuffled["runs"][2] == 0.0
    half = overlaps("one two three", text + " " + text)
    assert half["words"][:2] == (1.0, 0.25)
    assert overlaps("", text) == overlaps(text, "") == {"words": (0.0, 0.0, 0.0), "runs": (0.0, 0.0, 0.0)}
    assert words("Ｈafen, 東京タワーx ไทย 3½") == ["ｈafen", *"東京タワー", "x", "ไ", "ท", "ย", "3½"]
    assert words("quitte\u0301 l'i\u0302le") == ["quitt\u00e9", "l", "\u00eele"]


def test_means_are_over_pages():
    pages = [{"words": (1.0, 1.0, 1.0)}, {"words": (0.5, 0.0, 0.0)}]
    assert mean_overlap(pages) == {"words": {"precision": 0.75, "recall": 0.5, "f1": 0.5, "pages": 2}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return random_model.save(tmp_path_factory.mktemp("random"))


@pytest.fixture(scope="module")
def model(folder):
    return Classifier.load(folder)


@pytest.fixture(scope="module")
def examples():
    return read_examples([PAGES]).pages


def labelled_page(model, path):
    page = Page(path.name, path.read_text(encoding="utf-8"), path.suffix == ".html", path.name)
    return model.classify_batch([page])[0]


def test_figures_are_those_of_the_labels_that_filter_gives(model, examples):
    paths = [next(PAGES.glob(f"{example.id}.*")) for example in examples]
    labelled = [labelled_page(model, path) for path in paths]
    expected = np.zeros((3, 3), dtype=int)
    for example, page in zip(examples, labelled, strict=True):
        known = example.labels >= 0
        np.add.at(expected, (example.labels[known], page.labels[known]), 1)
    figures = evaluate(model, examples)
    assert [list(row.values()) for row in figures["confusion"].values()] == expected.tolist()
    assert figures["pages"] == len(examples) and figures["blocks"] == expected.sum()
    assert sum(group["blocks"] for group in figures["languages"].values()) == expected.sum()
    assert {"html", "text"} == set(figures["views"])


def test_a_model_that_is_always_right(model, examples):
    own = []
    for example in examples:
        scored = model.classify_batch([Page("a", example.columns.text, False, "a")])[0]
        text = replace(example, columns=replace(example.columns, markup=None))
        if list(scored.texts) == list(example.columns.texts) and scored.article_text:
            own.append(replace(text, labels=scored.labels, gold=tuple(scored.article_text.split("\n\n"))))
    assert len(own) >= 3
    figures = evaluate(model, own)
    assert all(row["f1"] == 1.0 for row in figures["labels"].values())
    assert figures["articles"]["all"]["runs"]["f1"] == figures["articles"]["text"]["words"]["f1"] == 1.0
    assert figures["alone"] != figures["labels"]


def test_what_nobody_knows_is_not_counted(model, examples):
    one = examples[0]
    hidden = one.labels.copy()
    hidden[::2] = -1
    figures = evaluate(model, [replace(one, labels=hidden, gold=())])
    assert figures["blocks"] == len(hidden) // 2 and figures["articles"] == {}


def test_single_blocks_do_not_mix_with_pages(model, examples):
    pages, single = examples[:2], examples[2]
    together, apart = evaluate(model, pages, [single]), evaluate(model, pages)
    assert together["labels"] == apart["labels"] and together["single_blocks"] == 1
    assert set(together["views"]) == {"text", "single", "single, alone"}
    assert evaluate(model, [], [single])["blocks"] == len(single.labels)


def test_pages_without_a_label_make_way_for_single_blocks(model, examples):
    page, single = replace(examples[0], labels=np.full_like(examples[0].labels, -1)), examples[2]
    figures = evaluate(model, [page], [single])
    assert figures["blocks"] == len(single.labels) and set(figures["views"]) == {"single", "single, alone"}


def test_a_batch_of_pages_gives_what_single_pages_give(model, examples):
    many = evaluate(model, examples[:5])["confusion"]
    one_by_one = [evaluate(model, [example])["confusion"] for example in examples[:5]]
    for label in LABELS:
        assert many[label] == {to: sum(found[label][to] for found in one_by_one) for to in LABELS}


@pytest.fixture
def command(monkeypatch, capsys):
    return lambda *args: in_process.call(monkeypatch, capsys, "evaluate", *args)


def test_the_command_prints_a_table_and_writes_json_and_html(command, folder, tmp_path):
    code, out, told = command(PAGES, "-m", folder, "--json", tmp_path / "f.json", "--report", tmp_path / "f.html")
    assert (code, told) == (0, "")
    figures = json.loads((tmp_path / "f.json").read_text())
    lines = {line.split("  ")[0]: line for line in out.splitlines()}
    assert f"f1 {figures['labels']['article']['f1']:.3f}" in lines["labels article"]
    assert "calibration" in lines and "language en" in lines and "view html" in lines
    html = (tmp_path / "f.html").read_text()
    assert f"{figures['confusion']['article']['article']:,}<br>" in html


def test_a_dash_is_stdout_and_the_table_makes_room(command, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, told = command(PAGES, "-m", folder, "--json", "-")
    assert code == 0 and json.loads(out)["pages"] > 0 and "labels article" in told
    code, out, told = command(PAGES, "-m", folder, "--report", "-")
    assert code == 0 and out.startswith("<!doctype html>") and "labels article" in told
    assert list(tmp_path.iterdir()) == []


def test_split_takes_its_records_alone(command, folder, tmp_path):
    rows = [
        {"id": str(i), "split": split, "text": f"Story {i} is a long one about ferries.\n\nHome", "gold": "Story"}
        for i, split in enumerate(("train", "dev", "dev"))
    ]
    rows = [{**row, "gold": [row["text"].split("\n")[0]]} for row in rows]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, _ = command(tmp_path / "d.jsonl", "-m", folder, "--split", "dev")
    assert code == 0 and "pages 2 " in out.splitlines()[0]


def test_pages_left_out_are_told(command, folder, tmp_path):
    story = "The story of a ferry is a long one."
    rows = [{"id": str(i), "text": f"{story}\n\nHome", "gold": gold} for i, gold in enumerate((story, "", "other"))]
    (tmp_path / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, err = command(tmp_path / "d.jsonl", "-m", folder, "--json", tmp_path / "f.json")
    told = "2 pages left out: 1 without gold text, 1 whose gold text is not found in them, or only in short blocks\n"
    assert (code, err) == (0, told) and "no_gold 1  gold_not_found 1" in out
    assert json.loads((tmp_path / "f.json").read_text())["left_out"] == {"no_gold": 1, "gold_not_found": 1}


@pytest.mark.parametrize("blocks", [[{"text": "The story of a ferry."}], []])
def test_data_without_a_label_is_told(command, folder, tmp_path, blocks):
    (tmp_path / "d.jsonl").write_text(json.dumps({"blocks": blocks}))
    code, out, told = command(tmp_path / "d.jsonl", "-m", folder)
    assert (code, out) == (1, "")
    assert told.endswith("d.jsonl: no block has a label, so there is nothing to measure; add some\n")


def test_missing_data_a_bad_output_and_an_unknown_preset_are_told(command, folder, tmp_path):
    code, out, told = command(tmp_path / "gone", "-m", folder)
    assert (code, out) == (1, "") and f"{tmp_path / 'gone'}: no such file or folder" in told
    code, _, told = command(PAGES, "-m", folder, "--json", tmp_path / "no" / "f.json")
    assert code == 1 and "f.json: cannot be written: name a file in a folder that exists." in told
    assert command(PAGES, "-m", folder, "--preset", "best")[0] == 2


def test_data_from_a_pipe_is_measured_where_the_output_is_there(command, folder, tmp_path):
    """Looked through for pages that the output would overwrite, it was empty when it was read."""
    (tmp_path / "f.json").write_text("{}")
    reading, writing = os.pipe()
    os.write(writing, b'{"text": "We use cookies.", "label": "consent"}\n')
    os.close(writing)
    assert command(f"/dev/fd/{reading}", "-m", folder, "--json", tmp_path / "f.json")[::2] == (0, "")
    assert json.loads((tmp_path / "f.json").read_text())["blocks"] == 1
    os.close(reading)


def test_outputs_overwrite_neither_data_nor_each_other(command, folder, tmp_path):
    (tmp_path / "data").mkdir()
    data, link = tmp_path / "data" / "d.jsonl", tmp_path / "link"
    page = tmp_path / "data" / "page.html"
    page.write_text("<p>The story of a ferry.")
    text = {"text": "We use cookies.", "label": "consent"}
    data.write_text(
        "".join(json.dumps(row) + "\n" for row in (text, {"file": page.name, "gold": "The story of a ferry."}))
    )
    link.symlink_to(data)
    before = data.read_bytes()
    for option in ("--json", "--report"):
        for output in (data, link, page):
            code, _, told = command(tmp_path / "data", "-m", folder, option, output)
            assert (code, told) == (2, f"error: {output}: read as data too: choose another output.\n")
    code, _, told = command(data, "-m", folder, "--json", tmp_path / "f", "--report", tmp_path / "data" / ".." / "f")
    assert code == 2 and told.endswith("f: named both for --json and for --report: give two names.\n")
    assert data.read_bytes() == before and page.read_text().startswith("<p>") and not (tmp_path / "f").exists()


@pytest.fixture
def browser():
    started = chromium.Browser()
    yield started
    started.close()


def test_the_html_in_a_browser(model, examples, browser, tmp_path):
    hostile = replace(examples[0], source="<img src=x onerror='window.hacked=1'></script>")
    (tmp_path / "f.html").write_bytes(figures_report(evaluate(model, [hostile, *examples[1:12]])))
    for width in (390, 1200):
        browser.view(width, 800)
        browser.open(tmp_path / "f.html")
        assert browser.run("document.documentElement.scrollWidth") <= width
        panels = "Array.from(document.querySelectorAll('.plots .scroll')).slice(0, 2)"
        assert browser.run(f"{panels}.map(e => e.scrollWidth - e.clientWidth)") == [0, 0]
        assert browser.run(f"{panels}.map(e => e.ariaLabel)")[0].startswith("Labels")
    assert browser.errors == [] and [url for url in browser.requests if not url.startswith("file:")] == []
    assert browser.run("typeof window.hacked + document.querySelectorAll('img').length") == "undefined0"
    assert hostile.source in browser.run("Array.from(document.querySelectorAll('tbody th'), h => h.textContent)")
    assert browser.run("document.querySelectorAll('polyline').length") == 12
    assert browser.run("document.querySelectorAll('.confusion td').length") == 9
    light = browser.run("getComputedStyle(document.body).backgroundColor")
    browser.run("document.getElementById('theme').click()")
    assert browser.run("getComputedStyle(document.body).backgroundColor") != light
