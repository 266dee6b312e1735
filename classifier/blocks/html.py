"""HTML to blocks: the text between block-level boundaries, as browsers parse it, with the elements around each block.

Left out: scripts, styles, comments, <noscript>, <template>, <svg>, form fields and the fallbacks of embedded things.
Text that the page hides (`hidden`, `display:none`, `visibility:hidden` on the element itself) stays, and is marked in
Markup.keys and Markup.hidden: static pages hide what their scripts show, consent dialogs and folded sections of the
article above all. Style sheets are not read. No recursion and no tree: time and memory grow with the page's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from itertools import accumulate

from classifier.blocks.columns import BlockColumns, Markup
from classifier.blocks.elements import DEPTH, Elements
from classifier.blocks.scan import rest_of_tag, skip_comment, skip_foreign, skip_raw, title_text
from classifier.blocks.tags import (
    BLOCK,
    BREAK,
    DROP,
    END,
    FOREIGN,
    HIDDEN_MARK,
    LINK,
    NAME,
    OPEN,
    RAW,
    TEXT,
    Tag,
    known_tag,
    read_tag,
)

FOREIGN_ENDS = ("", "/svg", "/mat")
LINE = "\0"  # stands for <br> until a block is closed: HTML text holds no NUL


def split_html(html: str) -> BlockColumns:
    """Split an HTML page into blocks; the text of the result is the blocks joined by a blank line.

    White space is collapsed to single blanks, a <br> is a newline, two of them with nothing between end the block, and
    <pre> keeps its white space.
    """
    walk = _Walk()
    pieces = iter(html.replace("\0", "").removeprefix("\ufeff").split("<"))
    walk.add_text(next(pieces))
    walk.run(pieces)
    return _columns(walk)


class _Walk:
    """Goes once over the pieces of a page's source (what follows each "<") and gathers its blocks."""

    __slots__ = ("blocks", "elements", "link_chars", "parts", "texts", "title", "where")

    def __init__(self) -> None:
        self.elements = Elements()
        self.parts: list[str] = []  # the texts of the block at hand, as they stand in the source
        self.where: list[int] = []  # the elements that hold them
        self.texts: list[str] = []
        self.blocks: list[int] = []
        self.link_chars: list[int] = []
        self.title = ""

    def add_text(self, text: str) -> None:
        if text and not text.isspace():
            self.parts.append(text)
            self.where.append(self.elements.chain[-1])

    def run(self, pieces: Iterator[str]) -> None:  # one function and local names: this loop is most of the time
        elements, parts, where = self.elements, self.parts, self.where
        parents, keys, numbers = elements.parents, elements.keys, elements.numbers
        names, chain = elements.names, elements.chain
        linked = dropped = 0
        in_link = False
        for piece in pieces:
            source, closed, text = piece.partition(">")
            tag = known_tag(source)
            if tag is None or not closed:
                tag, text = self.read(piece, source, text, pieces)
            flags, name, key, firm = tag
            if flags & BLOCK and parts:
                self.end_block(linked)
                linked = 0
            if flags & OPEN:
                if firm is not None and names[-1] not in firm:
                    elements.make_room(name)
                parents.append(chain[-1] if len(chain) < DEPTH else chain[DEPTH - 1])
                chain.append(len(keys))
                keys.append(numbers.setdefault(key, len(numbers)))
                names.append(name)
                if flags & LINK:
                    in_link = True
                elif flags & DROP and not dropped:
                    dropped = len(chain)
            elif flags & END:
                if names[-1] == name:
                    names.pop()
                    chain.pop()
                else:
                    elements.close(name)
                if flags & LINK:
                    in_link = False
                if len(chain) < dropped:
                    dropped = 0
            elif flags & BREAK and parts and not dropped:
                if self.ends_line():
                    self.end_block(linked)
                    linked = 0
                else:
                    parts.append(LINE)
            if text and not dropped:
                if not text.isspace():
                    parts.append(text)
                    where.append(chain[-1])
                    if in_link:
                        linked += len(text.strip())
                elif parts:
                    parts.append(text)
        if parts:
            self.end_block(linked)

    def read(self, piece: str, source: str, text: str, pieces: Iterator[str]) -> tuple[Tag, str]:
        """Read a tag that is not known yet, or what else begins with "<"; returns the tag and the text after it."""
        found = NAME.match(source)
        if found is None:
            return TEXT, skip_comment(piece, pieces) if source[:1] in ("!", "?", "/") else f"<{piece}"
        if source.count('"') & 1 or source.count("'") & 1 or len(source) == len(piece):
            source, text = rest_of_tag(piece, pieces)
            if not source:
                return TEXT, ""
        tag = read_tag(source, found.group())
        if tag.flags & RAW:
            content, text = skip_raw(tag.name, text, pieces)
            if tag.name == "title" and not self.title:
                self.title = title_text(content)
            return TEXT, text
        if tag.flags & FOREIGN:
            piece = skip_foreign(pieces)
            source, _, text = piece.partition(">")
            return (TEXT, text) if source[:4].lower() in FOREIGN_ENDS else self.read(piece, source, text, pieces)
        return tag, text

    def ends_line(self) -> bool:
        """Whether nothing visible stands after the last <br> of the block at hand."""
        for part in reversed(self.parts[-3:]):
            if part == LINE:
                return True
            if not unescape(part).isspace():
                return False
        return False

    def end_block(self, linked: int) -> None:
        parts, where = self.parts, self.where
        text = parts[0] if len(parts) == 1 else "".join(parts)
        if "&" in text:
            text = unescape(text)
        if "pre" in self.elements.names:
            text = _tidy_lines(text.replace(LINE, "\n"))
        elif LINE in text:
            text = "\n".join(filter(None, [" ".join(line.split()) for line in text.split(LINE)]))
        else:
            text = " ".join(text.split())
        if text:
            self.texts.append(text)
            self.blocks.append(where[0] if len(where) == 1 else self.elements.common(where))
            self.link_chars.append(min(linked, len(text)))
        parts.clear()
        where.clear()


def _tidy_lines(text: str) -> str:
    """The lines of <pre> without blank ones around them and without white space at their ends."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def _columns(walk: _Walk) -> BlockColumns:
    texts, elements = walk.texts, walk.elements
    starts = list(accumulate([len(text) + 2 for text in texts], initial=0))[: len(texts)]
    ends = [start + len(text) for start, text in zip(starts, texts, strict=True)]
    keys = list(elements.numbers)
    hidden = _hidden(elements, keys, walk.blocks)
    markup = Markup(elements.parents, elements.keys, keys, walk.blocks, walk.link_chars, hidden, walk.title)
    return BlockColumns("\n\n".join(texts), starts, ends, texts, markup)


def _hidden(elements: Elements, keys: list[str], blocks: list[int]) -> list[bool]:
    hiding = {number for number, key in enumerate(keys) if key.endswith(HIDDEN_MARK)}
    if not hiding:
        return [False] * len(blocks)
    hidden: list[bool] = []
    for parent, key in zip(elements.parents, elements.keys, strict=True):
        hidden.append(key in hiding or (parent >= 0 and hidden[parent]))
    return [hidden[block] for block in blocks]
