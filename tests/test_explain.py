"""`explain`: the reasons of every block of the sample pages add up to the scores that `label` gives."""

import json
import math
import os
import pty
import sys
from pathlib import Path

import in_process
import numpy as np
import pytest
import random_model

from classifier import explaining
from classifier.classify import Classifier
from classifier.errors import SettingsError
from classifier.explaining import END, START, explain
from classifier.records import LABELS, Label, Page

PAGES = sorted(p for p in (Path(__file__).parent.parent / "seeds" / "pages").iterdir() if p.suffix in (".txt", ".html"))
ROUNDING = 1e-6  # of probabilities: scores are float32, explanations float64
WILD_ROUNDING = 5e-6  # with random weights, whose scores are sums of larger numbers


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return random_model.save(tmp_path_factory.mktemp("random"))


@pytest.fixture(scope="module")
def random(folder):
    return Classifier.load(folder)


@pytest.fixture(scope="module")
def shipped():
    return Classifier.load()


def read(path):
    return Page(path.name, path.read_text(encoding="utf-8"), path.suffix == ".html", path.name)


def check_sums(classifier, page, rounding):
    labelled = classifier.classify_batch([page])[0]
    found = explain(classifier, page)
    assert [e.block.index for e in found] == list(range(len(labelled.texts)))
    for which, expected in (("alone", labelled.first_scores), ("context", labelled.scores)):
        for explanation, scores in zip(found, expected, strict=True):
            reasons = getattr(explanation, which).reasons
            odds = np.array([math.fsum(r.article for r in reasons), 0.0, math.fsum(r.consent for r in reasons)])
            summed = np.exp(odds - odds.max()) / np.exp(odds - odds.max()).sum()
            assert np.abs(summed - scores).max() < rounding, explanation.block.text
            assert getattr(explanation, which).scores == pytest.approx(summed, abs=1e-12)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_reasons_add_up_to_the_scores_of_every_block(random, path):
    check_sums(random, read(path), WILD_ROUNDING)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_reasons_add_up_with_the_shipped_model(shipped, path):
    check_sums(shipped, read(path), ROUNDING)


def test_reasons_add_up_to_the_log_odds_of_both_stages(random):
    page = read(next(p for p in PAGES if p.suffix == ".html"))
    labelled = random.classify_batch([page])[0]
    for explanation in explain(random, page, [0, 3, 5]):
        for stage, scores in ((explanation.alone, labelled.first_scores), (explanation.context, labelled.scores)):
            article, boilerplate, consent = scores[explanation.block.index].astype(float)
            assert stage.log_odds[0] == pytest.approx(math.log(article / boilerplate), abs=1e-4)
            assert stage.log_odds[1] == pytest.approx(math.log(consent / boilerplate), abs=1e-4)


def test_reasons_name_what_stands_in_the_block(random):
    html = '<div id="cookie-bar"><p class="lead">Ab 12</p></div><p>The old ferry left the harbour.</p>'
    alone = explain(random, Page("a", html, True, "a"), [0])[0].alone
    by_kind = {}
    for reason in alone.reasons:
        by_kind.setdefault(reason.kind, {})[reason.text] = reason
    assert set(by_kind["word"]) == {"ab", "00"} and set(by_kind["pair"]) == {"ab 00"}
    assert by_kind["ngram"]["0"].count == 2
    assert {f"{START}ab", f"00{END}", "b 00"} <= set(by_kind["ngram"])
    assert {"self lead", "parent cookie", "ancestor cookie-bar", "ancestor div"} <= set(by_kind["markup"])
    assert any(text.startswith("length ") for text in by_kind["shape"])
    assert [r.text for r in alone.reasons if r.kind == "bias"] == ["intercept"]


def test_the_strongest_reasons_come_first_and_the_rest_is_summed(random):
    found = explain(random, read(PAGES[0]), [1])[0]
    label, rival = found.block.label, found.rival
    assert rival is not label and rival in LABELS
    shown, others = found.alone.strongest(label, rival, 3)
    pushes = [reason.push(label, rival) for reason in shown]
    every = sorted((reason.push(label, rival) for reason in found.alone.reasons), reverse=True)
    assert pushes == every[:3] + every[-3:]
    assert others.count == len(every) - 6
    assert sum(pushes) + others.push(label, rival) == pytest.approx(sum(every), abs=1e-9)
    assert len(found.alone.strongest(label, rival, 0)[0]) == len(every)


def test_a_push_is_the_difference_of_two_labels(random):
    reason = explain(random, read(PAGES[0]), [0])[0].alone.reasons[0]
    assert reason.push(Label.ARTICLE, Label.BOILERPLATE) == reason.article
    assert reason.push(Label.BOILERPLATE, Label.CONSENT) == -reason.consent
    assert reason.push(Label.CONSENT, Label.ARTICLE) == reason.consent - reason.article


def test_a_block_longer_than_what_is_read_and_odd_characters_are_explained(random):
    text = "\ud800 \U000f0000 naïve ÇA İ ﷽ " + "many words that go on and on, " * 50
    check_sums(random, Page("odd", text + "\n\nX\n\n" + "x" * 6, False, "odd"), WILD_ROUNDING)


@pytest.mark.parametrize("block", [9999, -1])
def test_a_block_that_is_not_there_is_told(random, block):
    with pytest.raises(SettingsError, match=f"no block {block}: `classifier label` numbers them"):
        explain(random, read(PAGES[0]), [0, block])


def test_a_defect_inside_is_not_told_as_a_missing_block(command, monkeypatch):
    monkeypatch.setattr(explaining, "_around", lambda *args: [][0])
    with pytest.raises(IndexError):
        command(PAGES[0], "--block", 0)


@pytest.fixture
def command(folder, monkeypatch, capsys):
    return lambda *args: in_process.call(monkeypatch, capsys, "explain", *args, "-m", folder)


def test_json_adds_up_with_what_is_left_out(command):
    code, out, told = command(PAGES[0], "--block", 1, "--block", 0, "--top", 2)
    assert (code, told) == (0, "")
    record = json.loads(out)
    assert [block["index"] for block in record["blocks"]] == [1, 0]
    for block in record["blocks"]:
        for stage in (block["alone"], block["context"]):
            assert len(stage["reasons"]) == 4
            for label in ("article", "consent"):
                total = math.fsum([*(r[label] for r in stage["reasons"]), stage["others"][label]])
                assert total == pytest.approx(stage["log_odds"][label], abs=1e-9)


def test_the_first_of_several_pages_is_told_as_such(command, tmp_path):
    """Before, nothing said that there are more."""
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("The ferry left the harbour at nine.")
    told = f"{tmp_path}/a.txt: the first of several pages: --page 1 takes the next\n"
    assert command(tmp_path)[::2] == (0, told)
    assert command(tmp_path, "--page", 0)[::2] == command(tmp_path / "b.txt")[::2] == (0, "")
    assert json.loads(command(tmp_path, "--page", 1)[1])["source"] == f"{tmp_path}/b.txt"


def test_messages_say_what_to_do(command, tmp_path):
    code, out, told = command(PAGES[0], "--block", 900)
    assert (code, out) == (2, "") and told == f"error: {PAGES[0]}: no block 900: `classifier label` numbers them.\n"
    code, out, told = command(PAGES[0], "--page", 3)
    assert (code, out) == (1, "") and told == f"error: {PAGES[0]}: holds no page 3: --page counts from 0.\n"
    (tmp_path / "empty.html").write_text("<html><script>let a</script></html>")
    code, out, told = command(tmp_path / "empty.html")
    assert code == 1 and "no_blocks: the page holds no visible text" in told
    assert command(tmp_path / "gone.txt")[0] == 1


def on_terminal(folder, *args, columns=120):
    """What a terminal of so many columns gets."""
    out = bytearray()
    pid, handle = pty.fork()
    if pid == 0:
        os.environ.update(COLUMNS=str(columns), TERM="dumb")
        os.execv(sys.executable, [sys.executable, "-m", "classifier", "explain", *map(str, args), "-m", str(folder)])
    while True:
        try:
            piece = os.read(handle, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    return out.decode()


def test_a_terminal_gets_tables(folder, tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("The old ferry left [red]the harbour\x1b[31m.\n\nHome\n")
    overview = on_terminal(folder, page)
    assert "The old ferry" in overview and "alone" in overview and "{" not in overview
    details = on_terminal(folder, page, "--block", 0)
    assert "[red]the harbour" in details and "\x1b[31m" not in details
    assert "In its surroundings" in details and "log-odds" in details and "“" in details


def test_a_narrow_terminal_has_room_for_the_texts(folder, tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("The old ferry left the harbour.\n\nHome\n")
    overview = on_terminal(folder, page, columns=80)
    assert "The old ferry" in overview and "┃ in cont" not in overview and "markup" not in overview
    assert "…" not in on_terminal(folder, page, "--block", 0, columns=80)
