"""How many pages and languages the folders hold, wherever a document says so."""

import json
import re

import pytest

from classifier.training.data import MADE_SOURCES
from doc_pages import ROOT


def seed_pages():
    lines = (ROOT / "seeds" / "html" / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def in_languages(records, what="pages"):
    """`308 pages in 48 languages`; a language of two countries is one."""
    found = {record["language"].partition("-")[0] for record in records}
    assert "" not in found
    return f"{len(records)} {what} in {len(found)} languages"


def written(folder):
    """Written pages and their languages, with which their names begin."""
    names = [path.name for path in (ROOT / "benchmarks" / folder).iterdir()]
    return len(names), len({name.partition("-")[0] for name in names})


SEEDS = seed_pages()
COMMON = [record for record in SEEDS if not record.get("rare")]
PAGES, PAGE_LANGUAGES = written("written_pages")
PIECES, _ = written("written_fragments")
INSERTS, INSERT_LANGUAGES = written("written_inserts")
KINDS, KIND_LANGUAGES = written("written_kinds")
WORDS, WORD_LANGUAGES = written("written_words")
TOLD = [
    ("docs/method.md", in_languages(SEEDS)),
    ("CHANGELOG.md", in_languages(SEEDS, "whole pages in HTML")),
    ("docs/experiments.md", in_languages(COMMON)),
    ("docs/experiments.md", f"So {PAGES} pages were written, in {PAGE_LANGUAGES} languages"),
    ("docs/scores.md", f"So {PAGES} pages were written for the project, in {PAGE_LANGUAGES} languages"),
    ("docs/scores.md", f"Of {PIECES} such pieces"),
    ("docs/scores.md", f"more pages, in {INSERT_LANGUAGES} languages"),
    ("docs/scores.md", f"And {KINDS} pages in {KIND_LANGUAGES} languages"),
    ("benchmarks/README.md", f"{PAGES} pages in {PAGE_LANGUAGES} languages"),
    ("benchmarks/README.md", f"{PIECES} pieces of main content"),
    ("benchmarks/README.md", f"{INSERTS} pages with galleries"),
    ("docs/scores.md", f"The last {WORDS}, in {WORD_LANGUAGES} languages"),
    ("benchmarks/README.md", f"{KINDS} pages, one each"),
    ("benchmarks/README.md", f"{WORDS} pages with the words"),
]


@pytest.mark.parametrize(("name", "said"), TOLD)
def test_documents_say_how_many_pages_there_are(name, said):
    assert said in " ".join((ROOT / name).read_text(encoding="utf-8").split())


def test_rare_pages_are_those_that_the_seeds_describe():
    text = (ROOT / "seeds" / "README.md").read_text(encoding="utf-8")
    told = re.search(r"In (\d+) of them long .* In (\d+) the main\b.* In (\d+) the words\b", text, re.S).groups()
    assert sum(map(int, told)) == len(SEEDS) - len(COMMON)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "docs/labels.md"])
def test_single_blocks_are_in_more_languages_than_the_documents_say(name):
    least = re.search(r"in more than (\d+) languages", (ROOT / name).read_text(encoding="utf-8"))[1]
    assert len(list((ROOT / "seeds" / "blocks").glob("*.jsonl"))) > int(least)


def test_every_source_of_made_pages_is_explained():
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    _, _, after = page.partition("have sources of their own")
    assert set(re.findall(r"^- `(\w+)`: ", after.partition("\n## ")[0], re.M)) == set(MADE_SOURCES)
