"""Where a page shows its title, and keeping it."""

import json

import pytest
from in_process import call

import classifier
from classifier.records import Label, Page, Rejection
from classifier.selection import keep_mask
from classifier.settings import Selection
from classifier.titles import title_row

BODY = (
    "<p>The ferry to Skarn leaves at nine, and on most days it is half empty until the school holidays begin.</p>"
    "<p>Nils Aker has stood at its wheel for thirty years, and he would rather not talk about the bridge.</p>"
)


@pytest.fixture(scope="module")
def default():
    return classifier.load()


@pytest.mark.parametrize(
    ("title", "above", "expected"),
    [
        ("A bridge too near | Courier", "<a href=/>Courier</a><h1>A bridge too near</h1>", "A bridge too near"),
        ("A bridge too near - News - Courier", "<div>A  Bridge too near!</div>", "A Bridge too near!"),
        ("News: how to row – and why | Courier", "<h2>News: how to row – and why</h2>", "News: how to row – and why"),
        ("Sudo – The Great Book", "<a href=/>The Great Book</a><h1><b>Sudo</b></h1>", "Sudo"),
        ("A bridge too near | Courier", "<h1>Courier</h1><h2>A bridge too near</h2>", "A bridge too near"),
        ("Skarn waits | Courier", "<p>News</p><h1>The county that waits</h1>", "The county that waits"),
        (
            "Skarn waits | Skarn Daily",
            "<a href=/>Skarn Daily</a><h1>The county that waits</h1>",
            "The county that waits",
        ),
        ("Skarn waits | Courier", "<h1>One heading</h1><h1>Another</h1>", None),
        ("A bridge too near | Courier", "<nav><a href=/>Courier</a></nav>", None),
        ("", "", None),
        ("橋はまだか｜スカルン新聞 - スカルン新聞", "<h1>橋はまだか｜スカルン新聞</h1>", "橋はまだか｜スカルン新聞"),
        (" - ".join(["a"] * 5000), "<h1>A bridge</h1>", "A bridge"),
    ],
)
def test_the_block_that_shows_the_title(default, title, above, expected):
    page = default.classify_html(f"<html><head><title>{title}</title></head><body>{above}{BODY}</body></html>")
    row = title_row(page)
    assert (page.texts[row] if row >= 0 else None) == expected


def test_a_breadcrumb_that_ends_in_the_title_is_not_taken_for_its_heading(default):
    above = "<title>A bridge too near</title><ul><li>Home</li><li>A bridge too near</li></ul><h1>A bridge too near</h1>"
    page = default.classify_html(above + BODY)
    assert title_row(page) == 2


@pytest.mark.parametrize(
    ("metadata", "row"), [({"title": "A bridge too near - Courier"}, 1), ({"title": 7}, -1), ({"heading": "Skarn"}, -1)]
)
def test_plain_text_shows_the_title_of_its_record(default, metadata, row):
    text = "Courier\n\nA bridge too near\n\nThe ferry to Skarn leaves at nine."
    assert title_row(next(default.classify([Page("1", text, False, "a.jsonl:1", metadata=metadata)]))) == row
    assert title_row(default.classify_text(text)) == -1


@pytest.fixture
def page(default):
    return default.classify_html(f"<title>Le pont | Courier</title><h1>Le pont</h1>{BODY}")


def test_the_title_is_kept_with_what_else_is_kept(page):
    kept = classifier.select(page, Selection(min_score={Label.ARTICLE: 0.5}, title=True))
    plain = classifier.select(page, Selection(min_score={Label.ARTICLE: 0.5}))
    assert kept.kept[0] and kept.kept[1:].tolist() == plain.kept[1:].tolist() and plain.kept[1:].any()
    assert kept.labels.tolist() == page.labels.tolist(), "labels and scores stay"
    nothing = classifier.select(page, Selection(min_score={Label.ARTICLE: 1.0}, title=True))
    assert isinstance(nothing, Rejection), "a title alone is no page"


def test_a_title_in_an_unwanted_language_is_dropped(page):
    own = page.block_languages[0]
    assert not keep_mask(page, Selection(drop_languages=frozenset([own]), title=True))[0]


def test_filter_keeps_titles(tmp_path, monkeypatch, capsys):
    source, out = tmp_path / "page.html", tmp_path / "out.jsonl"
    source.write_text(
        f"<html><head><title>News - Courier</title></head><body><h1>News</h1><div>{BODY}</div></body></html>",
        encoding="utf-8",
    )
    texts = {}
    for options in ((), ("--title",)):
        code, _, told = call(monkeypatch, capsys, "filter", source, "-o", out, "--quiet", *options)
        assert code == 0, told
        texts[bool(options)] = json.loads(out.read_text(encoding="utf-8"))["text"]
    assert texts[True].startswith("News\n\n")
    assert not texts[False].startswith("News"), "this title is kept by its label: the test needs another"
