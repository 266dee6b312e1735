"""HTML to blocks: the text between block-level boundaries, with the chain of elements around each."""

from __future__ import annotations

from classifier.blocks.columns import BlockColumns, Markup

NAMED = frozenset(("class", "id", "role", "itemprop", "data-testid", "aria-label"))
VALUE_LENGTH = 120  # characters of an attribute value kept in a key
DEPTH = 500  # elements nested deeper are not recorded; browsers cut at 512
SKIPPED = frozenset("script style noscript template svg iframe object math canvas video audio textarea select datalist".split())
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark meter output picture q br"
    " ruby rb rp rt s samp small source span strike strong sub sup time tt u var wbr embed link meta".split()
)
CLOSES = {
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "tr": ("tr", "td", "th"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "option": ("option",),
}


def split_html(html: str) -> BlockColumns:
    """Split an HTML page into blocks; the text of the result is the blocks joined by a blank line."""
    from turbohtml import tokenize

    parents, tags, blocks, links, texts = [-1], [0], [], [], []
    ids = {"html": 0}
    stack, names = [0], ["html"]
    parts: list[str] = []
    low = least = holder = linked = 0
    in_link = False
    skip, depth, title, in_head = "", 0, "", False

    def flush() -> None:
        nonlocal linked
        text = " ".join("".join(parts).split())
        parts.clear()
        if text:
            texts.append(text)
            blocks.append(holder)
            links.append(min(linked, len(text)))
        linked = 0

    for token in tokenize(html):
        kind = token.type
        if kind == 1:
            name = token.tag
            if skip:
                depth += name == skip
                continue
            if name in ("html", "body"):
                in_head = False
                continue
            if name == "head":
                in_head = True
                continue
            if name in SKIPPED or name == "title":
                if not token.self_closing:
                    skip, depth = name, 1
                continue
            if name not in INLINE:
                if parts:
                    flush()
                for closing in CLOSES.get(name, ()):
                    while closing in names[-3:]:
                        stack.pop()
                        names.pop()
            if name == "br" and parts:
                parts.append("\n")
            if name == "a":
                in_link = True
            if name in VOID or len(stack) >= DEPTH:
                continue
            key = name
            for k, v in token.attrs:
                if k in NAMED:
                    key += f"\t{k}={v[:VALUE_LENGTH].lower()}"
            stack.append(len(parents))
            names.append(name)
            parents.append(stack[-2])
            tags.append(ids.setdefault(key, len(ids)))
        elif kind == 2:
            name = token.tag
            if skip:
                if name == skip:
                    depth -= 1
                    if not depth:
                        skip = ""
                continue
            if name == "head":
                in_head = False
                continue
            if name not in INLINE and parts:
                flush()
            if name == "a":
                in_link = False
            if name in names and name != "html":
                while names.pop() != name:
                    stack.pop()
                stack.pop()
                if len(stack) < least:
                    least = len(stack)
        elif kind == 0:
            data = token.data or ""
            if skip:
                if skip == "title" and not title:
                    title = " ".join(data.split())
                continue
            if in_head:
                continue
            if not data.isspace():
                low = least = len(stack) if not parts or not low else min(low, least)
                holder, least = stack[low - 1], len(stack)
                if in_link:
                    linked += len(" ".join(data.split()))
                parts.append(data)
            elif parts:
                parts.append(" ")
    flush()
    return _columns(texts, Markup(parents, tags, list(ids), blocks, links, title))


def _columns(texts: list[str], markup: Markup) -> BlockColumns:
    starts, ends, at = [], [], 0
    for text in texts:
        starts.append(at)
        ends.append(at + len(text))
        at += len(text) + 2
    return BlockColumns("\n\n".join(texts), starts, ends, texts, markup)
