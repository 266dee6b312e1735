"""Pages in bare markup, made from pages of HTML: paragraphs, headings, lists, tables and links, nothing around them.

Tools that fetch pages often hand them on as Markdown, and feeds and editors hold the main content alone. Sections and
class names are gone there, and so is what tells that something is hidden and what the page declares of itself.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifier.blocks.columns import Markup
from classifier.model.kinds import AROUND, HOLDERS, INLINE
from classifier.records import LABELS, Label, tag_of
from classifier.settings import PAGE_HINTS
from classifier.training.data import SOUP, Data
from classifier.training.examples import Example, join_blocks
from classifier.training.rows import LEAST_ROWS

_CUT = 0.15  # share of pages whose article is known that also come from its first block to its last
_TITLED = 2  # one page in so many keeps its title, as records of Markdown may come with one
_LEAST_CUT = 2  # blocks that are left of such a page
_SHORT_TAGS = {"b": "strong", "i": "em", "s": "del"}  # what Markdown has in their place
_KEPT = {tag: _SHORT_TAGS.get(tag, tag) for tag in INLINE | HOLDERS | AROUND}
_OF_ADDRESS = np.array([name.startswith("url") for name in PAGE_HINTS])  # hints that such a page can have, too
_ARTICLE = LABELS.index(Label.ARTICLE)


def bare_data(found: Data, seed: int) -> Data | None:
    """The pages with markup in bare markup, none of them loose texts; some are cut to their article.

    None where pages are few, or these say too little of a label to hold a part of them out.
    """
    if not found.many:
        return None
    rng = np.random.default_rng(seed)
    examples: list[Example] = []
    for number, page in enumerate(found.examples):
        markup = page.columns.markup
        if markup is None or page.source == SOUP:  # without its names it is the page that it was made from
            continue
        labels = found.labels[found.batch.bounds[number] : found.batch.bounds[number + 1]]  # without doubtful ones
        titled = len(examples) % _TITLED == 0
        bare = replace(in_bare_markup(page, markup if titled else replace(markup, title="")), labels=labels)
        examples.append(bare)
        cut = cut_to_article(bare) if rng.random() < _CUT and page.whole else None
        if cut is not None:
            examples.append(cut)
    if not examples:
        return None
    none = np.zeros(len(examples), dtype=bool)
    data = Data.of(examples, none, none, found.many, found.names)
    rows = data.second_rows(seed)
    return data if len(rows) >= LEAST_ROWS and not data.of_one_fold(rows) else None


def in_bare_markup(page: Example, markup: Markup) -> Example:
    """A page of markup with the elements alone that Markdown has; text outside of them stands in a paragraph."""
    root = tag_of(markup.keys[markup.tags[0]]) if markup.tags else "html"
    tags, parents, number = [root], [-1], [0]
    for tag, parent in zip(markup.tags[1:], markup.parents[1:], strict=True):
        name = _KEPT.get(tag_of(markup.keys[tag]))
        number.append(number[parent] if name is None else len(tags))
        if name is not None:
            tags.append(name)
            parents.append(number[parent])

    def in_paragraph(element: int) -> int:
        inline = []
        while tags[element] in INLINE:
            inline.append(tags[element])
            element = parents[element]
        for name in ("p", *reversed(inline)):
            tags.append(name)
            parents.append(element)
            element = len(tags) - 1
        return element

    blocks = [number[element] for element in markup.blocks]
    blocks = [element if _is_held(element, tags, parents) else in_paragraph(element) for element in blocks]
    keys = sorted(set(tags))
    place = {key: i for i, key in enumerate(keys)}
    hints = tuple(np.where(_OF_ADDRESS, markup.hints, 0.0).tolist()) if markup.hints else ()
    bare = replace(
        markup, parents=parents, tags=[place[tag] for tag in tags], keys=keys, blocks=blocks,
        hidden=[False] * len(blocks), hints=hints,
    )  # fmt: skip
    return replace(page, id=f"{page.id}+bare", columns=replace(page.columns, markup=bare))


def _is_held(element: int, tags: list[str], parents: list[int]) -> bool:
    """Whether the innermost element that is not inline can hold text in Markdown."""
    while tags[element] in INLINE:
        element = parents[element]
    return tags[element] in HOLDERS


def cut_to_article(page: Example) -> Example | None:
    """The page of markup from its first article block to its last; None where that is too little."""
    rows, markup = np.flatnonzero(page.labels == _ARTICLE), page.columns.markup
    if markup is None or len(rows) < _LEAST_CUT:
        return None
    chosen = slice(int(rows[0]), int(rows[-1]) + 1)
    cut = replace(
        markup, blocks=markup.blocks[chosen], link_chars=markup.link_chars[chosen], hidden=markup.hidden[chosen]
    )
    columns = replace(join_blocks(page.columns.texts[chosen]), markup=cut)
    return replace(page, id=f"{page.id}+cut", columns=columns, labels=page.labels[chosen], gold=())
