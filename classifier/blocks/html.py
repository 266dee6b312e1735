"""HTML to blocks: the text between block-level boundaries, as browsers parse it, with the elements around each block.

Left out: scripts, styles, comments, <noscript>, <template> without a shadow root, <svg>, form fields and the fallbacks
of embedded things.
Text that the page hides (`hidden`, `display:none`, `visibility:hidden` on the element itself) stays, and is marked in
Markup.keys and Markup.hidden: static pages hide what their scripts show, consent dialogs and folded sections of the
article above all. Style sheets are not read. No recursion and no tree: time and memory grow with the page's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from itertools import accumulate, count
from operator import add
from typing import TypeAlias

from classifier.blocks.columns import SEEN, BlockColumns, Markup
from classifier.blocks.elements import DEPTH, Elements
from classifier.blocks.scan import rest_of_tag, seen_lines, skip_comment, skip_foreign, skip_raw, tidy_lines, title_text
from classifier.blocks.tags import (
    DROP,
    FOREIGN,
    HIDE,
    LINK,
    NAME,
    NAMES,
    PRE,
    QUOTE,
    RAW,
    TEXT,
    XML,
    Tag,
    known_tag,
    read_tag,
    without_address,
)
from classifier.settings import PURE_PYTHON

FOREIGN_ENDS = ("", "/svg", "/mat")
Run: TypeAlias = tuple[list[str], list[int]]  # texts as they stand in the source, and the elements that hold them
LINE = "\v"  # stands for <br> until the block ends; white space that HTML text has no use for


def split_html_in_python(html: str) -> BlockColumns:
    """Split an HTML page into blocks; the text of the result is the blocks joined by a blank line.

    White space is collapsed to single blanks, a <br> is a newline, two of them with nothing between end the block, and
    <pre> keeps its white space. Words of two links, and of two elements where the second begins with a capital or a
    digit, get a blank between them that the source does not have, also after a mark such as "?" (see Elements.apart):
    pages set them apart by their style. Where a page begins with an XML declaration, <script/> and its like are empty.
    """
    walk = _Walk(html.startswith(XML, html.startswith("\ufeff")))
    pieces = html.removeprefix("\ufeff").split("<")
    pieces[0] = f"!>{pieces[0]}"  # what stands before the first tag, as if it came after a comment
    runs = walk.run(iter(pieces))
    if walk.breaks:
        runs = list(_between_empty_lines(runs, walk.elements))
    texts, blocks, link_chars = _blocks(runs, walk.elements)
    lengths = list(map(len, texts))
    ends = list(accumulate([length + 2 for length in lengths]))  # past the blank line after each
    starts = [0, *ends[:-1]] if ends else []
    markup = _markup(walk, blocks, link_chars)
    return BlockColumns("\n\n".join(texts), starts, list(map(add, starts, lengths)), texts, markup)


class _Walk:
    """Goes once over the pieces of a page's source: what follows each "<"."""

    __slots__ = ("breaks", "elements", "title", "xml")

    def __init__(self, xml: bool) -> None:
        self.elements = Elements()
        self.xml = xml  # whether <script/> ends where it begins
        self.title = ""
        self.breaks = False  # whether the page has a <br>

    def run(self, pieces: Iterator[str]) -> list[Run]:
        """The runs of text between the borders of blocks; one function and local names, since it takes most time."""
        elements = self.elements
        parents, names, states, keys = elements.parents, elements.names, elements.states, elements.keys
        runs: list[Run] = []
        parts: list[str] = []
        where: list[int] = []
        at = depth = 0
        for piece in pieces:
            source, closed, text = piece.partition(">")
            tag = known_tag(source)
            if tag is None or not closed:
                tag, text = self.read(piece, source, text, pieces)
            opens, closes, block, flags, name, firm, key = tag
            if block and parts:
                runs.append((parts, where))
                parts, where = [], []
            if opens:
                if firm is not None and names[at] not in firm:
                    at, depth = elements.make_room(name, at, depth)
                if depth < DEPTH:
                    parents.append(at)
                    states.append(states[at] | flags)
                    at = len(names)
                    names.append(name)
                    keys.append(key)
                    depth += 1
            elif closes:
                if names[at] == name:
                    at = parents[at]
                    depth -= 1
                else:
                    at, depth = elements.close(name, at, depth)
            elif flags and not states[at] & DROP:
                text = LINE + text
                self.breaks = True
            if text:
                if text.isspace():
                    if parts:
                        parts.append(text)
                        where.append(where[-1])
                elif not states[at] & DROP:
                    parts.append(text)
                    where.append(at)
        if parts:
            runs.append((parts, where))
        return runs

    def read(self, piece: str, source: str, text: str, pieces: Iterator[str]) -> tuple[Tag, str]:
        """Read a tag that is not known yet, or what else begins with "<"; returns the tag and the text after it."""
        closed = len(source) < len(piece)
        whole = source
        if source.startswith("a "):
            source = without_address(source)
            tag = known_tag(source) if closed else None
            if tag is not None:
                return tag, text
        name = source.partition(" ")[0]
        if name not in NAMES:  # or followed by something else, or in capitals, or no name at all
            found = NAME.match(source)
            if found is None:
                return TEXT, skip_comment(piece, pieces) if source[:1] in ("!", "?", "/") else f"<{piece}"
            name = found[0].lower()
        paired = closed and not (whole.count(QUOTE) & 1 or whole.count("'") & 1)
        if not paired:
            source, text = rest_of_tag(piece, pieces)
            if not source:
                return TEXT, ""
            if source.startswith("a "):
                source = without_address(source)
        tag = read_tag(source, name, paired)
        opens, flags = tag[0], tag[3]
        if flags and not opens:  # a line break, or something whose content is to be skipped
            if self.xml and flags == RAW and source.endswith("/"):
                return TEXT, text
            return self.skip(tag, text, pieces)
        return tag, text

    def skip(self, tag: Tag, text: str, pieces: Iterator[str]) -> tuple[Tag, str]:
        """Skip what stands inside a tag whose content is no HTML; returns what comes after it, as `read` does."""
        flags, name = tag[3:5]
        if flags == RAW:
            content, text = skip_raw(name, text, pieces)
            if name == "title" and not self.title:
                self.title = title_text(content)
            return TEXT, text
        if flags == FOREIGN:
            piece = skip_foreign(pieces)
            source, _, text = piece.partition(">")
            return (TEXT, text) if source[:4].lower() in FOREIGN_ENDS else self.read(piece, source, text, pieces)
        return tag, text


def _blocks(runs: list[Run], elements: Elements) -> tuple[list[str], list[int], list[int]]:
    """The texts, elements and link characters of the blocks."""
    texts: list[str] = []
    blocks: list[int] = []
    link_chars: list[int] = []
    states = elements.states
    for parts, where in runs:
        at = where[0]
        if len(parts) == 1:
            text = parts[0]
            linked = len(text) if states[at] & LINK else 0
            if "&" in text:
                text = unescape(text)
        else:
            linked = sum(
                [len(part.strip()) for part, element in zip(parts, where, strict=True) if states[element] & LINK]
            )
            at = elements.common(where)
            text = _joined(parts, where, None if states[at] & PRE else elements)
        if states[at] & PRE:
            text = tidy_lines(text)
        elif LINE in text:
            text = seen_lines("\n".join([" ".join(line.split()) for line in text.split(LINE)]))
        else:
            text = " ".join(text.split())
        if SEEN.search(text):
            texts.append(text)
            blocks.append(at)
            link_chars.append(linked and min(linked, len(text)))
    return texts, blocks, link_chars


def _joined(parts: list[str], where: list[int], elements: Elements | None) -> str:
    """The text of several parts; with `elements`, a blank between words of theirs that only their style sets apart."""
    texts = [unescape(part) if "&" in part else part for part in parts]
    if elements is not None:
        for i in range(1, len(texts)):
            one, other, last, first = where[i - 1], where[i], texts[i - 1][-1:], texts[i][:1]
            if one != other and last and first:
                texts[i] = " " * elements.apart(one, other, last, first) + texts[i]
    return "".join(texts)


def _between_empty_lines(runs: list[Run], elements: Elements) -> Iterator[Run]:
    """Cut runs where two <br> follow each other with nothing visible between."""
    for run in runs:
        parts: list[str] = []
        where: list[int] = []
        visible = True  # in the line at hand
        for part, at in zip(*run, strict=True):
            if part[0] == LINE and not elements.states[at] & PRE:
                if not visible and parts:
                    yield parts, where
                    parts, where = [], []
                visible = False
            visible = visible or SEEN.search(unescape(part)) is not None
            if visible or parts:
                parts.append(part)
                where.append(at)
        if parts:
            yield parts, where


def _markup(walk: _Walk, blocks: list[int], link_chars: list[int]) -> Markup:
    elements = walk.elements
    numbers = dict(zip(dict.fromkeys(elements.keys), count()))  # noqa: B905 - count() never ends
    tags = list(map(numbers.__getitem__, elements.keys))
    hidden = [elements.states[block] & HIDE > 0 for block in blocks]
    return Markup(elements.parents, tags, list(numbers), blocks, link_chars, hidden, walk.title)


split_html = split_html_in_python
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.blocks.compiled_html import split_html as split_html
