"""What a tag of an HTML page means for splitting: read once for each distinct source, then looked up.

A tag's source is what stands between "<" and ">". Menus and lists repeat the same sources hundreds of times a page.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple

VALUE_LENGTH = 120  # characters of an attribute's value kept in a key
CACHED = 30_000  # distinct sources kept, under 10 MB
CACHED_LENGTH = 250  # characters of a source worth keeping: longer ones hardly repeat
HIDDEN_MARK = "\thidden"  # ends the key of an element that the page itself hides

# What to do at a tag: OPEN and END move in the tree, BLOCK ends the block before it; html.py tells the others apart.
OPEN, END, BLOCK, LINK, DROP, BREAK, RAW, FOREIGN = (1 << n for n in range(8))


class Tag(NamedTuple):
    """One tag: `flags` as above, the lower-case `name`, and for start tags the `key` that stands in Markup.keys.

    `firm` are the parents under which this start tag closes nothing by itself; None where it never does.
    """

    flags: int
    name: str
    key: str = ""
    firm: frozenset[str] | None = None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Elements that begin and end a block. Everything else is inline, unknown and custom elements too, as in browsers;
# button and label stand apart although browsers lay them out inline, because their words are no part of a sentence.
BLOCKS = _names(
    "address article aside blockquote body button caption center col colgroup dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html label legend li listing main"
    " menu nav ol optgroup option p pre search section summary table tbody td tfoot th thead tr ul"
)
VOIDS = _names("area base basefont bgsound col embed frame hr img input keygen link meta param source track wbr")
RAWS = _names("iframe noembed noframes noscript script style textarea title xmp")  # no tags inside
FOREIGNS = _names("svg math")
DROPPED = _names("audio canvas datalist object select template video")  # browsers show no text of theirs, or one line
LIST_ITEMS = _names("li dt dd")
CELLS = _names("td th")
ROW_GROUPS = _names("tbody thead tfoot caption colgroup")
TABLE_PARTS = CELLS | ROW_GROUPS | _names("tr table")
CLOSING_P = BLOCKS - TABLE_PARTS - _names("body button head html label legend option optgroup") | {"table"}
FIRM = BLOCKS - {"p"}
LISTS = _names("ul ol menu dir dl")
NAMED = ("class", "id", "role", "itemprop", "data-testid", "aria-label")

TEXT = Tag(0, "")
NAME = re.compile(r"/?[a-zA-Z][^\s/>]*")
ATTRIBUTE = re.compile(r"""[\s/]*+([^\s=/>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?""")
HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def _plain_tags() -> dict[str, Tag]:
    """The start tags whose attributes do not matter."""
    plain = {name: Tag(BLOCK if name in BLOCKS else 0, name) for name in VOIDS}
    plain |= {name: Tag(RAW, name) for name in RAWS}
    plain |= {name: Tag(FOREIGN, name) for name in FOREIGNS}
    return plain | {"br": Tag(BREAK, "br"), "/br": Tag(BREAK, "br"), "html": Tag(BLOCK, "html")}


PLAIN = _plain_tags()
_tags: dict[str, Tag] = {}
known_tag = _tags.get


def read_tag(source: str, name: str) -> Tag:
    """Read the source of one whole tag, such as 'div class="x"' or '/p'; `name` is its beginning, as NAME finds it."""
    tag = PLAIN.get(name) or PLAIN.get(name.lower())
    if tag is not None:
        return tag if not tag.flags & FOREIGN or not source.endswith("/") else TEXT
    if name[0] == "/":
        tag = _end_tag(name[1:].lower())
    else:
        head, found, rest = source.partition(' href="')
        if found:  # links differ in their address only: without it, the answer is mostly there already
            source = f'{head} href=""{rest.partition(chr(34))[2]}'
            tag = known_tag(source)
            if tag is not None:
                return tag
        tag = _start_tag(source, name.lower())
    if len(_tags) >= CACHED:
        _tags.clear()
    if len(source) <= CACHED_LENGTH:
        _tags[source] = tag
    return tag


def _end_tag(name: str) -> Tag:
    if name in ("html", "body"):  # browsers put what follows into the body
        return Tag(BLOCK, name)
    return Tag(END | (BLOCK if name in BLOCKS else LINK if name == "a" else 0), name)


def _start_tag(source: str, name: str) -> Tag:
    values: dict[str, str] = {}
    for attribute, double, single, bare in ATTRIBUTE.findall(source, len(name)):
        values.setdefault(attribute.lower(), double or single or bare)
    flags = OPEN
    if name in BLOCKS:
        flags |= BLOCK
    elif name in DROPPED:
        flags |= DROP
    elif name == "a" and "href" in values:
        flags |= LINK
    key = name + "".join(f"\t{k}={_value(values[k])}" for k in NAMED if values.get(k))
    if "hidden" in values or ("style" in values and HIDING.search(values["style"])):
        key += HIDDEN_MARK
    return Tag(flags, name, key, _firm_parents(name))


def _value(value: str) -> str:
    value = " ".join(value[: 2 * VALUE_LENGTH].lower().split())
    return (unescape(value) if "&" in value else value)[:VALUE_LENGTH]


def _firm_parents(name: str) -> frozenset[str] | None:
    if name in LIST_ITEMS:
        return LISTS
    if name in TABLE_PARTS and name != "table":
        return frozenset(("table",)) if name in ROW_GROUPS else ROW_GROUPS | {"tr" if name in CELLS else "table"}
    return FIRM if name in CLOSING_P else None
