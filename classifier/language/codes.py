"""Language codes: any usual way of writing one to the tag of this package (BCP 47, the usual script left out)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence

from classifier.errors import LanguageCodeError
from classifier.language import code_tables
from classifier.records import UNDETERMINED


def _pairs(table: str) -> dict[str, str]:
    return {key: value for key, _, value in (pair.partition(":") for pair in table.split())}


_TWO_LETTER = _pairs(code_tables.TWO_LETTER)
_SAME_AS = _pairs(code_tables.SAME_AS)
_USUAL_SCRIPT = {
    tag: script
    for script, *tags in (line.split() for line in code_tables.USUAL_SCRIPT.strip().splitlines())
    for tag in tags
}
NAMES = {
    tag: name
    for tag, _, name in (item.strip().partition(" ") for item in code_tables.NAMES.replace("\n", " ").split(";"))
}
# tag of a group that a short text may not tell apart, the languages in it
GROUPS = {"sh": ("bs", "hr", "sr-Latn"), "ms": ("id", "ms"), "no": ("nn", "no")}
_TRADITIONAL = frozenset({"TW", "HK", "MO"})  # regions that write Traditional Chinese
_EXTENDED = frozenset({"zh", "ar"})  # "zh-yue" is an old form of "yue" (BCP 47, section 2.2.2)
_OTHER_TAG = {"pa-Arab": "pnb", "ku-Arab": "ckb"}  # where another script is filed as another language


def canonical(code: str) -> str:
    """The tag for a code in any usual form: "tur", "TR", "tr_Latn", "tr-TR" all give "tr"; "zh-TW" gives "zh-Hant".

    An unknown code comes back tidied, not checked: see `check_codes`.
    """
    parts = re.split(r"[-_]", code.strip())
    if parts[0].lower() in _EXTENDED and len(parts) > 1 and len(parts[1]) == 3 and parts[1].isalpha():
        del parts[0]
    language = parts[0].lower()
    language = _TWO_LETTER.get(language, language)
    tag = _SAME_AS.get(language, language)
    language, _, script = tag.partition("-")
    for part in parts[1:]:
        if len(part) == 4 and part.isalpha():
            script = part.title()
        elif language == "zh" and not script and part.upper() in _TRADITIONAL:
            script = "Hant"
    usual = usual_script(language)
    if script in ("Hans", "Hani", usual) or (script == "Hant" and usual == "Hani" and language != "zh"):
        script = ""
    tag = f"{language}-{script}" if script else language
    return _OTHER_TAG.get(tag, tag)


def usual_script(language: str) -> str:
    """The script (ISO 15924) that a tag without one stands for: "Latn" where nothing else is known."""
    return _USUAL_SCRIPT.get(language, "Latn")


def script_of(tag: str) -> str:
    """The script of a tag: "Cyrl" for "sr", "Latn" for "sr-Latn", "Hani" for "zh" and "zh-Hant"."""
    language, _, script = tag.partition("-")
    return "Hani" if script in ("Hans", "Hant") else script or usual_script(language)


def name_of(tag: str) -> str:
    """The English name of a tag, or the tag itself where none is known: "Serbian (Latn)" for "sr-Latn"."""
    language, _, script = tag.partition("-")
    name = NAMES.get(language, language)
    return f"{name} ({script})" if script else name


def _near(code: str, known: Sequence[str]) -> list[str]:
    """Up to three known tags that the writer of `code` may have meant, by code or by English name."""
    names = {NAMES[tag].lower(): tag for tag in known if tag in NAMES}
    wanted = code.strip().lower()
    if wanted in names:
        return [names[wanted]]
    if len(wanted) > 3:
        hits = [names[name] for name in difflib.get_close_matches(wanted, list(names), n=3, cutoff=0.75)]
        if hits:
            return hits
    base = canonical(code).partition("-")[0]
    same = [tag for tag in known if tag.partition("-")[0] == base]
    return same[:3] or difflib.get_close_matches(wanted, list(known), n=3, cutoff=0.5)


def check_codes(codes: Iterable[str], known_tags: Sequence[str]) -> list[str]:
    """The canonical tags of `codes`, each once and in order; LanguageCodeError names the first unknown one."""
    tags: dict[str, None] = {}
    known = {*known_tags, UNDETERMINED}
    for code in codes:
        tag = canonical(code)
        if tag not in known:
            near = _near(code, sorted(known_tags))
            hint = f": did you mean {' or '.join(near)}?" if near else "."
            raise LanguageCodeError(
                f"unknown language code {code!r}{hint} Run `classifier models --languages` for the list"
            )
        tags[tag] = None
    return list(tags)


def script_less(code: str, known_tags: Sequence[str]) -> frozenset[str]:
    """The tag of a code, and where the code names no script, those of its language in every script.

    A region names the script of Chinese, not of other languages: Serbia writes both of its own.
    LanguageCodeError where it is unknown.
    """
    (tag,) = check_codes([code], known_tags)
    further = re.split(r"[-_]", code.strip())[1:]
    if any(len(part) == 4 and part.isalpha() for part in further) or (further and tag.startswith("zh")):
        return frozenset({tag})
    return frozenset({tag, *(other for other in known_tags if other.startswith(tag + "-"))})


def accepted(code: str, known_tags: Sequence[str]) -> frozenset[str]:
    """All tags that a filter on `code` should let through; LanguageCodeError where it is unknown.

    A code without a script takes all scripts of its language. The tag "sh", text that is surely Bosnian, Croatian or
    Serbian but may be any of them, goes with each of the three, and each of them with it.
    """
    found = set(script_less(code, known_tags))
    (tag,) = check_codes([code], known_tags)
    for group, members in GROUPS.items():
        if group not in members and group in known_tags:
            found.update(members if tag == group else [group] if found & set(members) else [])
    return frozenset(found & {*known_tags, UNDETERMINED})
