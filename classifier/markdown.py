"""Markdown to HTML, so that its headings, lists, tables and links count as those of a page do.

Markdown of pages comes from programs, and their links are often none by the rules: around several paragraphs, or with
an address that a line break cuts. So links and pictures are found here first; markdown-it-py reads everything else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import takewhile
from textwrap import dedent
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

# what generators of sites write at the start: `key: value` lines between rules (YAML), `key = value` between +++ (TOML)
_FRONT_MATTER = re.compile(
    r"\ufeff?(?:---[ \t]*\n(?=[\w-]+[ \t]*:)(?:(?!---|\.\.\.|\s*\n)[^\n]*\n)+(?:---|\.\.\.)"
    r"|\+\+\+[ \t]*\n(?=(?:[ \t]*(?:[#\[][^\n]*)?\n)*+[ \t]*[\w.-]+[ \t]*=)(?:(?!\+\+\+)[^\n]*\n)+\+\+\+)[ \t]*(?:\n|$)"
)
# what Jina Reader, which turns pages into Markdown, writes above them
_READER_HEAD = re.compile(
    r"\ufeff?Title: (?P<title>[^\r\n]*)\r?\n(?:[ \t\r]*\n|[A-Z][A-Za-z]*(?: [A-Za-z]+)*: [^\n]*\n){0,20}?"
    r"Markdown Content:[ \t\r]*(?:\n|$)"
)
# What stands in brackets behind the words of a link. Blanks and line breaks are taken for cuts where the address
# begins like one, line breaks behind a hyphen or slash where it begins with a folder; otherwise they show that it is
# none, as in "[1](see the note)".
_ADDRESS = (
    r"\(\s*+(?:<(?P<enclosed>[^<>\n]*)>|(?P<address>"
    r"(?:[a-z][a-z+.-]*:|[/#.?%])(?:[^\s()\"]++|(?<!\s)\"|\([^()\n]*\)|\s(?!\s*\n)){0,400}+"
    r"|[\w.-]+/(?:[^\s()\"]++|\([^()\n]*\)|(?<=[-/])\n(?!\s)){0,400}+|[^\s()\"]*+))"
    r"(?:\s*(?P<quote>[\"'])(?:[^\"'\]\n]++|\](?!\()|(?!(?P=quote)\s*\))[\"']|\n(?!\s*\n)){0,400}+(?P=quote))?\s*\)"
    r"(?:\{(?:[:.#]|[\w-]+=)[^{}\n]*\})?"  # attributes, as Pandoc and kramdown write them
)
# links are looked for outside of code and of escapes
_TOKEN = re.compile(
    r"(?m:^)[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<fence>`{3,}+(?![^\n]*`)|~{3,})[^\n]*"
    r"(?:\n.*?)??(?:\n[ \t>]*(?P=fence)[`~]*[ \t]*(?m:$)|\Z)"
    r"|(?P<tick>`++)(?:(?:[^`\n]++|\n(?![ \t>]*\n)|(?!(?P=tick)(?!`))`++)*+(?P=tick))?+"
    rf"|\\.|!?\[|\](?:{_ADDRESS})?",
    re.S | re.I,
)
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
# Ours differ from a page's own by a blank: where indented text holds one, it is no code.
_START, _END = '<a  href="{}">', "</a >"
_OURS = re.compile(rf"({_START.format('[^<>]*')}|{_END})")
# alone in its line, a tag would begin a block of HTML, in which Markdown counts for nothing
_ALONE = re.compile(rf"({_START.format('[^<>]*')})[ \t]*\n(?=[ \t>]*[^ \t>\n])[ \t>]*")
_NOTE, _LINE_START = re.compile(r"\[\^[^\[\]\n]+\]:"), re.compile(r" {0,3}(?:> {0,3})*")
_ITEM = re.compile(r"\* \S")  # an item of a list, as hardly a line of code begins
_INSIDE = "inside"  # marks that indented lines are read
_TELLING_LINKS = 5
_OF_ADDRESS = re.compile(r"[/#.?:]")

# the line between a table's head and its rows
_BELOW_HEAD = re.compile(r"[ \t>]*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|)+(?:[ \t]*+:?-+:?[ \t]*)?")
_CELL_BORDER = re.compile(r"(?<!\\)\|")

# Tags after which a page shows nothing until the end tag. Where that is missing, they are names in a text ("a <select>
# element"), and count as text.
_ENDS = {
    tag: f"</{tag}"
    for tag in (
        "audio", "canvas", "datalist", "iframe", "math", "noembed", "noframes", "noscript", "object", "plaintext",
        "script", "select", "style", "svg", "template", "textarea", "title", "video", "xmp",
    )
} | {"!--": "-->"}  # fmt: skip
_SILENT = re.compile(rf"<({'|'.join(_ENDS)})", re.I)


def markdown_to_html(text: str, title: str = "") -> str:
    """CommonMark with tables and strikethrough as HTML, which begins with a <title> where one is given.

    Links may hold several paragraphs and have line breaks in their address. Pictures and front matter are left out, and
    so are the lines that Jina Reader writes above a page, but its title counts where none is given.
    HTML in the text stays HTML, but for tags that would hide what follows for want of their end. Lists and quotes
    that are nested too deep to be read become paragraphs. Source: CommonMark 0.31, and tables and strikethrough of
    GitHub Flavored Markdown, as markdown-it-py reads them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head = _READER_HEAD.match(text)
    title = title or (head["title"].strip() if head else "")
    front = head or _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    try:
        html = str(_reader().render(_with_wide_tables(_with_links(body))))
    except RecursionError:
        html = "".join(f"<p>{escape(part)}</p>\n" for part in _BLANK_LINE.split(body))
    return f"<title>{escape(title)}</title>\n{html}" if title else html


def markup_of(html: object, markdown: object, title: object) -> str | None:
    """The HTML of a record with these fields, from its Markdown where `html` holds nothing; None where both do not."""
    if isinstance(html, str) and html.strip():
        return html
    if isinstance(markdown, str) and markdown.strip():
        return markdown_to_html(markdown, title if isinstance(title, str) else "")
    return None


def is_markdown(text: str) -> bool:
    """Whether a text begins as Jina Reader's do, or holds several links as Markdown writes them: `[words](address)`.

    In `a[i](b)` of code is none.
    """
    if _READER_HEAD.match(text):
        return True
    if text.count("](") < _TELLING_LINKS:
        return False
    addresses = (m["enclosed"] or m["address"] or "" for m in _TOKEN.finditer(text) if m[0].startswith("]("))
    return sum(1 for address in addresses if _OF_ADDRESS.search(address)) >= _TELLING_LINKS


@dataclass(frozen=True, slots=True)
class _Open:
    """An opening bracket: its place among the pieces, and how many blank lines stand before it."""

    place: int
    blank_lines: int


def _with_links(text: str) -> str:
    """The text with its links as elements and without its pictures."""
    out: list[str] = []
    brackets: list[_Open] = []
    end = blank_lines = 0
    for match in _TOKEN.finditer(text):
        before, token = text[end : match.start()], match[0]
        out.append(before)
        end = match.end()
        blank_lines += len(_BLANK_LINE.findall(before))
        if token in ("[", "!["):
            brackets.append(_Open(len(out), blank_lines))
            if token == "[" and _is_note(text, match.start()):
                token = "&#91;"  # "[^1]: Ibid." would be the address of a link elsewhere, and vanish
        elif token.startswith("]") and brackets:
            bracket = brackets.pop()
            if token == "]":
                pass  # no address: no link
            elif out[bracket.place] == "![":
                del out[bracket.place :]
                token = ""
            else:
                address = "".join((match["enclosed"] or match["address"] or "").split())
                apart = "\n\n" if blank_lines > bracket.blank_lines else ""
                out[bracket.place] = apart + _START.format(escape(address).replace("|", "&#124;")) + apart
                token = apart + _END + apart
        out.append(token)
    return _ALONE.sub(r"\1", "".join([*out, text[end:]]))


def _is_note(text: str, at: int) -> bool:
    """Whether a note, as in `[^1]: Ibid.`, begins at the bracket there."""
    return bool(_NOTE.match(text, at)) and bool(_LINE_START.fullmatch(text, text.rfind("\n", 0, at) + 1, at))


def _with_wide_tables(text: str) -> str:
    """The text with heads of tables as wide as their widest row: of wider rows, Markdown leaves the rest out."""
    lines = text.split("\n")
    i = 1
    while i < len(lines):
        if _BELOW_HEAD.fullmatch(lines[i]) and _cells(lines[i - 1]) == _cells(lines[i]):
            rows = list(takewhile(str.strip, (lines[k] for k in range(i + 1, len(lines)))))
            more = max(map(_cells, rows), default=0) - _cells(lines[i])
            if more > 0:
                lines[i - 1], lines[i] = _closed(lines[i - 1]) + " |" * more, _closed(lines[i]) + "-|" * more
            i += len(rows)
        i += 1
    return "\n".join(lines)


def _closed(row: str) -> str:
    return row.rstrip().removesuffix("|") + "|"


def _cells(row: str) -> int:
    """The cells in a row of a table."""
    return len(_CELL_BORDER.findall(row.strip(" \t>").removeprefix("|").removesuffix("|"))) + 1


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Python's own limit of nesting counts: from markdown-it's on, text would be left out without a word
    reader = MarkdownIt("commonmark", {"html": True, "maxNesting": 1_000_000}).enable(["table", "strikethrough"])
    reader.core.ruler.push("silence", _show_without_end)
    reader.add_render_rule("html_block", lambda self, tokens, i, options, env: _without_silence(tokens[i].content))
    reader.add_render_rule("code_block", lambda self, tokens, i, options, env: _indented(tokens[i].content, env))
    return reader


def _show_without_end(state: StateCore) -> None:
    """Make text of those tags between words after which nothing would show for want of their end."""
    for block in state.tokens:
        ended = {"!--"}  # between words, a comment is one only where it ends
        tags = (token for token in reversed(block.children or ()) if token.type == "html_inline")
        for token in tags:
            if token.content.startswith("</"):
                ended.add(token.content[2:-1].strip().lower())
            elif (tag := _SILENT.match(token.content)) and tag[1].lower() not in ended:
                token.type = "text"


def _without_silence(html: str) -> str:
    """A piece of HTML with "<" as text in those tags after which it would show nothing to its end.

    That is also one that no ">" ends: it would go on to the next ">" or quotation mark of the page.
    """
    shut = html.rfind(">") + 1
    html = html[:shut] + html[shut:].replace("<", "&lt;")
    lower = html.lower()
    last = {tag: lower.rfind(end) for tag, end in _ENDS.items() if f"<{tag}" in lower}
    return _SILENT.sub(lambda m: m[0] if last[m[1].lower()] > m.start() else f"&lt;{m[0][1:]}", html)


def _indented(text: str, env: dict[str, Any]) -> str:
    """Indented lines: a list where they begin as one, a paragraph where they hold links, else code."""
    parts = _OURS.split(text)  # every second one is a tag of ours
    shown = "".join(part if i % 2 else escape(part) for i, part in enumerate(parts))
    lines = dedent(shown)
    if _ITEM.match(lines) and _INSIDE not in env:  # deeper lists would take the time of all their lines, each anew
        return str(_reader().render(lines, {_INSIDE: True}))
    return f"<p>{shown}</p>\n" if len(parts) > 1 else f"<pre><code>{shown}</code></pre>\n"
