"""A report looked at through a real browser: what it shows, its filters and keys; texts of pages are never run."""

import json
from dataclasses import replace

import chromium
import numpy as np
import pytest
from report_pages import HOSTILE, NOTICE, STORY, label, with_code

from classifier.records import Rejection
from classifier.report.pages import pages_report


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


def test_only_what_changes_the_likeliest_label_counts_as_context(opened):
    """A threshold may make a label of another one: under `recall` of what is most likely boilerplate, say."""
    (page,) = label("Home\n\nNews")
    first = np.array([[0.4, 0.6, 0], [0.6, 0.4, 0]], dtype=np.float32)
    scores = np.array([[0.4, 0.6, 0], [0.3, 0.7, 0]], dtype=np.float32)
    browser = opened([replace(page, first_scores=first, scores=scores, labels=np.array([0, 0], dtype=np.int8))])
    fill(browser, "changed", True)
    assert [number for number, _, _ in shown(browser)] == [1]
    assert browser.run("document.querySelectorAll('.changed').length") == 1


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


@pytest.mark.parametrize("width", [390, 1200])
def test_bars_of_scores_stand_below_one_another(opened, width):
    browser = opened(label(PAGES[0]), width=width)
    left = "Array.from(document.querySelectorAll('.scores svg'), e => Math.round(e.getBoundingClientRect().left))"
    places = browser.run(left)
    assert places == places[:2] * 5


def test_code_is_set_in_a_fixed_width(opened):
    browser = opened([with_code()])
    assert browser.run("Array.from(document.querySelectorAll('.text'), e => e.tagName)") == ["P", "PRE"]
    assert browser.run("getComputedStyle(document.querySelector('pre')).fontFamily").endswith("monospace")
    assert shown(browser)[1][2] == "for x in y: print(x)"


def test_text_from_right_to_left_begins_at_the_right_edge(opened):
    texts = ["BBC: افتتح الميناء القديم أبوابه يوم الاثنين.", "The Arabic word for harbour is ميناء.", "2025", "۱۴۰۲"]
    (page,) = label("\n\n".join(texts))
    browser = opened([replace(page, block_languages=["ar", "en", "und", "und"])], width=1600)
    told = "Array.from(document.querySelectorAll('.text'), e => [e.dir, e.getAttribute('lang')])"
    assert browser.run(told) == [["rtl", "ar"], ["ltr", "en"], ["ltr", ""], ["rtl", ""]]
    edges = browser.run(
        "['.both', '.text'].map(name => document.querySelector(name).getBoundingClientRect())"
        ".flatMap(box => [Math.round(box.right), Math.round(box.width)])"
    )
    assert edges[0] == edges[2] and edges[3] < 900


def test_the_list_of_pages_stays_below_the_filters(opened):
    browser = opened(label("\n\n".join(f"Block number {i} of a long page." for i in range(100)), STORY))
    browser.run("window.scrollTo({top: 2000, behavior: 'instant'})")
    edges = "[document.getElementById('filters').getBoundingClientRect().bottom,"
    below, top = browser.run(edges + " document.querySelector('nav').getBoundingClientRect().top]")
    assert below <= top


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
