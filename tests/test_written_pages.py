"""The pages of the benchmark whose every block has a label: how they are read, and that each block finds its label."""

from collections import Counter

import pytest

import classifier
from benchmarks.written import FRAGMENTS, INSERTS, KINDS, PAGES, WORDS, blocks_of, labelled, measure, read

TEXT = """=== B menu
Home
=== B menu glued
News
=== A title
The kiln
=== A paragraph
It burned for three days.

Nobody slept.
"""
HTML = """<html><head><title>The kiln</title></head><body><p data-label='B menu'><a href=/>Home</a></p>
<div class=c data-label="A paragraph"><p>It burned <b>for three</b> days.</p><img src=k.jpg>
<p data-label="B credit">Photo: M. Orde</p></div><script>let x = 1</script></body></html>"""


@pytest.fixture(scope="module")
def default():
    return classifier.load()


def write(folder, name, content):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_text_page_is_put_together_from_its_blocks(tmp_path):
    page = read(write(tmp_path, "kiln.txt", TEXT))
    assert page.content == "Home\nNews\n\nThe kiln\n\nIt burned for three days.\n\nNobody slept."
    assert page.pieces[:3] == (
        ("Home", "boilerplate", "menu"), ("News", "boilerplate", "menu"), ("The kiln", "article", "title")
    )  # fmt: skip


def test_an_html_page_loses_its_labels(tmp_path):
    page = read(write(tmp_path, "kiln.html", HTML))
    assert "data-label" not in page.content and "<div class=c>" in page.content
    assert page.pieces == (
        ("Home", "boilerplate", "menu"), ("It burned", "article", "paragraph"), ("for three", "article", "paragraph"),
        ("days.", "article", "paragraph"), ("Photo: M. Orde", "boilerplate", "credit"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "Home\n" + TEXT),
        ("b.html", "<p data-label='A title'>The kiln</p><p>Bare</p>"),
        ("c.txt", "The kiln\n"),
    ],
)
def test_a_text_without_a_label_is_refused(tmp_path, name, content):
    with pytest.raises(ValueError, match=name):
        read(write(tmp_path, name, content))


def test_blocks_get_the_label_of_most_of_their_text(tmp_path, default):
    for path in (write(tmp_path, "kiln.txt", TEXT), write(tmp_path, "kiln.html", HTML)):
        page = read(path)
        rows = labelled(page, blocks_of(page, default))
        found = {block.text: (label, kind) for block, label, kind in rows}
        assert found["It burned for three days."] == ("article", "paragraph")
        assert found["Home"] == ("boilerplate", "menu")


def labelled_blocks(folder, default):
    """Of each page of a folder its language and its labelled blocks, of which none may be missing."""
    for path in sorted(folder.iterdir()):
        page = read(path)
        blocks = blocks_of(page, default)
        rows = labelled(page, blocks)
        assert len(rows) == len(blocks) > 0
        yield path.name[:2], rows


def test_every_block_of_the_written_pages_has_a_label(default):
    kinds, languages = Counter(), set()
    for language, rows in labelled_blocks(PAGES, default):
        assert len(rows) >= 20
        assert {"article", "boilerplate"} <= {label for _, label, _ in rows}
        kinds.update((label, kind) for _, label, kind in rows)
        languages.add(language)
    assert len(languages) >= 20 and len(kinds) >= 30
    assert {label for label, _ in kinds} == {"article", "boilerplate", "consent"}


def test_every_block_of_the_written_fragments_has_a_label(default):
    pages = list(labelled_blocks(FRAGMENTS, default))
    assert len({language for language, _ in pages}) >= 12
    assert {label for _, rows in pages for _, label, _ in rows} == {"article", "boilerplate", "consent"}


def test_every_block_of_the_pages_with_inserts_has_a_label(default):
    kinds = Counter(kind for _, rows in labelled_blocks(INSERTS, default) for _, _, kind in rows)
    assert {"gallery", "offer", "player", "box", "teaser", "paragraph"} <= kinds.keys()


def test_every_block_of_the_pages_of_many_kinds_has_a_label(default):
    pages = list(labelled_blocks(KINDS, default))
    assert len({language for language, _ in pages}) >= 18
    assert {"recipe", "product", "faq", "docs", "event", "border"} <= {kind for _, rows in pages for _, _, kind in rows}


def test_every_block_of_the_pages_with_words_of_notices_has_a_label(default):
    pages = list(labelled_blocks(WORDS, default))
    assert len({language for language, _ in pages}) >= 17
    assert {"form", "code", "agegate", "paywall", "notice"} <= {kind for _, rows in pages for _, _, kind in rows}


def test_a_view_without_pages_is_left_out(tmp_path):
    write(tmp_path, "kiln.html", HTML)
    assert list(measure(folder=tmp_path)) == ["html"]


def test_figures_add_up(tmp_path):
    write(tmp_path, "kiln.txt", TEXT)
    write(tmp_path, "kiln.html", HTML)
    figures = measure(folder=tmp_path)
    for own in figures.values():
        assert own["blocks"] == sum(row["blocks"] for row in own["kinds"].values())
        right = sum(row["blocks"] * row["right"] for row in own["kinds"].values())
        assert own["right"] == pytest.approx(right / own["blocks"])
        assert 0.0 <= own["article"]["f1"] <= 1.0
