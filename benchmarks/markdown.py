"""How much of the article is found in pages that another program has turned into Markdown.

    python -m benchmarks.markdown PAGES [--model DIR] [--limit N]

PAGES are JSON Lines with `html` and `gold` (a text or a list of paragraphs). Each page is read as HTML, then turned
into Markdown by markdownify and by html2text and read as that, and for comparison as plain text. Prints the precision,
recall and F1 of words against the gold text, means over the pages. Needs `pip install -e '.[bench]'`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import classifier
from classifier.classify import Classifier
from classifier.evaluation.texts import mean_overlap, overlaps
from classifier.records import LabelledPage
from classifier.training_files import read_records


def by_markdownify(html: str) -> str:
    from bs4 import BeautifulSoup
    from markdownify import MarkdownConverter

    soup = BeautifulSoup(html, "lxml")
    for element in soup(["script", "style", "noscript", "template", "head"]):
        element.decompose()  # what people take out before, as it would come along
    return str(MarkdownConverter().convert_soup(soup))


def by_html2text(html: str) -> str:
    from html2text import HTML2Text

    return HTML2Text().handle(html)


CONVERTERS: dict[str, Callable[[str], str]] = {"markdownify": by_markdownify, "html2text": by_html2text}


def read(path: Path) -> Iterator[tuple[str, str]]:
    """HTML and gold text of the pages that have both."""
    for _, page in read_records(path):
        gold = page.get("gold")
        if page.get("html") and gold:
            yield page["html"], gold if isinstance(gold, str) else "\n".join(gold)


def views(html: str, model: Classifier) -> Iterator[tuple[str, LabelledPage]]:
    """The page in every view, labelled."""
    yield "HTML", model.classify_html(html)
    for name, convert in CONVERTERS.items():
        markdown = convert(html)
        yield f"Markdown of {name}", model.classify_markdown(markdown)
        yield f"Markdown of {name}, as plain text", model.classify_text(markdown)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("pages", type=Path)
    parser.add_argument("--model", default=None)
    parser.add_argument("--limit", type=int, default=None)
    chosen = parser.parse_args()
    model = classifier.load(chosen.model)
    found: dict[str, list[Any]] = {}
    for html, gold in islice(read(chosen.pages), chosen.limit):
        for name, page in views(html, model):
            found.setdefault(name, []).append(overlaps(page.article_text, gold))
    print("| read as | pages | precision | recall | F1 |\n|---|---|---|---|---|")
    for name, rows in found.items():
        mean = mean_overlap(rows)["words"]
        print(f"| {name} | {len(rows)} | {mean['precision']:.3f} | {mean['recall']:.3f} | {mean['f1']:.3f} |")


if __name__ == "__main__":
    main()
