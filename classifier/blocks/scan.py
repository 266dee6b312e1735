"""The parts of a page's source that are no plain tags: comments, scripts, foreign content, tags with "<" or ">" inside.

The source comes in pieces, each what follows one "<". The functions take the piece at hand and draw further ones; they
return the text that stands after the part they read, "" where the page ends inside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from classifier.blocks.columns import SEEN
from classifier.blocks.tags import BLOCKS, INLINE

# The tags that end foreign content, HTML standard, section 13.2.6.5, and those that open and close it. The end tag of
# an element around it ends it too: here any of HTML's names that SVG does not have as well, whatever is open; that of
# a link, which SVG has, where none is open inside.
FOREIGN_STARTS = frozenset(
    "svg math a b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing"
    " menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var".split()
)
FOREIGN_ENDS = (BLOCKS | INLINE | {"svg", "math", "br", "a"}) - {"font"}
FOREIGN_END = re.compile(
    rf"(?:/(?:{'|'.join(sorted(FOREIGN_ENDS))})|{'|'.join(sorted(FOREIGN_STARTS))})(?![^\s/>])",
    re.IGNORECASE | re.ASCII,
)
TAG_PART = re.compile(
    r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])))*+  # attributes, quoted values whole
    (?:(?P<done>>)|=\s*+(?P<quote>["']))?""",
    re.VERBOSE,
)
SPACE_OR_END = frozenset((" ", "\t", "\n", "\r", "\f", "/", ">"))


def rest_of_tag(piece: str, pieces: Iterator[str]) -> tuple[str, str]:
    """The whole source of a tag and the text after it; ("", "") where the page ends inside the tag."""
    got: list[str] = []
    quote = ""
    current: str | None = piece
    while current is not None:
        start = current.find(quote) + 1 if quote else 0
        if start or not quote:
            part = TAG_PART.match(current, start)
            quote = (part and part["quote"]) or ""
            if part and part["done"]:
                got.append(current[: part.end() - 1])
                return "<".join(got), current[part.end() :]
        got.append(current)
        current = next(pieces, None)
    return "", ""


def skip_comment(piece: str, pieces: Iterator[str]) -> str:
    """Skip <!-- ... -->, a doctype, or what browsers take for a comment: <! ... >, <? ... >, </ ... >."""
    end = ">"
    if piece.startswith("!--") and not piece.startswith(("!-->", "!--->")):
        piece, end = piece[3:], "-->"
    current: str | None = piece
    while current is not None:
        _, found, text = current.partition(end)
        if found:
            return text
        if end == "-->" and "--!>" in current:
            return current.partition("--!>")[2]
        current = next(pieces, None)
    return ""


def skip_raw(name: str, text: str, pieces: Iterator[str]) -> tuple[str, str]:
    """Skip an element that holds no tags, such as <script>; returns its content and the text after it."""
    got = [text]
    end = f"/{name}"
    nested = commented = False  # a <script> in a comment in a <script> hides the next </script>
    for piece in pieces:
        if piece[: len(end)].lower() == end and piece[len(end) : len(end) + 1] in SPACE_OR_END:
            if not nested:
                return "<".join(got), piece.partition(">")[2]
            nested = False
        elif name == "script":
            nested = nested or (commented and piece[:6].lower() == "script" and piece[6:7] in SPACE_OR_END)
            commented = commented or piece.startswith("!--")
        if commented and "-->" in piece:
            nested = commented = False
        got.append(piece)
    return "<".join(got), ""


def skip_foreign(pieces: Iterator[str]) -> str:
    """Skip <svg> or <math>; returns the piece to go on with, after its end or at the HTML tag that breaks out of it."""
    depth, links = 1, 0
    for piece in pieces:
        if piece.startswith("!--"):
            skip_comment(piece, pieces)
            continue
        found = FOREIGN_END.match(piece)
        if not found:
            continue
        name = found[0].lower()
        if name in ("/svg", "/math"):
            depth -= 1
            if not depth:
                return piece
        elif name in ("svg", "math"):
            depth += not piece.partition(">")[0].endswith("/")
        elif name == "a":
            links += 1
        elif name == "/a" and links:
            links -= 1
        else:
            return piece
    return ""


def seen_lines(text: str) -> str:
    """The lines that show anything."""
    return "\n".join(filter(SEEN.search, text.split("\n")))


def tidy_lines(text: str) -> str:
    """The lines of <pre> without blank ones around them and without white space at their ends."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def title_text(content: str) -> str:
    """The text of <title>, on one line."""
    return " ".join(unescape(content).split())
