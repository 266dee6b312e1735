"""Scores on the pages of `written_pages`, in many languages, whose every block has a label: by label and kind of block.

    python -m benchmarks.written [--model DIR] [--fragments | --inserts | --kinds | --words] [--peers] [--json FILE]

With `--fragments` those of `written_fragments` in their place: main content without a page around it, as feeds, editors
and people who copy hold it; with `--inserts` those of `written_inserts`: pages with galleries, offers, players and
boxes between the paragraphs of the article; with `--kinds` those of `written_kinds`: one page each of recipes, product
pages, manuals, events and others, where the kind of a block is that of its page, or `border` where its writer was in
doubt; with `--words` those of `written_words`: words of notices in stories, policies, forms and gates, and notices
without these words. Nothing is learned from these pages. They were written for the project by people and programs who
had not seen what the model makes of them (those of `written_kinds` had read `docs/limits.md`), so they tell what
collections of real pages leave open: titles, notices block by block, languages beside English. Each label comes with
the kind of block, such as `boilerplate teaser`.

- a text page has lines `=== LABEL KIND`, each before its block; with `glued`, one newline and no blank line stands
  between the block and the one before;
- an HTML page has `data-label="LABEL KIND"` on elements; what lies in one has its label, inner ones come first.

LABEL is A (article), B (boilerplate) or C (consent). With `--peers`, other extractors read the HTML pages too.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import classifier
from benchmarks import peers
from classifier.classify import Classifier
from classifier.evaluation.texts import mean_overlap, overlaps
from classifier.records import LABELS, Block

PAGES, FRAGMENTS, INSERTS, KINDS, WORDS = (
    Path(__file__).parent / f"written_{name}" for name in ("pages", "fragments", "inserts", "kinds", "words")
)
_LABELS = {str(label)[0].upper(): str(label) for label in LABELS}
_UNSEEN = ("head", "script", "style", "template", "noscript")
_VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
_HEAD = re.compile(r"^=== ([ABC]) ([\w-]+)( glued)?$\n", re.MULTILINE)
_ATTRIBUTE = re.compile(r"""\s+data-label=("[^"]*"|'[^']*')""")


@dataclass(frozen=True)
class Written:
    """A page as a scrape has it, and its visible texts with their labels and kinds, in order."""

    name: str
    content: str
    is_html: bool
    pieces: tuple[tuple[str, str, str], ...]


def read(path: Path) -> Written:
    """One page. ValueError names a text without a label."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        reader = _Reader(path.name)
        reader.feed(source)
        return Written(path.name, _ATTRIBUTE.sub("", source), True, tuple(reader.pieces))
    parts = _HEAD.split(source)
    if parts[0].strip() or len(parts) < 2:
        raise ValueError(f"{path.name}: a text before the first `=== LABEL KIND`")
    content, pieces = "", []
    for label, kind, glued, text in zip(*(parts[i::4] for i in range(1, 5)), strict=True):
        body = text.strip("\n")
        content += ("\n" if glued else "\n\n" if content else "") + body
        pieces.append((body, _LABELS[label], kind))
    return Written(path.name, content, False, tuple(pieces))


class _Reader(HTMLParser):
    """Collects the visible texts of a page with the labels that hold for them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._open: list[tuple[str, str]] = []  # tags, and the labels that hold in them
        self.pieces: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            outer = self._open[-1][1] if self._open else ""
            self._open.append((tag, dict(attrs).get("data-label") or outer))

    def handle_endtag(self, tag: str) -> None:
        if tag in (name for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or any(tag in _UNSEEN for tag, _ in self._open):
            return
        label = self._open[-1][1] if self._open else ""
        if not label:
            raise ValueError(f"{self._name}, line {self.getpos()[0]}: {text[:40]!r} has no data-label")
        self.pieces.append((text, _LABELS[label.split()[0]], label.split()[1]))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def blocks_of(page: Written, found: Classifier) -> tuple[Block, ...]:
    """The blocks of a page as a classifier labels them."""
    classify = found.classify_html if page.is_html else found.classify_text
    return classify(page.content).blocks


def labelled(page: Written, blocks: Sequence[Block]) -> list[tuple[Block, str, str]]:
    """The blocks with the labels and kinds of most of their characters. ValueError where a block is not on the page."""
    texts = [_squeezed(text) for text, _, _ in page.pieces]
    whole = "".join(texts)
    owner = [number for number, text in enumerate(texts) for _ in text]
    at, out = 0, []
    for block in blocks:
        text = _squeezed(block.text)
        first = whole.find(text, at)
        if first < 0:
            raise ValueError(f"{page.name}: the block {block.text[:40]!r} is not among the labelled texts")
        at = first + len(text)
        _, label, kind = page.pieces[Counter(owner[first:at]).most_common(1)[0][0]]
        out.append((block, label, kind))
    return out


def measure(model: Path | None = None, folder: Path = PAGES) -> dict[str, Any]:
    """Figures by kind of page (`html`, `text`) of which there are some: labels, kinds of blocks, the article's F1 in
    characters."""
    found = classifier.load(model)
    pages = [read(path) for path in sorted(folder.iterdir())]
    out: dict[str, Any] = {}
    for name, is_html in (("html", True), ("text", False)):
        own = [page for page in pages if page.is_html is is_html]
        if not own:
            continue
        rows = [labelled(page, blocks_of(page, found)) for page in own]
        every = [(str(block.label), label, kind) for page in rows for block, label, kind in page]
        scores = [_article(page) for page in rows]
        out[name] = {
            "pages": len(own), "blocks": len(every),
            "right": sum(got == label for got, label, _ in every) / len(every),
            "article": {key: sum(score[key] for score in scores) / len(scores) for key in scores[0]},
            "labels": {str(label): _label(every, str(label)) for label in LABELS},
            "kinds": _kinds(every),
        }  # fmt: skip
    return out


def _article(rows: Sequence[tuple[Block, str, str]]) -> dict[str, float]:
    """Precision, recall and F1 of a page's article, in characters."""
    kept = sum(len(block.text) for block, _, _ in rows if block.label == "article")
    gold = sum(len(block.text) for block, label, _ in rows if label == "article")
    both = sum(len(block.text) for block, label, _ in rows if block.label == label == "article")
    return {"precision": both / max(1, kept), "recall": both / max(1, gold), "f1": 2 * both / max(1, kept + gold)}


def _label(rows: Sequence[tuple[str, str, str]], label: str) -> dict[str, float]:
    right = sum(got == true == label for got, true, _ in rows)
    given, there = sum(got == label for got, _, _ in rows), sum(true == label for _, true, _ in rows)
    return {"precision": right / max(1, given), "recall": right / max(1, there), "blocks": there}


def _kinds(rows: Sequence[tuple[str, str, str]]) -> dict[str, dict[str, float]]:
    total = Counter(f"{label} {kind}" for _, label, kind in rows)
    right = Counter(f"{label} {kind}" for got, label, kind in rows if got == label)
    return {kind: {"blocks": total[kind], "right": right[kind] / total[kind]} for kind in sorted(total)}


def beside_peers(
    model: Path | None = None, folder: Path = PAGES, others: Mapping[str, peers.Extract] | None = None
) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of words, means over the HTML pages, of this and of `others`: if not given, every peer
    that is installed."""
    found = classifier.load(model)
    rest = peers.installed() if others is None else others
    tools = {"classifier": lambda html: found.classify_html(html).article_text, **rest}
    pages = [read(path) for path in sorted(folder.glob("*.html"))]
    gold = [" ".join(text for text, label, _ in page.pieces if label == "article") for page in pages]
    out = {}
    for name, extract in tools.items():
        pairs = zip(pages, gold, strict=True)
        means = mean_overlap([overlaps(extract(page.content) or "", own) for page, own in pairs])["words"]
        out[name] = {key: means[key] for key in ("precision", "recall", "f1")}
    return out


def overview(figures: dict[str, Any]) -> str:
    """The figures of `measure` over all blocks as a table in Markdown."""
    out = ["| pages | blocks right | article: precision | recall | F1 |", "|---|---|---|---|---|"]
    for name, own in figures.items():
        share, *numbers = (f"{value:.3f}" for value in (own["right"], *own["article"].values()))
        out.append(f"| {own['pages']} {name} | {share} of {own['blocks']:,} | {' | '.join(numbers)} |")
    return "\n".join(out) + "\n"


def tables(figures: dict[str, Any]) -> str:
    """The figures of `measure` as tables in Markdown."""
    out = [overview(figures)]
    heads = " | ".join(f"{name}: precision | recall" for name in figures)
    out += [f"| label | {heads} |", "|---" * (1 + 2 * len(figures)) + "|"]
    for label in LABELS:
        cells = [f"{own['labels'][label][key]:.3f}" for own in figures.values() for key in ("precision", "recall")]
        out.append(f"| {label} | {' | '.join(cells)} |")
    heads = " | ".join(f"{name}: right, of" for name in figures)
    out += ["", f"| kind | {heads} |", "|---" * (1 + len(figures)) + "|"]
    for kind in sorted({kind for own in figures.values() for kind in own["kinds"]}):
        rows = [own["kinds"].get(kind) for own in figures.values()]
        cells = [f"{row['right']:.2f} of {row['blocks']}" if row else "" for row in rows]
        out.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(out) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="model folder; the shipped one if not given")
    folders = parser.add_mutually_exclusive_group()
    for option, folder, what in (
        ("--fragments", FRAGMENTS, "main content alone in place of whole pages"),
        ("--inserts", INSERTS, "pages with much put into their articles"),
        ("--kinds", KINDS, "one page each of many kinds"),
        ("--words", WORDS, "pages with the words of notices elsewhere"),
    ):
        folders.add_argument(option, dest="folder", action="store_const", const=folder, default=PAGES, help=what)
    parser.add_argument("--peers", action="store_true", help="also what other extractors make of the HTML pages")
    parser.add_argument("--json", type=Path, help="file for all figures")
    chosen = parser.parse_args()
    figures = measure(chosen.model, chosen.folder)
    print(tables(figures))
    if chosen.peers:
        figures["beside peers"] = beside_peers(chosen.model, chosen.folder)
        print("| tool, HTML pages | precision | recall | F1 of words |\n|---|---|---|---|")
        for name, row in figures["beside peers"].items():
            print(f"| {name} | {' | '.join(f'{value:.3f}' for value in row.values())} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
