"""`report`: one HTML file, looked at through a real browser; texts of pages are shown and never run."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import chromium
import in_process
import pytest
import random_model

from classifier.records import Page, Rejection
from classifier.report.document import as_json, escape
from classifier.report.pages import LONGEST, pages_report
from classifier.report.svg import Bar, Column, bars, columns, curves
from fake_classifier import FakeClassifier

STORY = "The old ferry left the harbour before the fog came in and nobody saw it."
NOTICE = "Bu sitede çerezler kullanılmaktadır, lütfen kabul edin."
HOSTILE = (
    "</script><script>window.hacked = 1</script>",
    '<img src="http://127.0.0.1:9/x.png" onerror="window.hacked = 2">',
    "<!--<script> and <!-- and ]]> and </ScRiPt >",
    "data:text/html,<script>window.hacked=3</script> javascript:window.hacked=4",
    "'\"><svg onload=window.hacked=5> &lt;b&gt; &amp; {{plots}} $plots ${facts}",
    "<iframe srcdoc='<script>top.hacked=6</script>'></iframe>",
    "\u202e reversed \u0001 \ud800 end of the odd ones",
)


def label(*texts, names=None):
    pages = [Page(names[i] if names else f"page{i}", t, False, names[i] if names else f"p{i}.txt", f"https://x.org/{i}")
             for i, t in enumerate(texts)]  # fmt: skip
    return FakeClassifier().classify_batch(pages)


class Scripts(HTMLParser):
    """What a parser takes for scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.found, self._open, self.tags = [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._open = (tag, dict(attrs), [])

    def handle_data(self, data):
        if self._open:
            self._open[2].append(data)

    def handle_endtag(self, tag):
        if self._open and tag == self._open[0]:
            self.found.append((tag, self._open[1], "".join(self._open[2])))
            self._open = None


def data_of(html):
    parsed = Scripts(html.decode())
    return json.loads(next(text for tag, attrs, text in parsed.found if attrs.get("id") == "data"))


def test_all_blocks_are_in_the_data_as_they_are():
    made = pages_report(label("\n\n".join(HOSTILE), f"Home\n\n{STORY}\n\n{NOTICE}"))
    assert (made.pages, made.rejected) == (2, 0)
    first, second = data_of(made.html)["pages"]
    assert first["texts"] == list(HOSTILE)
    assert second["labels"] == [1, 0, 2] and second["kept"] == [0, 1, 0]
    assert second["scores"][3:6] == [900, 50, 50] and second["source"] == "p1.txt"


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
    assert (made.pages, made.blocks, made.rejected) == (0, 0, 1) and b"no such file" in made.html


# In the browser


@pytest.fixture(scope="module")
def browser():
    started = chromium.Browser()
    yield started
    started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a report of these pages, at the width of a desk; afterwards nothing may have gone wrong in it."""

    def open_report(results, fragment="", width=1200, scheme="light"):
        path = tmp_path / "report.html"
        path.write_bytes(pages_report(results).html)
        browser.view(width, 800, scheme)
        browser.open(path, fragment)
        browser.wait("document.documentElement.dataset.ready === 'yes'")
        return browser

    yield open_report
    assert browser.errors == []
    assert [
        url for url in browser.requests if not url.startswith("file:") or not url.split("#")[0].endswith("report.html")
    ] == []


def shown(browser):
    """The number, label and text of each block in the document."""
    return browser.run(
        "Array.from(document.querySelectorAll('.block'), b => [Number(b.dataset.block),"
        " b.querySelector('.badge').textContent, b.querySelector('.text').textContent])"
    )


def fill(browser, name, value):
    """Set a field of the filters as a user does."""
    browser.run(
        f"(() => {{ const f = document.getElementById('filters').elements[{json.dumps(name)}];"
        f" if (f.type === 'checkbox') f.checked = {json.dumps(value)}; else f.value = {json.dumps(value)};"
        " f.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


PAGES = (
    f"Home\n\n{STORY}\n\n{NOTICE}\n\nMore\n\nA second story, longer than that, about the fog itself.",
    STORY,
    "Menu",
)


def test_blocks_are_shown_in_order_with_all_that_is_known(opened):
    browser = opened(label(*PAGES))
    assert [(number, name) for number, name, _ in shown(browser)] == [
        (0, "boilerplate"), (1, "article"), (2, "consent"), (3, "boilerplate"), (4, "article"),
    ]  # fmt: skip
    head = browser.run("document.querySelector('[data-block=\"2\"] .head').textContent")
    assert (
        "tr 0.99" in head and "✗ dropped" in head and "alone consent 0.90" in head and "in context consent 0.90" in head
    )
    assert browser.run("document.querySelector('[data-block=\"2\"] .text').lang") == "tr"
    assert browser.run("document.querySelectorAll('.plot').length") == 5


def test_hostile_text_is_shown_and_not_run(opened):
    browser = opened(label("\n\n".join(HOSTILE)))
    texts = [text for _, _, text in shown(browser)]
    assert texts[:6] == list(HOSTILE[:6])
    assert browser.run("typeof window.hacked") == "undefined"
    assert browser.run("document.querySelectorAll('img, iframe, .text *').length") == 0


def test_the_policy_stops_what_is_put_in_later(browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(pages_report(label(STORY)).html)
    browser.open(path)
    browser.run("document.body.insertAdjacentHTML('beforeend', '<img src=\"x.png\" onerror=\"window.hacked = 9\">')")
    browser.wait("new Promise(done => setTimeout(() => done(true), 200))")
    assert browser.run("typeof window.hacked") == "undefined"
    assert any("Content Security Policy" in str(error) for error in browser.errors)


def test_filters_by_label_language_score_fate_and_text(opened):
    browser = opened(label(*PAGES))

    def numbers():
        return [number for number, _, _ in shown(browser)]

    fill(browser, "text", "FERRY")
    assert numbers() == [1]
    assert browser.run("document.getElementById('found').textContent") == "2 blocks on 2 pages"
    assert browser.run("Array.from(document.querySelectorAll('.count'), c => c.textContent)") == ["1/5", "1/1", "0/1"]
    fill(browser, "text", "")
    fill(
        browser,
        "language",
        browser.run("Array.from(document.querySelectorAll('option')).find(o => o.text === 'tr').value"),
    )
    assert numbers() == [2]
    browser.run("document.querySelector('[type=reset]').click()")
    browser.wait("document.querySelectorAll('.block').length === 5")
    fill(browser, "kept", "1")
    assert numbers() == [1, 4]
    fill(browser, "kept", "")
    browser.run("document.querySelector('[name=label][value=\"1\"]').click()")
    assert numbers() == [1, 2, 4]
    fill(browser, "low", "0.91")
    assert numbers() == []
    fill(browser, "low", "0.9")
    assert numbers() == [1, 2, 4]
    fill(browser, "high", "0.89")
    assert numbers() == []


def focused(browser):
    return browser.run("Number(document.activeElement.dataset.block ?? -1)")


def test_keys_move_between_blocks_and_pages(opened):
    browser = opened(label(*PAGES))
    for key, expected in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("End", 4), ("j", 4), ("Home", 0)):
        browser.press(key)
        assert focused(browser) == expected, key
    browser.press("n")
    assert browser.run("document.getElementById('page').textContent") == "2. p1.txt"
    browser.press("n")
    browser.press("n")
    browser.press("p")
    assert browser.run("document.querySelector('[aria-current]').textContent").startswith("2. p1.txt")
    browser.press("/")
    assert browser.run("document.activeElement.name") == "text"
    browser.press("j")  # a letter while typing
    assert browser.run("document.activeElement.value") == "j" and shown(browser) == []
    browser.run("document.querySelector('[type=reset]').click()")


def test_everything_can_be_reached_with_the_tab_key(opened):
    browser = opened(label(*PAGES))
    reached = []
    for _ in range(18):
        browser.press("Tab")
        name = "e.id || e.name || e.closest('#pages, .block, div')?.id || e.className || e.tagName"
        reached.append(browser.run(f"(e => {name})(document.activeElement)"))
    order = ["theme", "label", "language", "kept", "low", "high", "changed", "text", "before", "after"]
    places = [reached.index(name) for name in order]
    assert places == sorted(places)
    assert reached.index("block boilerplate dropped") > places[-1]
    # one stop for all pages and one for all blocks, arrows inside
    assert sum("block" in name for name in reached) == reached.count("pages") == 1
    browser.run("document.querySelector('nav button').focus()")
    browser.press("ArrowDown")
    browser.press("Enter")
    assert browser.run("document.getElementById('page').textContent") == "2. p1.txt"


def ground(browser):
    return browser.run("getComputedStyle(document.body).backgroundColor")


def test_dark_and_light_follow_the_system_and_the_switch(opened):
    browser = opened(label(STORY), scheme="dark")
    dark = ground(browser)
    browser.view(1200, 800, "light")
    light = ground(browser)
    assert dark != light == "rgb(255, 255, 255)"
    browser.run("document.getElementById('theme').click()")
    assert ground(browser) == dark and browser.run("document.getElementById('theme').textContent") == "Theme: dark"
    browser.view(1200, 800, "dark")
    browser.run("document.getElementById('theme').click()")
    assert ground(browser) == light


@pytest.mark.parametrize("width", [320, 390, 768])
def test_narrow_windows_need_no_sideways_scrolling(opened, width):
    browser = opened(label("W" * 400 + "\n\n" + STORY, *PAGES, names=["n" * 300, "b", "c", "d"]), width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    browser.run("document.getElementById('overview').open = true")
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_a_long_page_is_drawn_bit_by_bit(opened):
    blocks = [f"Block number {i} of a long, long page." for i in range(1000)]
    browser = opened(label(STORY, "\n\n".join(blocks)), "#2")
    assert len(shown(browser)) < 400
    browser.run("window.scrollTo(0, document.body.scrollHeight)")
    browser.wait("document.querySelectorAll('.block').length >= 400")
    browser.press("j")
    browser.press("End")
    assert focused(browser) == 999 and [text for _, _, text in shown(browser)] == blocks
    assert browser.run("getComputedStyle(document.querySelector('.block')).contentVisibility") == "auto"


def test_an_address_names_a_page_and_a_block(opened):
    browser = opened(label(*PAGES), "#1-4")
    assert focused(browser) == 4


def test_a_report_without_pages_says_so(opened):
    browser = opened([Rejection("a.txt", "read", "missing", "no such file")])
    for key in ("j", "n", "p", "End"):
        browser.press(key)
    assert shown(browser) == [] and "0 pages, 0 blocks" in browser.run("document.body.textContent")
    assert "no such file" in browser.run("document.querySelector('table').textContent")


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


def test_a_wrong_place_stops_before_anything_is_read(command, tmp_path):
    code, _, told = command("seeds", "-o", tmp_path / "no" / "r.html", "-m", tmp_path)
    assert code == 1 and told.endswith("r.html: cannot be written: name a file in a folder that exists.\n")
