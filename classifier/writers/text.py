"""Plain text and Markdown: the kept blocks, a blank line between them; pages are set apart by a separator."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile

from classifier.records import LabelledPage, MarkupView, and_above, tag_of
from classifier.writers.tables import Table, find_tables

TEXT_SEPARATOR = b"\n\n"  # after the newline that ends a page: two blank lines between pages
MARKDOWN_SEPARATOR = b"\n---\n\n"
_PREFIXES = {
    **{f"h{n}": "#" * n + " " for n in range(1, 7)},
    "li": "- ", "dt": "- ", "dd": "  - ", "blockquote": "> ",
}  # fmt: skip
_ITEMS = frozenset(("li", "dt", "dd"))
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label mark nobr q s samp"
    " small span strike strong sub sup time tt u var wbr p div".split()
)
# what Markdown (CommonMark, and tables and strikethrough of GitHub's) would take for marks: in a line, ...
_MARKS = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~]|$) | ` | (?<=\S)\*|\*(?=\S) | (?<=\S)_(?![^\W_]) | (?<![^\W_])_(?=\S)
    | \](?=[(:]) | <(?=[A-Za-z/!?]) | &(?=\#?\w+;) | ~(?=~) | (?<=~)~""",
    re.VERBOSE | re.MULTILINE,
)
_PAIRED = frozenset("*_`")  # marks that mean nothing alone
# ... at the beginning of one, ...
_STARTS = re.compile(
    r"""^(\s*(?:\d{1,9}(?=[.)](?:\s|$)))?)  # the number of a list item
    (\#(?=\#{0,5}(?:\s|$)) | [-+*_](?=\s|$) | > | =(?==*\s*$) | [-|:](?=[-|:\s]*$) | (?<=\d)[.)])""",
    re.VERBOSE,
)
_PIPE = r"\|"
_CLOSING = re.compile(r"(?<!\S)#(?=#*$)")  # ... and at the end of a heading


def render_text(page: LabelledPage, blocks: str) -> bytes:
    """The kept blocks; `blocks` changes nothing here."""
    return (page.kept_text + "\n").encode("utf-8", "replace")


def render_markdown(page: LabelledPage, blocks: str) -> bytes:
    """The kept blocks with headings, list items, quotes, code and tables as in Markdown, where the page had markup.

    Lists stand in one another as on the page. The numbers that `start` and `value` give are not known here.
    """
    lines: list[str] = []
    kept = page.kept.nonzero()[0].tolist()
    places = {i: _place(page.markup, i) if page.markup else (-1, "") for i in kept}
    tables = find_tables(page.markup, kept, places, page.texts) if page.markup else {}
    items = _Items(page.markup) if page.markup else None
    last, in_table = "", 0
    for i in kept:
        if in_table:
            in_table -= 1
            continue
        element, tag = places[i]
        indent, prefix, apart = items.enter(element, tag) if items else ("", "", False)
        if lines and (apart or not (prefix and tag in _ITEMS and last in _ITEMS)):
            lines.append("")
        if i in tables:
            marked = _rows(tables[i], page.texts)
            in_table = tables[i].blocks - 1
        else:
            marked = _fenced(page.texts[i]) if tag == "pre" else _marked(page.texts[i], prefix)
        lines.extend(indent + line if line else "" for line in marked)
        last = tag
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


class _Items:
    """The list items around the block last written, so that the next one is put into those that go on."""

    def __init__(self, markup: MarkupView) -> None:
        self._parents = markup.parents
        self._numbers = _numbers(markup)
        self._open: list[tuple[int, int]] = []  # element and width of the mark, outermost first
        self._signs: dict[int, str] = {}  # behind the numbers of a list

    def enter(self, element: int, tag: str) -> tuple[str, str, bool]:
        """What stands before every line of a block, the mark before its first, and whether a blank line must be above.

        Without a mark where the block goes on with an item.
        """
        before = self._open
        around = set(and_above(element, self._parents)) if before else set()
        self._open = list(takewhile(lambda item: item[0] in around, before))
        level = len(self._open)
        indent = " " * sum(width for _, width in self._open)
        if self._open and self._open[-1][0] == element:
            return indent, "", True
        prefix = _PREFIXES.get(tag, "")
        if element in self._numbers:
            prefix = f"{self._numbers[element]}{self._sign(element, before[level][0] if before[level:] else -1)} "
        if tag in _ITEMS:
            self._open.append((element, len(prefix)))
        # right below the text of an item, no other number than 1 begins a list
        return indent, prefix, level == len(before) and self._numbers.get(element, 1) != 1

    def _sign(self, element: int, neighbour: int) -> str:
        """Full stop or bracket, not that of the list just before, with which this one would become one list."""
        own = self._parents[element]
        if own not in self._signs:
            taken = self._signs[self._parents[neighbour]] if neighbour in self._numbers else ")"
            self._signs[own] = ")" if taken == "." else "."
        return self._signs[own]


def _fenced(text: str) -> list[str]:
    """Code between fences, which are longer than any row of backticks in it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return [fence, *text.splitlines(), fence]


def _numbers(markup: MarkupView) -> dict[int, int]:
    """The number of each item of an ordered list, by its element."""
    tags = list(map(tag_of, markup.keys))
    numbers: dict[int, int] = {}
    items: Counter[int] = Counter()
    for element, (parent, tag) in enumerate(zip(markup.parents, markup.tags, strict=True)):
        if parent >= 0 and tags[tag] == "li" and tags[markup.tags[parent]] == "ol":
            items[parent] += 1
            numbers[element] = items[parent]
    return numbers


def _rows(table: Table, texts: Sequence[str]) -> list[str]:
    """The lines of a table, its first row above the rule, as Markdown has no table without a head."""
    lines = []
    for row in table.rows:
        cells = ["<br>".join(_escaped("\n".join(texts[block] for block in cell))) for cell in row]
        lines.append("|" + "|".join(f" {cell.replace('|', _PIPE)} " if cell else " " for cell in cells) + "|")
    return [lines[0], "|" + "---|" * len(table.rows[0]), *lines[1:]]


def _escaped(text: str) -> list[str]:
    """The lines of a text, where what Markdown would take for marks within a line is escaped."""
    single = {mark for mark in _PAIRED if text.count(mark) == 1}
    return _MARKS.sub(lambda found: found[0] if found[0] in single else "\\" + found[0], text).splitlines() or [""]


def _marked(text: str, prefix: str) -> list[str]:
    """The lines of one block behind its mark; characters that Markdown would take for marks are escaped."""
    escaped = _escaped(text)
    if prefix.startswith("#"):
        return [prefix + _CLOSING.sub(r"\\#", " ".join(escaped))]
    lines = [_STARTS.sub(r"\1\\\2", line) for line in escaped]
    later = prefix if prefix == "> " else " " * len(prefix)
    return [prefix + lines[0], *(later + line for line in lines[1:])]


def _place(markup: MarkupView, block: int) -> tuple[int, str]:
    """The nearest element around a block that says what it is, and its tag; -1 and "" where none does."""
    for element in and_above(markup.blocks[block], markup.parents):
        tag = tag_of(markup.keys[markup.tags[element]])
        if tag not in _INLINE:
            return element, tag
    return -1, ""
