"""What `filter` keeps of every sample page, beside the page's name in tests/golden/; only --update-golden changes it."""

from pathlib import Path

import pytest

import classifier
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
