"""The report of labelled pages: every block in order, filters, counts and plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

import numpy as np

from classifier.blocks.tags import PRES
from classifier.records import LABELS, LabelledPage, Rejection, and_above, counted, tag_of
from classifier.report.document import asset, document, escape
from classifier.report.svg import Bar, Column, bars, columns

LONGEST = 20_000  # characters of a block that are shown: one giant block must not stop the browser
_LANGUAGES = 8  # languages with a bar of their own
_BINS = 10
_REJECTED = 500  # rejections listed; the rest is counted


@dataclass(frozen=True, slots=True)
class Report:
    """An HTML file and what is in it."""

    html: bytes
    pages: int
    blocks: int
    rejected: int


def pages_report(results: Iterable[LabelledPage | Rejection]) -> Report:
    """One HTML file with all pages and rejections, in order."""
    pages: list[LabelledPage] = []
    rejected: list[Rejection] = []
    for result in results:
        if isinstance(result, Rejection):
            rejected.append(result)
        else:
            pages.append(result)
    tags = sorted({tag for page in pages for tag in page.block_languages})
    places = {tag: number for number, tag in enumerate(tags)}
    data = {"labels": list(LABELS), "languages": tags, "pages": [_page_data(page, places) for page in pages]}
    blocks = sum(len(page.texts) for page in pages)
    title = f"{counted(len(pages), 'page')}, {counted(blocks, 'block')}"
    body = _body(title, pages, rejected)
    html = document(title, body, ("theme.js", "pages.js"), data)
    return Report(html, len(pages), blocks, len(rejected))


def _page_data(page: LabelledPage, places: dict[str, int]) -> dict[str, Any]:
    """A page for the script, in columns; scores in thousandths, those of a block one after the other."""
    return {
        "source": page.page.source,
        "id": page.page.id,
        "url": page.page.url or "",
        "language": page.language,
        "texts": [_cut(text) for text in page.texts],
        "labels": page.labels.tolist(),
        "kept": page.kept.astype(int).tolist(),
        "scores": _thousandths(page.scores),
        "first": _thousandths(page.first_scores),
        "languages": [places[tag] for tag in page.block_languages],
        "sure": _thousandths(page.language_scores),
        "code": _code(page),
    }


def _code(page: LabelledPage) -> list[int]:
    """The blocks to be set in a fixed width, in order; none where the page had no markup."""
    if page.markup is None:
        return []
    parents, tags, keys = page.markup.parents, page.markup.tags, page.markup.keys
    fixed = [tag_of(key) in PRES for key in keys]
    return [
        block
        for block, element in enumerate(page.markup.blocks)
        if any(fixed[tags[above]] for above in and_above(element, parents))
    ]


def _thousandths(scores: Any) -> list[int]:
    whole: list[int] = np.rint(scores.astype(np.float64).ravel() * 1000).astype(int).tolist()
    return whole


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text) - LONGEST:,} more characters)"


def _body(title: str, pages: Sequence[LabelledPage], rejected: Sequence[Rejection]) -> str:
    kept = sum(int(page.kept.sum()) for page in pages)
    models = ", ".join(sorted({page.model for page in pages})) or "none"
    facts = f"{title}, {kept:,} kept; model {models}"
    if rejected:
        facts += f"; {len(rejected):,} rejected"
    shell = Template(asset("pages.html"))
    return shell.substitute(
        patterns=asset("patterns.html"), facts=escape(facts), plots=_plots(pages), rejected=_rejections(rejected)
    )


def _rejections(rejected: Sequence[Rejection]) -> str:
    if not rejected:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(r.source)}</th><td>{escape(r.reason)}</td><td>{escape(r.detail)}</td></tr>'
        for r in rejected[:_REJECTED]
    )
    more = f"<p>{len(rejected) - _REJECTED:,} more</p>" if len(rejected) > _REJECTED else ""
    names = "".join(f'<th scope="col">{name}</th>' for name in ("source", "reason", "detail"))
    table = f'<table class="rejected"><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'
    return f"<details><summary>Rejected: {len(rejected):,}</summary>{table}{more}</details>"


def _plots(pages: Sequence[LabelledPage]) -> str:
    plots = [
        ("Labels and languages", _label_bars(pages) + _language_bars(pages)),
        ("Scores of the label, alone", _histogram(pages, "first_scores")),
        ("Scores of the label, in context", _histogram(pages, "scores")),
        ("Page by page: characters by label", _page_columns(pages)),
    ]
    return "".join(f"<figure><figcaption>{escape(name)}</figcaption>{svg}</figure>" for name, svg in plots)


def _label_bars(pages: Sequence[LabelledPage]) -> str:
    blocks: Counter[int] = Counter()
    for page in pages:
        blocks.update(page.labels.tolist())
    whole = max(1, blocks.total())
    rows = [
        Bar(label, ((label, blocks[number]),), f"{blocks[number]:,} ({blocks[number] / whole:.0%})")
        for number, label in enumerate(LABELS)
    ]
    return bars("Number of blocks by label", rows)


def _sizes(page: LabelledPage) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.fromiter(map(len, page.texts), dtype=np.int64, count=len(page.texts))


def _language_bars(pages: Sequence[LabelledPage]) -> str:
    sizes: dict[str, list[int]] = {}
    for page in pages:
        for tag, size, label in zip(page.block_languages, _sizes(page).tolist(), page.labels.tolist(), strict=True):
            sizes.setdefault(tag, [0] * len(LABELS))[label] += size
    ordered = sorted(sizes, key=lambda tag: (-sum(sizes[tag]), tag))
    shown = [(tag, sizes[tag]) for tag in ordered[:_LANGUAGES]]
    if rest := ordered[_LANGUAGES:]:
        shown.append((f"{len(rest)} more", [sum(sizes[tag][k] for tag in rest) for k in range(len(LABELS))]))
    whole = max(1, sum(map(sum, sizes.values())))
    rows = [Bar(tag, tuple(zip(LABELS, own, strict=True)), f"{sum(own) / whole:.1%}") for tag, own in shown]
    return bars("Share of characters by language, and their labels", rows)


def _histogram(pages: Sequence[LabelledPage], which: str) -> str:
    counts = np.zeros((_BINS, len(LABELS)), dtype=np.int64)
    for page in pages:
        labels = page.labels.astype(np.intp)
        own = getattr(page, which)[np.arange(len(labels)), labels]
        np.add.at(counts, (np.minimum((own * _BINS).astype(int), _BINS - 1), labels), 1)
    items = [
        Column(tuple(zip(LABELS, row, strict=True)), f"{place / _BINS:.1f} to {(place + 1) / _BINS:.1f}: {_named(row)}")
        for place, row in enumerate(counts.tolist())
    ]
    return columns("Number of blocks by score of their label", items, ("0", "0.25", "0.5", "0.75", "1"), "score")


def _page_columns(pages: Sequence[LabelledPage]) -> str:
    items = []
    for number, page in enumerate(pages):
        sizes = np.bincount(page.labels, weights=_sizes(page), minlength=len(LABELS)).astype(int).tolist()
        parts = tuple(zip(LABELS, sizes, strict=True))
        items.append(Column(parts, f"{number + 1}: {page.page.source}: {_named(sizes)} characters"))
    numbers = ("1", str(len(pages))) if len(pages) > 1 else ()
    return columns("Characters by label, page by page", items, numbers, "page", link=True)


def _named(numbers: Sequence[int]) -> str:
    return ", ".join(f"{label} {number:,}" for label, number in zip(LABELS, numbers, strict=True) if number)
