"""Where a page shows its title."""

from __future__ import annotations

import re
from itertools import combinations

from classifier.records import LabelledPage, MarkupView, and_above, tag_of

TITLE_BORDER = re.compile(r"\s[|\-–—·•»:]+\s")  # between a page's title and the names of its section and site
_LEAST_SHARE = 0.4  # of the letters of <title>: outside <h1>, a part of it with less is a section or a site
_HEADING = _FIRST = 2  # times that a part of <title> counts for as much, in an <h1>, and where <title> begins with it
_MOST_BORDERS = 8  # that part a title: one with hundreds is no title


def title_row(page: LabelledPage) -> int:
    """The block that shows the title of a page, counted from 0; -1 where none does.

    It says what <title> says, or the `title` that came with the page, or a part of that between borders: rather a long
    part, rather the first, and rather in an <h1>. Where no block does, or only one outside of <h1> that says a later
    part, as the site's name is, it is what stands in an <h1>, if that is one block alone.
    """
    markup = page.markup
    given = page.page.metadata.get("title")
    spans = _spans((markup.title if markup else "") or (given if isinstance(given, str) else ""))
    least = _LEAST_SHARE * max(map(len, spans), default=0)
    said = [_words(text) for text in page.texts]
    headings = {row for row in range(len(said)) if markup and _in_heading(markup, row)}
    worded_anew = len(headings) == 1 and not any(said[row] in spans for row in headings)

    def worth(row: int) -> int:
        words = said[row]
        if words not in spans or (row not in headings and len(words) < least):
            return 0
        if worded_anew and spans[words] < _FIRST:
            return 0
        return len(words) * spans[words] * (_HEADING if row in headings else 1)

    best = max(range(len(said)), key=worth, default=0)
    if said and worth(best):
        return best
    return headings.pop() if len(headings) == 1 else -1


def _spans(title: str) -> dict[str, int]:
    """The title and all runs of its parts, as words, and what their letters count."""
    parts = TITLE_BORDER.split(title, _MOST_BORDERS)
    out: dict[str, int] = {}
    for first, last in combinations(range(len(parts) + 1), 2):
        if words := _words(" ".join(parts[first:last])):
            out.setdefault(words, 1 if first else _FIRST)
    return out


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _in_heading(markup: MarkupView, row: int) -> bool:
    """Whether a block lies in an <h1>."""
    return any(
        tag_of(markup.keys[markup.tags[element]]) == "h1" for element in and_above(markup.blocks[row], markup.parents)
    )
