"""The command through its real entry point, with the model of fake_classifier: messages, formats, exit codes."""

import gzip
import json
import os
import pty
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import classifier as package
import fake_classifier
from classifier import cli
from classifier.cli import app
from classifier.cli.tell import summary
from classifier.pipeline import Counts

FAKE = Path(fake_classifier.__file__)
STORY = "The old ferry left the harbour before the fog came in and nobody saw it."
NOTICE = "Bu sitede çerezler kullanılmaktadır, lütfen kabul edin."
PAGE = f"Home\n\n{STORY}\n\n{NOTICE}\n"


def classifier(*args, stdin=b"", folder=None):
    done = subprocess.run([sys.executable, str(FAKE), *map(str, args)], input=stdin, capture_output=True, cwd=folder)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def inside(monkeypatch, capfdbinary, tmp_path):
    """The command in this process: quicker, for what does not depend on the process."""

    def call(*args):
        monkeypatch.setattr(sys, "argv", ["classifier", *map(str, args)])
        monkeypatch.setattr(package, "load", lambda folder=None: fake_classifier.FakeClassifier())
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as left:
            cli.main()
        got = capfdbinary.readouterr()
        return left.value.code or 0, got.out.decode(), got.err.decode()

    return call


@pytest.fixture
def page(tmp_path):
    (tmp_path / "page.txt").write_text(PAGE)
    return tmp_path / "page.txt"


def test_a_text_page_comes_out_as_text(page):
    code, out, told = classifier("filter", page)
    assert (code, out) == (0, STORY + "\n")
    assert told.startswith("1 page read: 1 written, 0 rejected\n3 blocks in them: 1 kept; by label")


def test_stdin_and_quiet():
    assert classifier("filter", "-", "-q", stdin=PAGE.encode()) == (0, STORY + "\n", "")
    record = json.dumps({"id": "a", "url": "https://example.org/a", "text": PAGE, "section": "news"}).encode()
    code, out, _ = classifier("filter", "-", stdin=gzip.compress(record))
    assert code == 0 and json.loads(out)["metadata"] == {"section": "news"}


def test_the_record_has_the_fixed_shape(inside, page):
    _, out, _ = inside("filter", page, "--format", "jsonl", "--blocks", "all")
    record = json.loads(out)
    assert list(record) == ["id", "url", "source", "text", "language", "languages", "blocks", "metadata", "model"]
    assert record["text"] == STORY and record["source"] == str(page)
    assert record["blocks"][1] == {
        "index": 1, "text": STORY, "start": 6, "end": 6 + len(STORY), "label": "article",
        "scores": {"article": 0.9, "boilerplate": 0.05, "consent": 0.05}, "language": "en", "language_score": 0.99,
        "kept": True,
    }  # fmt: skip
    assert all(PAGE[b["start"] : b["end"]] == b["text"] for b in record["blocks"])


def test_blocks_kept_and_none(inside, page):
    kept, none = (json.loads(inside("filter", page, "--format", "jsonl", "--blocks", b)[1]) for b in ("kept", "none"))
    assert [b["index"] for b in kept["blocks"]] == [1] and "blocks" not in none


def test_keep_and_language_and_codes_of_any_kind(inside, page):
    for code in ("tr", "tur", "TR", "tr_Latn"):
        assert inside("filter", page, "--keep", "consent", "--language", code)[1] == NOTICE + "\n"
    for codes in ("en", "en,", " en , "):
        assert inside("filter", page, "--drop-language", codes, "--keep", "article,consent,")[1] == NOTICE + "\n"
    assert inside("filter", page, "--min-score", "article=0.95")[1] == ""


def test_markdown_of_html(inside, tmp_path):
    (tmp_path / "page.html").write_text(f"<h2>A ferry in the fog, and no crew</h2><p>{STORY}</p>")
    code, out, _ = inside("filter", tmp_path / "page.html", "--format", "markdown")
    assert code == 0 and STORY in out


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--language", "trr"], 2, "unknown language code 'trr': did you mean tr? Run `classifier models --languages`"),
        (["--language", ","], 2, "--language names no language: write for example en,tr."),
        (["--drop-language", " , "], 2, "--drop-language names no language: write for example en,tr."),
        (["--page-language", " "], 2, "--page-language names no language: write for example en,tr."),
        (["-o", "out.jsonl", "--rejected", "-"], 2, "--rejected does not write to stdout: name a file."),
        (["--keep", "consnt"], 2, "unknown label 'consnt': did you mean consent?"),
        (["--keep", "article", "consent"], 2, "consent: no such file: to keep several labels write --keep article,con"),
        (["--language", "en", "tr", "fr"], 2, "tr: no such file: to name several languages write --language en,tr,fr."),
        (["--keep", "article consent"], 2, "'article consent': labels are set apart by commas: write article,consent."),
        (["--preset", "balance"], 2, "unknown preset 'balance'; the model has balanced, precision, recall"),
        (["--format", "json"], 2, "unknown format 'json': did you mean jsonl?"),
        (["--blocks", "x"], 2, "unknown value of --blocks 'x': choose from none, kept, all."),
        (["--min-score", "article"], 2, "'article' is not label=number: write for example article=0.7."),
        (["--min-score", "0.7"], 2, "'0.7' is not label=number: write for example article=0.7."),
        (["--min-score", "article=7"], 2, "the score in 'article=7' is not between 0 and 1."),
        (["-o", "out.pdf"], 2, "out.pdf: the name does not tell the format: give --format,"),
        (["-o", "out.parquet.gz"], 2, "out.parquet.gz: Parquet is compressed inside: name it out.parquet."),
        (["-o", "o.zst", "--format", "parquet"], 2, "o.zst: Parquet is compressed inside: name it o."),
        (["--format", "parquet"], 2, "Parquet needs a file: name one with -o, as out.parquet."),
        (["--format", "parquet", "-o", "/dev/null"], 2, "Parquet needs a file: name one with -o, as out.parquet."),
        (["-o", "/dev/null/out.jsonl"], 1, "/dev/null/out.jsonl: cannot be written (File exists): check the place"),
        (["-o", "/proc/x/out.jsonl"], 1, "/proc/x/out.jsonl: cannot be written (No such file or directory): check"),
        (["-o", "-/"], 2, "-/: - is stdout and no folder: write ./-/ for a folder of that name."),
        (["-o", "out.jsonl", "--rejected", "."], 1, ".: is a folder: name a file for --rejected."),
        (["--resume"], 2, "--resume needs an output file or folder: name one with -o."),
    ],
)
def test_wrong_options_are_told_in_one_line(inside, page, args, code, message):
    got, out, told = inside("filter", page, *args)
    assert (got, out) == (code, "")
    assert told.startswith("error: " + message) and told.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "after"),
    [(("filter", "page.txt", "-o", ""), "-o"), (("filter", "page.txt", "--rejected="), "--rejected"),
     (("filter", ""), "filter"), (("report", "page.txt", "-o", ""), "-o"), (("models", ""), "models"),
     (("train", "page.txt", "-o", ""), "-o"), (("label", "page.txt", "-m", ""), "-m"), (("",), "classifier")],
)  # fmt: skip
def test_an_empty_value_is_told_and_means_no_folder(inside, page, tmp_path, args, after):
    """Before, `-o ""` wrote into the root of the file system, and other paths were the folder one was in."""
    told = f"error: the value after {after} is empty: write one, or leave it out.\n"
    assert inside(*args) == (2, "", told) and list(tmp_path.iterdir()) == [page]


def test_a_dash_is_stdout_though_a_folder_has_that_name(inside, page, tmp_path):
    (tmp_path / "-").mkdir()
    assert inside("filter", page, "-q")[:2] == (0, f"{STORY}\n")
    assert list((tmp_path / "-").iterdir()) == []
    assert inside("filter", page, "-q", "-o", "./-/")[:2] == (0, "")
    assert (tmp_path / "-" / "page.jsonl").exists()


def test_an_input_is_not_overwritten_by_the_output(inside, page, tmp_path):
    link, other = tmp_path / "link.txt", tmp_path / "other.txt"
    link.symlink_to(page)
    other.write_text(PAGE)
    for read, written in ((page, page), (link, page)):
        code, _, told = inside("filter", other, read, "-o", written)
        assert (code, told) == (1, f"error: {read}: nothing to read but the output: choose another output.\n")
    assert page.read_text() == PAGE
    code, _, told = inside("filter", page, "-o", "x.jsonl", "--rejected", tmp_path / "x.jsonl")
    assert code == 2 and told.endswith("x.jsonl: named both for the output and for --rejected: give two names.\n")


@pytest.mark.usefixtures("page")  # is in the folder too
def test_bad_input_is_told_and_the_rest_goes_on(tmp_path):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "picture.html").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "broken.jsonl").write_text('{"id": "a", "text": "' + STORY + '"}\n{"id": \n')
    code, out, told = classifier("filter", tmp_path, "gone.txt", "--format", "text", folder=tmp_path)
    assert code == 1 and out == f"{STORY}\n\n\n{STORY}\n"
    lines = told.splitlines()
    assert lines[0].startswith(f"{tmp_path}/broken.jsonl:2: bad_json: not a JSON object")
    assert lines[1] == f"{tmp_path}/empty.txt: empty: nothing in it"
    assert lines[2] == f"{tmp_path}/picture.html: binary: a PNG picture, not text, Markdown or HTML"
    assert lines[3].startswith("gone.txt: missing: no such file or directory")
    assert lines[4] == "6 pages read: 2 written, 4 rejected (bad_json 1, empty 1, binary 1, missing 1)"


def test_names_that_are_no_utf8_are_escaped_in_every_output(inside, page, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    name = folder / os.fsdecode(b"caf\xe9.txt")
    page.rename(name)
    (folder / os.fsdecode(b"empty\xe9.txt")).touch()
    shown, empty = f"{folder}/caf\\xe9.txt", f"{folder}/empty\\xe9.txt"
    for source in (folder, name):
        for args in (("filter", source, "--format", "jsonl"), ("label", source)):
            code, out, told = inside(*args)
            record = json.loads(out)
            assert (code, record["id"], record["source"]) == (0, shown, shown)
            assert source is name or told.startswith(f"{empty}: empty: nothing in it\n")
    assert inside("filter", folder, "-o", f"{tmp_path}/out/", "--rejected", tmp_path / "lost.jsonl")[0] == 0
    assert os.fsdecode(b"caf\xe9.jsonl") in os.listdir(tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert [one["path"] for one in manifest["inputs"]] == [shown, empty]
    assert json.loads((tmp_path / "lost.jsonl").read_text())["source"] == empty


def test_nothing_of_a_page_or_its_name_commands_the_terminal(tmp_path):
    page, empty = tmp_path / "\x1b[31mred.txt", tmp_path / "\x1b]0;title\x07\n.txt"
    page.write_text(PAGE.replace("ferry", "\x1b]0;owned\x07\x1b[2Jferry"))
    empty.touch()
    for args in (("label", tmp_path), ("filter", tmp_path, "-o", tmp_path / "o.jsonl"), ("filter", "\x1b[2J")):
        out = on_terminal(*args)[1]
        assert not any(command in out for command in ("\x1b]0", "\x1b[31mred", "\x1b[2J", "\x07")), args
        assert any(shown in out for shown in (r"\x1b[31mred.txt", r"\x1b]0;title\x07\n.txt", r"\x1b[2J")), args


def test_exit_codes_of_rejections(inside, page, tmp_path):
    (tmp_path / "empty.txt").touch()
    assert inside("filter", tmp_path)[0] == 0
    assert inside("filter", tmp_path, "--strict")[0] == 3
    assert inside("filter", page, "--strict")[0] == 0
    assert inside("filter")[0] == 2
    assert inside("filter", page, "--page-timeout", "inf")[0] == 2
    assert [inside("filter", page, "--max-depth", depth)[0] for depth in (500, 501)] == [0, 2]


def test_rejected_file_has_source_stage_and_reason(inside, tmp_path):
    (tmp_path / "menu.txt").write_text("Home")
    inside("filter", tmp_path / "menu.txt", "--rejected", tmp_path / "lost.jsonl")
    lost = json.loads((tmp_path / "lost.jsonl").read_text())
    assert (lost["source"], lost["stage"], lost["reason"]) == (str(tmp_path / "menu.txt"), "select", "no_kept_block")


def test_label_writes_every_block_as_json_lines(inside, page):
    code, out, _ = inside("label", page)
    assert code == 0 and [b["label"] for b in json.loads(out)["blocks"]] == ["boilerplate", "article", "consent"]


def on_terminal(*args):
    """Output of the command on a pseudo-terminal, stdout and stderr together."""
    main, other = pty.openpty()
    process = subprocess.Popen([sys.executable, str(FAKE), *map(str, args)], stdout=other, stderr=other, stdin=other)
    os.close(other)
    parts = []
    try:
        while part := os.read(main, 10_000):
            parts.append(part)
    except OSError:  # Linux tells the end of a terminal so
        pass
    os.close(main)
    return process.wait(), b"".join(parts).decode()


def test_label_is_a_table_on_a_terminal(page):
    code, out = on_terminal("label", page)
    assert code == 0 and "boilerplate" in out and "│" in out and "{" not in out.replace("\x1b[", "")


def test_quiet_hides_no_input_that_could_not_be_opened(page, tmp_path):
    (tmp_path / "empty.txt").touch()
    for told in (
        classifier("filter", tmp_path, "gone.txt", "-q")[2],
        on_terminal("label", tmp_path, "gone.txt", "-q")[1],
    ):
        assert "gone.txt: missing: no such file" in told and "empty.txt" not in told
    assert "empty.txt: empty: nothing in it" in on_terminal("label", tmp_path)[1]


def test_progress_is_shown_on_a_terminal_only(tmp_path):
    pages = tmp_path / "in.jsonl"
    pages.write_text("".join(json.dumps({"text": STORY}) + "\n" for _ in range(500)))
    args = ("filter", pages, "-o", tmp_path / "out.jsonl")
    os.environ["FAKE_DELAY"] = "0.1"
    try:
        assert "pages/s" in on_terminal(*args)[1].split("500 pages read")[0]
        assert "\r" not in classifier(*args)[2]
    finally:
        del os.environ["FAKE_DELAY"]


def test_ctrl_c_is_heard_before_the_command_begins(inside, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "build", interrupted)
    assert inside("filter") == (130, "", "")
    loaded = "import sys, classifier.cli; print({'typer', 'rich', 'numpy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True).stdout == b"set()\n"


def test_every_command_has_help_with_an_example(inside):
    _, out, _ = inside("--help")
    lines = out.split("Commands")[1].splitlines()
    commands = [line.split()[1] for line in lines if line.startswith("│ ") and line[2] != " "]
    assert {"filter", "label"} <= set(commands)
    for command in commands:
        code, told, _ = inside(command, "--help")
        assert code == 0 and "Example: classifier " + command in told


def test_the_summary_says_how_many_languages_it_does_not_name():
    languages = Counter({tag: 9 - place for place, tag in enumerate(["en", "de", "fr", "es", "it", "pl", "tr", "he"])})
    counts = Counts(blocks=1, languages=languages)
    assert "languages (en 9, de 8, fr 7, es 6, it 5, pl 4, 2 more)\n" in summary(counts, 1, 1, 1)
    del languages["tr"], languages["he"]
    assert "languages (en 9, de 8, fr 7, es 6, it 5, pl 4)\n" in summary(counts, 1, 1, 1)


def test_options_that_take_several_may_be_repeated(inside, page):
    together = inside("filter", page, "-q", "--keep", "article,consent", "--language", "en,tr")
    assert (
        inside("filter", page, "-q", "--keep", "article", "--keep", "consent", "--language", "en", "--language", "tr")
        == together
    )
    assert together[1].count("\n\n") == 1


def test_a_mistyped_input_leaves_what_was_written_before(inside, page, tmp_path):
    (tmp_path / "out.txt").write_text("of yesterday")
    code, _, told = inside("filter", "pgae.txt", "-o", "out.txt", "--rejected", "lost.jsonl")
    assert json.loads((tmp_path / "lost.jsonl").read_text())["reason"] == "missing"
    assert code == 1 and told.startswith("pgae.txt: missing: no such file") and "1 page read: 0 written" in told
    assert (tmp_path / "out.txt").read_text() == "of yesterday" and not list(tmp_path.glob(".out*"))
