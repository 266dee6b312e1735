"""Plain text and Markdown: the kept blocks, a blank line between them; pages are set apart by `SEPARATOR`."""

from __future__ import annotations

import re
from collections import Counter

from classifier.records import LabelledPage, MarkupView

TEXT_SEPARATOR = b"\n\n"  # after the newline that ends a page: two blank lines between pages
MARKDOWN_SEPARATOR = b"\n---\n\n"
_PREFIXES = {
    **{f"h{n}": "#" * n + " " for n in range(1, 7)},
    "li": "- ", "dt": "- ", "dd": "  - ", "blockquote": "> ", "td": "| ", "th": "| ", "pre": "    ",
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
_CLOSING = re.compile(r"(?<!\S)#(?=#*$)")  # ... and at the end of a heading


def render_text(page: LabelledPage, blocks: str) -> bytes:
    """The kept blocks; `blocks` changes nothing here."""
    return (page.kept_text + "\n").encode("utf-8", "replace")


def render_markdown(page: LabelledPage, blocks: str) -> bytes:
    """The kept blocks with headings, list items, quotes and code as Markdown writes them, where the page had markup."""
    lines: list[str] = []
    numbers = _numbers(page.markup) if page.markup else {}
    last, last_element = "", -1
    for i in page.kept.nonzero()[0].tolist():
        element, tag = _place(page.markup, i) if page.markup else (-1, "")
        prefix = f"{numbers[element]}. " if element in numbers else _PREFIXES.get(tag, "")
        goes_on = tag in _ITEMS and element == last_element
        if lines and not (tag in _ITEMS and last in _ITEMS and not goes_on):
            lines.append("")
        marked = _marked(page.texts[i], prefix)
        lines.extend([" " * len(prefix) + marked[0][len(prefix) :], *marked[1:]] if goes_on else marked)
        last, last_element = tag, element
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _numbers(markup: MarkupView) -> dict[int, int]:
    """The number of each item of an ordered list, by its element."""
    tags = [key.partition("\t")[0] for key in markup.keys]
    numbers: dict[int, int] = {}
    items: Counter[int] = Counter()
    for element, (parent, tag) in enumerate(zip(markup.parents, markup.tags, strict=True)):
        if parent >= 0 and tags[tag] == "li" and tags[markup.tags[parent]] == "ol":
            items[parent] += 1
            numbers[element] = items[parent]
    return numbers


def _marked(text: str, prefix: str) -> list[str]:
    """The lines of one block behind its mark; characters that Markdown would take for marks are escaped."""
    if prefix == _PREFIXES["pre"]:
        return [prefix + line for line in text.splitlines() or [""]]
    escaped = _MARKS.sub(lambda found: _escape(found[0], text), text).splitlines() or [""]
    if prefix.startswith("#"):
        return [prefix + _CLOSING.sub(r"\\#", " ".join(escaped))]
    lines = [_STARTS.sub(r"\1\\\2", line) for line in escaped]
    if prefix == _PREFIXES["td"]:  # behind it, nothing begins a line
        lines[0] = escaped[0]
    later = prefix if prefix == "> " else " " * len(prefix)
    return [prefix + lines[0], *(later + line for line in lines[1:])]


def _escape(mark: str, text: str) -> str:
    return mark if mark in _PAIRED and text.count(mark) == 1 else "\\" + mark


def _place(markup: MarkupView, block: int) -> tuple[int, str]:
    """The nearest element around a block that says what it is, and its tag; -1 and "" where none does."""
    element = markup.blocks[block]
    while element >= 0:
        tag = markup.keys[markup.tags[element]].partition("\t")[0]
        if tag not in _INLINE:
            return element, tag
        element = markup.parents[element]
    return -1, ""
