"""`classifier models` and the training commands: what they print, and their messages where they cannot work."""

import json
import shutil
import sys

import pytest

from classifier import cli, settings
from classifier.cli.figures import table


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """The command in this process: exit code, stdout, stderr."""

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["classifier", *map(str, args)])
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as left:
            cli.main()
        got = capsys.readouterr()
        return left.value.code or 0, got.out, got.err

    return run


@pytest.fixture
def folder(tmp_path):
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    scores = {"labels": {"article": {"f1": 0.91234, "blocks": 12}}}
    manifest = {"date": "2026-01-05", "licence": "MIT", "labels": ["article", "consent"], "scores": scores}
    (model / "manifest.json").write_text(json.dumps(manifest))
    (model / "language.json").write_text(json.dumps({"rows": {"tr": 9, "en": 9}}))
    return model


def test_a_model_tells_size_languages_scores_date_and_licence(call, folder):
    code, out, _ = call("models", folder, "--languages")
    assert code == 0
    for told in (
        "0.0 MB",
        "2026-01-05",
        "MIT",
        "article, consent",
        "languages  2",
        "tr         Turkish",
        "f1 0.912  blocks 12",
    ):
        assert told in out


def test_a_language_takes_one_line(call, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    labels = {"article": {"precision": 0.5, "f1": 0.625, "blocks": 40}, "boilerplate": {"f1": 0.75, "blocks": 15}}
    manifest["scores"]["languages"] = {"tr": labels}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    out = call("models", folder)[1]
    (line,) = (line for line in out.splitlines() if line.startswith("    languages tr"))
    assert line.split()[2:] == ["blocks", "55", "article", "f1", "0.625", "boilerplate", "f1", "0.750"]


def other_base(place):
    """The shipped model with a language model that can be told from the shipped one."""
    base = place / "base"
    shutil.copytree(settings.default_model(), base)
    facts = json.loads((base / "language.json").read_text()) | {"note": "not the shipped one"}
    (base / "language.json").write_text(json.dumps(facts))
    return base


def test_train_on_a_base_prints_scores_by_label_language_and_source_and_keeps_the_language_model(call, tmp_path):
    texts = {"article": "The ferry left the harbour at nine.", "boilerplate": "More news", "consent": "We use cookies."}
    blocks = [{"text": text, "label": label} for label, text in texts.items()]
    pages = ({"id": f"{n}", "source": "notes", "blocks": blocks} for n in range(20))
    (tmp_path / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    base = other_base(tmp_path)
    code, out, told = call("train", "pages.jsonl", "--base", base, "-o", "own")
    assert code == 0 and f"from the weights of {base}, whose second stage, names and thresholds stay\n" in told
    assert json.loads((tmp_path / "own" / "language.json").read_text())["note"] == "not the shipped one"
    assert {" ".join(line.split()[:2]) for line in out.splitlines()} >= {
        "labels article",
        "languages en",
        "sources notes",
    }
    assert call("models", "own")[1].splitlines()[-len(out.splitlines()) :] == [
        f"    {line}" for line in out.splitlines()
    ]


def test_train_quiet_prints_scores_and_errors_alone(call, tmp_path):
    blocks = [{"text": "The ferry left at nine.", "label": "article"}, {"text": "News", "label": "boilerplate"}]
    (tmp_path / "pages.jsonl").write_text("".join(json.dumps({"id": n, "blocks": blocks}) + "\n" for n in "abcd"))
    code, out, told = call("train", "pages.jsonl", "--base", settings.default_model(), "-o", "own", "-q")
    assert (code, told) == (0, "") and "labels article" in out
    code, out, told = call("train", "gone.jsonl", "-o", "own", "-q")
    assert (code, out, told) == (1, "", "error: gone.jsonl: no such file or folder\n")


def test_models_as_json(call, folder):
    (facts,) = json.loads(call("models", folder, "--json")[1])
    assert facts["languages"] == ["en", "tr"] and facts["manifest"]["licence"] == "MIT" and facts["default"] is False


def test_installed_models_are_listed(call, folder, monkeypatch):
    monkeypatch.setattr("classifier.cli.models.models_folder", lambda: folder.parent)
    assert str(folder) in call("models")[1]


def manifest_of_a_run(tmp_path):
    (tmp_path / "manifest.json").write_text('{"model": "default", "options": {}, "counts": {}, "inputs": []}')


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "no model here (manifest.json is missing); name a folder made by `classifier train`"),
        (
            manifest_of_a_run,
            "no model here (not the manifest.json of a model); name a folder made by `classifier train`",
        ),
    ],
)
@pytest.mark.parametrize("command", [("models",), ("train", "pages.jsonl", "-o", "own", "--base"),
                                     ("filter", "pages.jsonl", "-m")])  # fmt: skip
def test_a_folder_that_is_no_model_is_told_alike_by_all_commands(call, tmp_path, make, message, command):
    make(tmp_path)
    assert call(*command, tmp_path) == (1, "", f"error: {tmp_path}: {message}\n")
    (tmp_path / "pages.jsonl").touch()
    for name in ("gone", "pages.jsonl"):
        assert call(*command, name)[2].startswith(f"error: {name}: no model here (manifest.json is missing); name a")


@pytest.mark.parametrize(
    ("name", "why"),
    [("manifest.json", "not readable as JSON (Expecting property name"),
     ("language.json", "cannot read the language model's facts (Expecting property name")],
)  # fmt: skip
def test_a_broken_file_of_a_model_is_told(call, folder, name, why):
    (folder / name).write_text("{")
    code, out, told = call("models", folder)
    assert (code, out) == (1, "") and told.startswith(f"error: {folder / name}: {why}")
    (folder / name).write_text("[1]")
    assert "a JSON object" in call("models", folder)[2]


@pytest.mark.parametrize(
    ("field", "value"),
    [("date", [1]), ("licence", {"name": "MIT"}), ("labels", 3), ("labels", [1]), ("scores", []), ("scores", "good"),
     ("scores", {"languages": []}), ("scores", {"languages": {"en": 3}}), ("scores", {"languages": {"en": {"a": 3}}}),
     ("scores", {"languages": {"en": {"article": {"f1": 0.5}}}}), ("rows", 3), ("rows", None)],
)  # fmt: skip
def test_a_field_of_another_type_is_told(call, folder, field, value):
    """Before, a traceback."""
    path = folder / ("language.json" if field == "rows" else "manifest.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    code, out, told = call("models", folder)
    what = f"`{field}` is not as `classifier train` writes it; restore the file or train again"
    assert (code, out, told) == (1, "", f"error: {path}: {what}\n")


def test_fields_that_are_null_or_not_shown_may_be_anything(call, folder):
    path = folder / "manifest.json"
    others = {"date": None, "scores": None, "data": 3, "version": 7, "libraries": None, "presets": "x"}
    path.write_text(json.dumps(json.loads(path.read_text()) | others))
    assert call("models", folder)[0] == 0


@pytest.mark.parametrize("seed", [-1, 2**31])
@pytest.mark.parametrize("command", ["train", "train-language"])
def test_a_seed_that_libraries_refuse_is_told_before_anything_is_read(call, command, seed):
    """Before, it ended in a traceback, a large one after most of the training."""
    code, _, err = call(command, "gone.jsonl", "-o", "own", "--seed", seed)
    assert code == 2 and "Invalid value for '--seed'" in err


def test_the_shipped_model_is_found_beside_the_package():
    assert settings.default_model().parent.name in ("models", "default_models")


def test_training_without_data_is_told(call, tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "no language"}\n')
    code, _, told = call("train-language", tmp_path / "rows.jsonl", "-o", tmp_path / "out")
    assert code == 1 and told.startswith("error: ") and told.count("\n") == 1
    code, _, told = call("train", tmp_path / "rows.jsonl", "-o", tmp_path / "out")
    assert code == 1 and told.splitlines()[-1].startswith("error: ")


@pytest.mark.parametrize("command", ["train", "train-language"])
@pytest.mark.parametrize("output", ["file", "file/below", "link"])
def test_an_output_that_can_be_no_folder_is_told_before_anything_is_read(call, tmp_path, command, output):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("gone")
    code, out, told = call(command, "no-data", "-o", output)
    assert (code, out) == (1, "")
    assert told == f"error: {output}: no place for a model: name a folder that you may write to, or a new one.\n"
    assert (tmp_path / "file").read_text() == "mine"


def test_training_tells_which_pages_it_leaves_out(call, tmp_path):
    story = "The old ferry left the harbour before the fog came in."
    rows = [{"text": story, "gold": gold} for gold in (story, "", "")]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    _, _, told = call("train", tmp_path / "rows.jsonl", "-o", tmp_path / "out")
    assert told.splitlines()[:2] == ["1 page and 0 loose blocks read", "2 pages left out: 2 without gold text"]


@pytest.mark.parametrize("command", [("train", "-o", "out"), ("evaluate",)])
def test_pages_that_say_nothing_are_told(call, tmp_path, command):
    story = "The old ferry left the harbour before the fog came in."
    rows = [{"text": story, "must": [must]} for must in (story, "Another story.")] + [{"blocks": [{"text": story}]}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = call(*command, "rows.jsonl")[2]
    assert "2 pages without a labelled block or a segment that is found" in told.splitlines()


def test_figures_go_on_below_the_first_where_a_terminal_is_narrow():
    figures = {"model": "m", "labels": {"article": {"precision": 0.5, "recall": 0.25, "blocks": 3}}}
    whole = ["all             model m", "labels article  precision 0.500  recall 0.250  blocks 3"]
    assert table(figures).splitlines() == table(figures, 56).splitlines() == whole
    assert table(figures, 46).splitlines() == [whole[0], whole[1][:45], " " * 16 + "blocks 3"]
    assert [line.strip() for line in table(figures, 5).splitlines()][2:] == ["recall 0.250", "blocks 3"]
