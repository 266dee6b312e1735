"""Blocks put into markup that tells nothing of what they hold: into a real page, or as a simple page of their own.

On most pages the elements of a notice are named after it. These teach what a notice is without such names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from classifier.blocks.columns import Markup
from classifier.records import LABELS, Label, tag_of
from classifier.training.examples import Example, join_blocks
from classifier.training.inside import SHORT

Labelled = tuple[str, int]  # a block's text and its label: an index into LABELS, or UNKNOWN

LONG_NOTICE = 60  # characters from which a consent text is a sentence rather than a button
_LIKE_PARAGRAPHS = 0.3  # share of notices whose blocks stand in elements like those of the article
_AT_THE_END = 0.5  # share of what stands among the paragraphs that follows the last
_BESIDE = 0.3  # share of the other notices that follow the last paragraph too, in an element of their own
_BESIDE_PARAGRAPHS = 0.5  # share of furniture inside an article whose elements are like those of the article
_FLAT = 0.25  # share of simple pages without elements around their parts
_SET_APART = 0.6  # share of short blocks and furniture inside an article that have a tag of their own
_MOST_TOGETHER = 6  # blocks of furniture in one element
_NAMED = 0.5  # share of elements with a class, of random letters
_MOST_DEPTH = 3  # elements around one another that hold nothing else
_ARTICLE, _BOILERPLATE = LABELS.index(Label.ARTICLE), LABELS.index(Label.BOILERPLATE)
_BUTTONS = "button", "a", "div", "span"
_AROUND_ARTICLE, _PARAGRAPHS = ("div", "div", "main", "article", "section"), ("p", "p", "p", "div")
_AROUND_LINKS, _SHORT_TAGS = ("li", "p", "div"), ("h2", "h3", "h4", "li", "p")
_AROUND_FURNITURE, _FURNITURE = ("div", "div", "ul", "nav", "footer"), ("a", "a", "li", "p", "div", "span")
_LETTERS = list("abcdefghijklmnopqrstuvwxyz0123456789")


def insert(page: Example, texts: Sequence[Labelled], rng: np.random.Generator) -> Example:
    """The page, which has markup and some article, with further blocks that stand together.

    Article texts become paragraphs of its article. Those of a notice do too, or they stand in an element of their own:
    after the last paragraph, or first or last in <body>. Furniture stands after any paragraph, as one or in an element
    of its own. ValueError where the page has no markup.
    """
    markup = page.columns.markup
    if markup is None:
        raise ValueError(f"{page.id}: the page has no markup to insert into")
    elements = _Elements(list(markup.parents), list(markup.tags), list(markup.keys))
    place = _place(page, markup, texts[0][1], rng)
    parent = place.parent if place.alike else elements.nest(place.parent, ("div",), rng)
    places, links = [], []
    for text, _ in texts:
        key = place.alike or str(rng.choice(_BUTTONS if len(text) <= LONG_NOTICE else ("p", "div")))
        places.append(elements.add(parent, key))
        links.append(len(text) if key == "a" and not place.alike else 0)

    def spliced(own: Sequence[Any], new: Sequence[Any]) -> list[Any]:
        return [*own[: place.at], *new, *own[place.at :]]

    columns = join_blocks(spliced(page.columns.texts, [text for text, _ in texts]))
    more = replace(
        markup, parents=elements.parents, tags=elements.tags, keys=elements.keys,
        blocks=spliced(markup.blocks, places), link_chars=spliced(markup.link_chars, links),
        hidden=spliced(markup.hidden, [False] * len(texts)),
    )  # fmt: skip
    labels = np.insert(page.labels, place.at, [label for _, label in texts])
    return replace(page, columns=replace(columns, markup=more), labels=labels, gold=())


class _Place(NamedTuple):
    """Before which block something is put, in which element, and the key of the paragraph that it is like, or ""."""

    at: int
    parent: int
    alike: str


def _place(page: Example, markup: Markup, label: int, rng: np.random.Generator) -> _Place:
    """Where blocks of a label are put into a page."""
    rows = np.flatnonzero(page.labels == _ARTICLE)
    furniture = label == _BOILERPLATE
    alike = label == _ARTICLE or rng.random() < (_BESIDE_PARAGRAPHS if furniture else _LIKE_PARAGRAPHS)
    anywhere = furniture or (alike and rng.random() >= _AT_THE_END)
    row = int(rng.choice(rows)) if anywhere else int(rows[-1])
    beside = markup.blocks[row]
    if not alike and not furniture and rng.random() >= _BESIDE:
        return _Place(int(rng.choice([0, len(page.labels)])), _body(markup), "")
    return _Place(row + 1, max(markup.parents[beside], 0), markup.keys[markup.tags[beside]] if alike else "")


def dress(page: Example, first: int, last: int, rng: np.random.Generator) -> Example:
    """A plain-text page in simple markup: the blocks from `first` to before `last`, its article, in one element.

    What stands before and after lies in elements of their own, as links, items or paragraphs, and so does some of the
    furniture inside the article; some of its short blocks are headings or items. On some pages all lies in <body>.
    """
    elements = _Elements()
    body = elements.add(elements.add(-1, "html"), "body")
    flat = rng.random() < _FLAT
    blocks, links = [], []

    def put(parent: int, key: str, text: str) -> None:
        inner = elements.add(parent, str(rng.choice(_AROUND_LINKS))) if key == "a" else parent
        blocks.append(elements.add(inner, key))
        links.append(len(text) if key == "a" else 0)

    def furnish(parent: int, texts: Sequence[str]) -> None:
        while texts:
            together = int(rng.integers(1, _MOST_TOGETHER + 1))
            key = str(rng.choice(_FURNITURE))
            own = parent if flat else elements.nest(parent, _AROUND_FURNITURE, rng)
            for text in texts[:together]:
                put(own, key, text)
            texts = texts[together:]

    texts = page.columns.texts
    furnish(body, texts[:first])
    parent = body if flat else elements.nest(body, _AROUND_ARTICLE, rng)
    key = str(rng.choice(_PARAGRAPHS))
    for text, label in zip(texts[first:last], page.labels[first:last], strict=True):
        apart = rng.random() < _SET_APART
        if apart and label == _BOILERPLATE:
            furnish(parent, [text])
        else:
            put(parent, str(rng.choice(_SHORT_TAGS)) if apart and len(text) <= SHORT else key, text)
    furnish(body, texts[last:])
    markup = Markup(elements.parents, elements.tags, elements.keys, blocks, links, [False] * len(blocks), "")
    return replace(page, columns=replace(page.columns, markup=markup))


@dataclass(slots=True)
class _Elements:
    """The elements of a page, as in `Markup`, to which others are added."""

    parents: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def add(self, parent: int, key: str) -> int:
        """A further element; gives its number."""
        self.parents.append(parent)
        self.tags.append(len(self.keys))
        self.keys.append(key)
        return len(self.parents) - 1

    def nest(self, parent: int, tags: Sequence[str], rng: np.random.Generator) -> int:
        """One to some elements around one another, some with a class of random letters; gives the innermost."""
        for _ in range(int(rng.integers(1, _MOST_DEPTH + 1))):
            name = "\tclass=" + "".join(rng.choice(_LETTERS, 7)) if rng.random() < _NAMED else ""
            parent = self.add(parent, f"{rng.choice(tags)}{name}")
        return parent


def _body(markup: Markup) -> int:
    """The element <body>, or the first where there is none."""
    return next((e for e, tag in enumerate(markup.tags) if tag_of(markup.keys[tag]) == "body"), 0)
