"""`report`: one HTML file that holds its pages as data, and the command that writes it."""

import base64
import hashlib
import json
import re

import in_process
import pytest
import random_model
from report_pages import HOSTILE, NOTICE, STORY, Scripts, data_of, label, with_code

from classifier.records import Rejection
from classifier.report.document import as_json, escape
from classifier.report.pages import LONGEST, pages_report
from classifier.report.svg import Bar, Column, bars, columns, curves


def test_all_blocks_are_in_the_data_as_they_are():
    made = pages_report(label("\n\n".join(HOSTILE), f"Home\n\n{STORY}\n\n{NOTICE}"))
    assert (made.pages, made.rejected) == (2, 0)
    first, second = data_of(made.html)["pages"]
    assert first["texts"] == list(HOSTILE)
    assert second["labels"] == [1, 0, 2] and second["kept"] == [0, 1, 0]
    assert second["scores"][3:6] == [900, 50, 50] and second["source"] == "p1.txt"


def test_blocks_of_code_are_told():
    assert [page["code"] for page in data_of(pages_report([with_code(), *label(STORY)]).html)["pages"]] == [[1], []]


def test_nothing_of_a_page_becomes_markup():
    names = ['"><script>window.hacked=7</script>.txt', "$plots\udcff.txt"]
    rejected = Rejection("<b>r</b>.txt", "read", "undecodable", "<script>window.hacked=8</script>")
    results = [*label("\n\n".join(HOSTILE), STORY, names=names), rejected]
    html = pages_report(results).html.decode("utf-8")
    plain = Scripts(pages_report(label(STORY, STORY)).html.decode())
    parsed = Scripts(html)
    assert [(tag, set(attrs)) for tag, attrs, _ in parsed.found] == [(t, set(a)) for t, a, _ in plain.found]
    assert not {"img", "iframe", "b", "link", "base"} & {tag for tag, _ in parsed.tags}
    assert not any(name.startswith("on") or name in ("src", "href") for _, attrs in parsed.tags for name in attrs)


def test_the_policy_names_the_hashes_of_the_one_style_and_script():
    html = pages_report(label(STORY)).html.decode()
    parsed = Scripts(html)
    policy = next(a["content"] for tag, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy")
    code = {tag: text for tag, attrs, text in parsed.found if "id" not in attrs}
    for tag in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(code[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy


def test_giant_blocks_are_cut_and_say_so():
    (text,) = data_of(pages_report(label("a" * (LONGEST + 1234))).html)["pages"][0]["texts"]
    assert text == "a" * LONGEST + " … (1,234 more characters)"


def test_text_for_html_and_json():
    assert escape("a<b>&\"'\x00\ud800") == "a&lt;b&gt;&amp;&quot;&#x27;\ufffd\ufffd"
    assert "<" not in as_json(HOSTILE) and json.loads(as_json(HOSTILE)) == list(HOSTILE)


def test_plots_count_what_is_there():
    html = pages_report(label(f"Home\n\n{STORY}\n\n{NOTICE}", STORY)).html.decode()
    overview = html[html.index("<figure>") : html.rindex("</figure>")]
    assert ">2 (50%)<" in overview and ">1 (25%)<" in overview
    assert re.search(r"<title>1: p0.txt: article 72, boilerplate 4, consent \d+ characters</title>", overview)
    assert "<title>0.9 to 1.0: article 2, boilerplate 1, consent 1</title>" in overview


def test_bars_and_columns_are_as_long_as_their_numbers():
    def sizes(svg, side):
        return [(name, float(size)) for name, size in re.findall(rf'<rect class="(\w)"[^>]* {side}="([\d.]+)"', svg)]

    (_, whole), *rest = sizes(
        bars("t", [Bar("<x>", (("a", 8.0),), "8"), Bar("y", (("b", 2.0), ("c", 4.0)), "6")]), "width"
    )
    assert whole == pytest.approx(164) and rest == [("b", whole / 4), ("c", whole / 2)]
    items = [Column((("a", 30), ("b", 10)), "<t>"), Column((("a", 0), ("b", 20)), "u")]
    high = sizes(columns("t", items, ("0", "1"), "x"), "height")
    top = high[0][1] + high[1][1]
    assert high == [
        ("a", pytest.approx(top * 0.75)),
        ("b", pytest.approx(top / 4)),
        ("a", 0),
        ("b", pytest.approx(top / 2)),
    ]
    assert "<x>" not in bars("t", [Bar("<x>", (), "")]) and "&lt;t&gt;" in columns("t", items, (), "x")
    assert "nan" not in bars("t", []) + columns("t", [], (), "x") + curves("t", [], ("x", "y"))


def test_no_page_at_all_makes_a_report():
    made = pages_report([Rejection("a.txt", "read", "missing", "no such file")])
    assert (made.pages, made.blocks, made.rejected) == (0, 0, 1) and b"<td>no such file</td>" in made.html
    assert b'<th scope="col">reason</th>' in made.html and b'<th scope="row">a.txt</th>' in made.html


# From the command line


@pytest.fixture
def command(monkeypatch, capsys):
    return lambda *args: in_process.call(monkeypatch, capsys, "report", *args)


def test_the_command_writes_one_file_and_says_what_is_in_it(command, tmp_path):
    model = random_model.save(tmp_path / "model")
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.html").write_text(f"<p>{STORY}</p><p>{NOTICE}</p>")
    out = tmp_path / "r.html"
    (tmp_path / "empty.txt").touch()
    code, printed, told = command(
        tmp_path / "a.html", tmp_path / "empty.txt", "-o", out, "-m", model, "--keep", "article,boilerplate,consent"
    )
    assert (code, printed) == (0, "") and told.startswith(f"{out}: 1 page, 2 blocks, 1 rejected")
    assert data_of(out.read_bytes())["pages"][0]["kept"] == [1, 1]
    code, _, told = command(tmp_path / "*.html", "-o", out, "-m", model, "--limit", 2)
    assert code == 0 and told.endswith("--limit 2 left out the rest\n")
    code, _, told = command(tmp_path / "a.html", tmp_path / "gone.txt", "-o", out, "-m", model)
    first, second = told.splitlines()
    assert code == 1 and second.startswith(f"{out}: 1 page, 2 blocks, 1 rejected")
    assert first == f"{tmp_path}/gone.txt: missing: no such file or directory: check the name and the permissions"
    code, _, told = command(tmp_path / "gone.txt", "-o", out, "-m", model)
    assert code == 1 and told.endswith("no page in it could be read: the file lists the reasons.\n")


def test_labels_with_a_blank_between_them_are_told(command, tmp_path):
    code, _, told = command("seeds", "--keep", "article,", "consent", "-o", tmp_path / "r.html", "-m", tmp_path)
    assert (code, told) == (
        2, "error: consent: no such file: to keep several labels write --keep article,consent.\n"
    )  # fmt: skip


def test_languages_with_a_blank_between_them_are_told(command, tmp_path):
    def told(*args):
        code, _, message = command("seeds", *args, "-o", tmp_path / "r.html", "-m", tmp_path)
        return code, message.removeprefix("error: ")

    assert told("--drop-language", "en,", "zh-Hant,", "tr") == (
        2, "zh-Hant: no such file: to name several languages write --drop-language en,zh-Hant,tr.\n"
    )  # fmt: skip
    for other in (["--language", "en", "raw"], ["--language", "en", "--drop-language", "de", "fr"]):
        assert "to name several languages" not in told(*other)[1], "no language; of which option is not known"


def test_a_wrong_place_stops_before_anything_is_read(command, tmp_path):
    code, _, told = command("seeds", "-o", tmp_path / "no" / "r.html", "-m", tmp_path)
    assert code == 1 and told.endswith("r.html: cannot be written: name a file in a folder that exists.\n")


def test_a_dash_is_stdout(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.html").write_text(f"<p>{STORY}</p>")
    code, out, told = command("a.html", "-o", "-", "-m", random_model.save(tmp_path / "model"))
    assert code == 0 and data_of(out.encode())["pages"][0]["texts"] == [STORY] and told.startswith("stdout: 1 page")
    assert not (tmp_path / "-").exists()


def test_what_is_read_is_not_overwritten(command, tmp_path):
    model = random_model.save(tmp_path / "model")
    page, link = tmp_path / "a.html", tmp_path / "link.html"
    page.write_text(f"<p>{STORY}</p>")
    link.symlink_to(page)
    for read, written in ((page, page), (link, page), (page, link)):
        code, _, told = command(read, "-o", written, "-m", model)
        assert code == 1 and told == f"error: {read}: nothing to read but the output: choose another output.\n"
    assert page.read_text() == f"<p>{STORY}</p>"
