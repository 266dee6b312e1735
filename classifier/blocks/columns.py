"""The columns in which the blocks of one page travel: parallel lists, one entry a block or one an element."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a block holds at least one of. White space shows nothing, nor do the soft hyphen, what joins and sets apart
# without width, marks of direction, fillers, variation selectors and the braille pattern without dots.
SEEN = re.compile(
    r"[^\s\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0]"
)


@dataclass(frozen=True, slots=True)
class Markup:
    """The elements of one page and where its blocks stand among them.

    `parents` and `tags` have one entry an element, in document order, so that parents come before children: the index
    of the parent element (-1 for the root, which is element 0) and an index into `keys`. `keys` holds the distinct
    elements: the tag name, then those of the attributes class, id, role, itemprop, data-testid and aria-label that are
    present, in the order of the page, lower-cased, cut to 120 characters, as in "div\\tclass=cookie banner\\tid=main";
    "\\thidden" ends the key of an element that the page hides by its `hidden` or `style` attribute.

    `blocks` and `link_chars` have one entry a block: the index of the innermost element that holds all of its text
    (inline elements included), and how many of its characters stand inside <a> (0 to the block's length).
    `hidden` tells, for each block, whether it stands inside an element so marked. `title` is the text of <title>, ""
    where there is none.
    `hints` are the numbers of `settings.PAGE_HINTS` about the whole page, or empty where nobody asked for them.
    """

    parents: list[int]
    tags: list[int]
    keys: list[str]
    blocks: list[int]
    link_chars: list[int]
    hidden: list[bool]
    title: str
    hints: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockColumns:
    """The blocks of one page, in the order of the page.

    `text` is the page's text: the input itself for plain text, the blocks joined by a blank line for HTML.
    `starts` and `ends` are character offsets into it and `texts` the pieces, one entry a block: `texts[i]` is
    `text[starts[i]:ends[i]]`. `markup` is None for plain text.
    """

    text: str
    starts: list[int]
    ends: list[int]
    texts: list[str]
    markup: Markup | None = None
