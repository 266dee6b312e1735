"""Blocks put into markup that tells nothing of what they hold: into a real page, or as a simple page of their own.

On most pages the elements of a notice are named after it. These teach what a notice is without such names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classifier.blocks.columns import Markup
from classifier.records import LABELS, Label
from classifier.training.examples import Example, join_blocks

Labelled = tuple[str, int]  # a block's text and its label: an index into LABELS, or UNKNOWN

LONG_NOTICE = 60  # characters from which a consent text is a sentence rather than a button
_LIKE_PARAGRAPHS = 0.3  # share of notices whose blocks stand in elements like those of the article
_AT_THE_END = 0.5  # share of what stands among the paragraphs that follows the last
_BESIDE = 0.3  # share of the other notices that follow the last paragraph too, in an element of their own
_NAMED = 0.5  # share of elements with a class, of random letters
_MOST_DEPTH = 3  # elements around one another that hold nothing else
_ARTICLE = LABELS.index(Label.ARTICLE)
_BUTTONS = "button", "a", "div", "span"
_AROUND_ARTICLE, _PARAGRAPHS = ("div", "div", "main", "article", "section"), ("p", "p", "p", "div")
_AROUND_FURNITURE, _FURNITURE = ("div", "div", "ul", "nav", "footer"), ("a", "a", "li", "p", "div", "span")
_LETTERS = list("abcdefghijklmnopqrstuvwxyz0123456789")


def insert(page: Example, texts: Sequence[Labelled], dice: np.random.Generator) -> Example:
    """The page, which has markup and some article, with further blocks that stand together.

    Article texts become paragraphs of its article. Those of a notice do too, or they stand in an element of their own:
    after the last paragraph, or first or last in <body>. ValueError where the page has no markup.
    """
    markup = page.columns.markup
    if markup is None:
        raise ValueError(f"{page.id}: the page has no markup to insert into")
    elements = _Elements(list(markup.parents), list(markup.tags), list(markup.keys))
    rows = np.flatnonzero(page.labels == _ARTICLE)
    alike = texts[0][1] == _ARTICLE or dice.random() < _LIKE_PARAGRAPHS
    row = int(dice.choice(rows)) if alike and dice.random() >= _AT_THE_END else int(rows[-1])
    beside, at = markup.blocks[row], row + 1
    parent = max(markup.parents[beside], 0)
    if not alike:
        if dice.random() >= _BESIDE:
            parent, at = _body(markup), int(dice.choice([0, len(page.labels)]))
        parent = elements.nest(parent, ("div",), dice)
    places, links = [], []
    for text, _ in texts:
        if alike:
            key = markup.keys[markup.tags[beside]]
        else:
            key = str(dice.choice(_BUTTONS if len(text) <= LONG_NOTICE else ("p", "div")))
        places.append(elements.add(parent, key))
        links.append(len(text) if key == "a" and not alike else 0)

    def spliced(own: Sequence[Any], new: Sequence[Any]) -> list[Any]:
        return [*own[:at], *new, *own[at:]]

    columns = join_blocks(spliced(page.columns.texts, [text for text, _ in texts]))
    more = replace(
        markup, parents=elements.parents, tags=elements.tags, keys=elements.keys,
        blocks=spliced(markup.blocks, places), link_chars=spliced(markup.link_chars, links),
        hidden=spliced(markup.hidden, [False] * len(texts)),
    )  # fmt: skip
    labels = np.insert(page.labels, at, [label for _, label in texts])
    return replace(page, columns=replace(columns, markup=more), labels=labels, gold=())


def dress(page: Example, first: int, last: int, dice: np.random.Generator) -> Example:
    """A plain-text page in simple markup: the blocks from `first` to before `last`, its article, in one element.

    What stands before and after lies in elements of their own, as links, items or paragraphs.
    """
    elements = _Elements([], [], [])
    body = elements.add(elements.add(-1, "html"), "body")
    blocks, links = [], []
    for start, end in ((0, first), (first, last), (last, len(page.labels))):
        inside = start == first
        parent = elements.nest(body, _AROUND_ARTICLE if inside else _AROUND_FURNITURE, dice)
        key = str(dice.choice(_PARAGRAPHS if inside else _FURNITURE))
        for text in page.columns.texts[start:end]:
            blocks.append(elements.add(elements.add(parent, "li") if key == "a" else parent, key))
            links.append(len(text) if key == "a" else 0)
    markup = Markup(elements.parents, elements.tags, elements.keys, blocks, links, [False] * len(blocks), "")
    return replace(page, columns=replace(page.columns, markup=markup))


@dataclass(frozen=True, slots=True)
class _Elements:
    """The elements of a page, as in `Markup`, to which others are added."""

    parents: list[int]
    tags: list[int]
    keys: list[str]

    def add(self, parent: int, key: str) -> int:
        """A further element; gives its number."""
        self.parents.append(parent)
        self.tags.append(len(self.keys))
        self.keys.append(key)
        return len(self.parents) - 1

    def nest(self, parent: int, tags: Sequence[str], dice: np.random.Generator) -> int:
        """One to some elements around one another, some with a class of random letters; gives the innermost."""
        for _ in range(int(dice.integers(1, _MOST_DEPTH + 1))):
            name = "\tclass=" + "".join(dice.choice(_LETTERS, 7)) if dice.random() < _NAMED else ""
            parent = self.add(parent, f"{dice.choice(tags)}{name}")
        return parent


def _body(markup: Markup) -> int:
    """The element <body>, or the first where there is none."""
    return next((e for e, tag in enumerate(markup.tags) if markup.keys[tag].split("\t", 1)[0] == "body"), 0)
