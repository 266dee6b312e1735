"""What `filter` keeps of every sample page, in tests/golden/ under the page's name; --update-golden changes it."""

import json
from pathlib import Path

import pytest

import classifier
from classifier import Label, Selection, select
from classifier.pipeline import Job, run

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"
PAGES = sorted(path for path in (ROOT / "seeds" / "pages").iterdir() if path.suffix in (".txt", ".html"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with what the shipped model keeps of all pages."""
    folder = tmp_path_factory.mktemp("kept")
    run(Job(tuple(map(str, PAGES)), output=f"{folder}/", format="text"), classifier.load())
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_page_gives_its_golden_text(page, kept, update_golden):
    output, golden = kept / f"{page.stem}.txt", GOLDEN / f"{page.stem}.txt"
    text = output.read_text(encoding="utf-8") if output.exists() else ""
    if update_golden:
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_golden_text_is_left_over():
    assert {path.stem for path in GOLDEN.iterdir()} == {path.stem for path in PAGES}


@pytest.fixture(scope="module")
def demo():
    """The page this program was begun for: an English article, a lone X, a Turkish notice glued to its end."""
    rows = map(json.loads, (ROOT / "seeds" / "pages" / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    truth = next(row for row in rows if row["id"] == "harbour-en-tr")
    text = (ROOT / "seeds" / "pages" / truth["file"]).read_text(encoding="utf-8")
    return classifier.load().classify_text(text), truth


def test_the_page_of_the_demo_keeps_its_paragraphs_and_nothing_else(demo):
    page, truth = demo
    headline, *paragraphs = truth["gold"]
    assert [text for text in page.article_text.split("\n\n") if text != headline] == paragraphs


def test_the_page_of_the_demo_gives_its_notice(demo):
    page, truth = demo
    notice = select(page, Selection(keep=(Label.CONSENT,), languages=frozenset({"tr"})))
    assert notice.kept_text.split("\n\n") == [line for line in truth["consent"] if len(line) > 1]


def test_the_page_of_the_demo_keeps_its_headline(demo):
    page, truth = demo
    assert page.article_text.startswith(truth["gold"][0])
