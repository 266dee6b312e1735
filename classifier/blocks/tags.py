"""What a tag of an HTML page means for splitting: read once for each distinct source, then looked up.

A tag's source is what stands between "<" and ">". Menus and lists repeat the same sources hundreds of times a page.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TypeAlias

VALUE_LENGTH = 120  # characters of an attribute's value kept in a key
CACHED = 4_000  # distinct sources kept: those that come again, and few enough to stay in the processor's cache
CACHED_LENGTH = 250  # characters of a source worth keeping: longer ones hardly repeat
HEAD_LENGTH = 60  # the same for what stands before a value
PLAIN_LENGTH = 12  # the same for tags like <br/> and <img>, which take less to read than to keep
QUOTE = '"'
XML = "<?xml"  # a page that begins so is written as XML, where a tag may open and close an element at once

# What a tag that neither opens nor closes an element does: a new line, or content to skip.
BREAK, RAW, FOREIGN = 1, 2, 4
# What holds for everything inside an element.
LINK, DROP, PRE, HIDE = 1, 2, 4, 8


# What a tag means. A bare tuple, the quickest to unpack.
Tag: TypeAlias = tuple[
    bool,  # it opens an element
    bool,  # it closes one
    bool,  # it ends the block before it
    int,  # the flags above
    str,  # its name in lower case, that of an end tag without "/"
    frozenset[str] | None,  # of a start tag: parents under which it closes nothing by itself; None: it never does
    str,  # of a start tag: what stands for it in Markup.keys
]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Elements that begin and end a block. Everything else is inline, unknown and custom elements too, as in browsers;
# button and label stand apart although browsers lay them out inline, because their words are no part of a sentence.
BLOCKS = _names(
    "address article aside blockquote body button caption center col colgroup dd details dialog dir div dl dt fieldset"
    " figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html label legend li listing main"
    " menu nav ol optgroup option p plaintext pre search section summary table tbody td tfoot th thead tr ul xmp"
)
INLINE = _names("b bdi bdo big cite code del em font i ins mark nobr q s small span strike strong sub sup time tt u")
VOIDS = _names("area base basefont bgsound col embed frame hr img input keygen link meta param source track wbr")
RAWS = _names("iframe noembed noframes noscript script style textarea title")  # no tags inside
FOREIGNS = _names("svg math")
DROPPED = _names("audio canvas datalist object select template video")  # browsers show no text of theirs, or one line
LIST_ITEMS = _names("li dt dd")
CELLS = _names("td th")
ROW_GROUPS = _names("tbody thead tfoot caption colgroup")
TABLE_PARTS = CELLS | ROW_GROUPS | _names("tr table")
CLOSING_P = BLOCKS - TABLE_PARTS - _names("body button head html label legend option optgroup") | {"table"}
FIRM = BLOCKS - {"p"}
LISTS = _names("ul ol menu dir dl")
NAMED = _names("class id role itemprop data-testid aria-label")
SHADOW = "shadowrootmode"  # a <template> with it is not kept for scripts but shown, as the inside of its parent
READ = NAMED | {"hidden", "style", "href", SHADOW}

TEXT: Tag = (False, False, False, 0, "", None, "")
NAME = re.compile(r"/?[a-zA-Z][^\s/>]*+")
ATTRIBUTE = re.compile(r"""[\s/]*+([^\s=/>]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?""")
# what stands before a quoted value, in tags written as most are
PLAIN_HEAD = re.compile(r"""[\s/]*+([^\s=/>"']++)=""")
HIDING = re.compile(r"display\s*:\s*none|(?<!backface-)visibility\s*:\s*hidden")


def _plain_tags() -> dict[str, Tag]:
    """The tags whose attributes do not matter; <html>, <head> and their ends make no element here."""
    flags = dict.fromkeys(VOIDS | {"html", "/html", "/body", "head", "/head"}, 0)
    flags |= dict.fromkeys(RAWS, RAW) | dict.fromkeys(FOREIGNS, FOREIGN) | {"br": BREAK, "/br": BREAK}
    return {name: (False, False, name in BLOCKS, flag, name, None, "") for name, flag in flags.items()}


def _firm_parents() -> dict[str, frozenset[str]]:
    firm = dict.fromkeys(CLOSING_P, FIRM) | dict.fromkeys(LIST_ITEMS, LISTS)
    firm["a"] = (BLOCKS | INLINE) - {"a"}
    firm |= dict.fromkeys(CELLS, ROW_GROUPS | {"tr"}) | dict.fromkeys(ROW_GROUPS, frozenset(("table",)))
    return firm | {"tr": ROW_GROUPS | {"table"}}


PLAIN = _plain_tags()
FIRM_PARENTS = _firm_parents()
NAMES = PLAIN.keys() | BLOCKS | INLINE | {"a"}  # those that NAME need not look for
# elements whose text keeps its columns; browsers show the tags inside the last two, here only their text
PRES = _names("pre listing plaintext xmp")
FLAGS = dict.fromkeys(DROPPED, DROP) | dict.fromkeys(PRES, PRE)
_tags: dict[str, Tag] = {}
known_tag = _tags.get
_heads: dict[str, str] = {}
_known_head = _heads.get


def read_tag(source: str, name: str, keep: bool) -> Tag:
    """Read the source of one whole tag, such as 'div class="x"' or '/p'; `name` is its beginning in lower case.

    A link's source comes without its address. `keep` it for `known_tag` only where the source has all quotes in pairs:
    the same characters up to ">" may otherwise be a part of a longer tag.
    """
    tag, length = PLAIN.get(name), PLAIN_LENGTH
    if tag is None:
        tag, length = _end_tag(name[1:]) if name[0] == "/" else _start_tag(source, name), CACHED_LENGTH
    elif tag[3] & (RAW | FOREIGN):  # what follows must be skipped each time
        return TEXT if tag[3] == FOREIGN and source[-1] == "/" else tag
    if keep and len(source) <= length:
        if len(_tags) >= CACHED:
            _tags.clear()
        _tags[source] = tag
    return tag


def without_address(source: str) -> str:
    """A link's source with an empty address: links of a page differ in little else, so the answer is often known."""
    head, found, rest = source.partition(' href="')
    address, end, tail = rest.partition(QUOTE)
    return f'{head} href=""{tail}' if found and end and "'" not in address else source


def _end_tag(name: str) -> Tag:
    return False, True, name in BLOCKS, 0, name, None, ""


def _start_tag(source: str, name: str) -> Tag:
    """Read a start tag: the quick way where all its values stand in double quotes, as in most tags."""
    parts = source[len(name) :].split(QUOTE)
    if not len(parts) & 1 or parts.pop().strip(" /\n\t") or not name.isascii():
        return _any_start_tag(source, name)
    flags, key = FLAGS.get(name, 0), name
    pairs = iter(parts)
    for head in pairs:
        value = next(pairs)
        role = _known_head(head)
        if role is None:
            role = _read_head(head)
        if not role:
            continue
        if role[0] == "\t":
            if value:
                key += role + tidy(value.lower())
        elif role == "href":
            flags |= LINK if name == "a" else 0
        elif role == SHADOW:
            if name == "template":
                flags &= ~DROP
        elif role == "odd":
            return _any_start_tag(source, name)
        elif _hides(name, role, value.lower()):
            flags |= HIDE
    return True, False, name in BLOCKS, flags, name, FIRM_PARENTS.get(name), key + "\thidden" if flags & HIDE else key


def _any_start_tag(source: str, name: str) -> Tag:
    """Read a start tag however it is written."""
    flags, key = FLAGS.get(name, 0), name
    for attribute, double, single, bare in ATTRIBUTE.findall(source.lower(), len(name)):
        value = double or single or bare
        if attribute in NAMED:
            if value:
                key += f"\t{attribute}={tidy(value)}"
        elif attribute == "href":
            flags |= LINK if name == "a" else 0
        elif attribute == SHADOW:
            if name == "template":
                flags &= ~DROP
        elif attribute in READ and _hides(name, attribute, value):
            flags |= HIDE
    return True, False, name in BLOCKS, flags, name, FIRM_PARENTS.get(name), key + "\thidden" if flags & HIDE else key


def _hides(name: str, attribute: str, value: str) -> bool:
    """Whether `hidden` or `style` hides an element; scripts show a hidden <body>."""
    return name != "body" and (attribute == "hidden" or HIDING.search(value) is not None)


def _read_head(head: str) -> str:
    """What a value stands for by what stands before it, such as ' class=': the beginning of its part of the key, the
    attribute's name, "" for one that is not read, "odd" where ATTRIBUTE must read the tag."""
    found = PLAIN_HEAD.fullmatch(head) if len(head) <= HEAD_LENGTH else None
    name = found[1].lower() if found else "odd"
    role = f"\t{name}=" if name in NAMED else name if name in READ or not found else ""
    if len(_heads) >= CACHED:
        _heads.clear()
    if len(head) <= HEAD_LENGTH:
        _heads[head] = role
    return role


def tidy(value: str) -> str:
    if "&" in value:
        value = unescape(value)
    if not value.isprintable():
        value = " ".join(value.split())
    return value[:VALUE_LENGTH]
