"""Plain text and Markdown: the kept blocks, a blank line between them; pages are set apart by `SEPARATOR`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from classifier.records import LabelledPage, MarkupView

TEXT_SEPARATOR = b"\n\n"  # after the newline that ends a page: two blank lines between pages
MARKDOWN_SEPARATOR = b"\n---\n\n"
_PREFIXES = {
    **{f"h{n}": "#" * n + " " for n in range(1, 7)},
    "li": "- ", "dt": "- ", "dd": "  - ", "blockquote": "> ", "td": "| ", "th": "| ", "pre": "    ",
}  # fmt: skip
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label mark nobr q s samp"
    " small span strike strong sub sup time tt u var wbr p div".split()
)
_MARKS = re.compile(r"^(\s*(?:\d+(?=[.)]))?)([#>|+*.)-])(?=[\s#])")


def render_text(page: LabelledPage, blocks: str) -> bytes:
    """The kept blocks; `blocks` changes nothing here."""
    return (page.kept_text + "\n").encode("utf-8", "replace")


def render_markdown(page: LabelledPage, blocks: str) -> bytes:
    """The kept blocks with headings, list items, quotes and code as Markdown writes them, where the page had markup."""
    lines: list[str] = []
    last = ""
    for i, kept in enumerate(page.kept.tolist()):
        if not kept:
            continue
        prefix = _PREFIXES.get(_tag(page.markup, i), "") if page.markup else ""
        tight = prefix in ("- ", "  - ") and last in ("- ", "  - ")
        if lines and not tight:
            lines.append("")
        lines.extend(_marked(page.texts[i].splitlines() or [""], prefix))
        last = prefix
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _marked(lines: Sequence[str], prefix: str) -> list[str]:
    """The lines of one block behind its mark; characters that Markdown would take for marks are escaped."""
    if prefix == "    ":
        return [prefix + line for line in lines]
    clean = [_MARKS.sub(r"\1\\\2", line) for line in lines]
    if prefix.startswith("#"):
        return [prefix + " ".join(clean)]
    later = prefix if prefix == "> " else " " * len(prefix)
    return [prefix + clean[0], *(later + line for line in clean[1:])]


def _tag(markup: MarkupView, block: int) -> str:
    """The nearest element around a block that says what it is."""
    element = markup.blocks[block]
    while element >= 0:
        tag = markup.keys[markup.tags[element]].partition("\t")[0]
        if tag not in _INLINE:
            return tag
        element = markup.parents[element]
    return ""
