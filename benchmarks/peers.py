"""Public extractors to compare with: each a function from HTML to text, made when asked for so that its import is not
timed. One that is not installed is left out.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

Extract = Callable[[str], str | None]


def trafilatura() -> Extract:
    """Its defaults, without comments."""
    import trafilatura as module

    return lambda html: module.extract(html, include_comments=False)


def trafilatura_fast() -> Extract:
    """Without its fallback extractors."""
    import trafilatura as module

    return lambda html: module.extract(html, include_comments=False, fast=True)


def resiliparse() -> Extract:
    """Its main-content rule."""
    from resiliparse.extract.html2text import extract_plain_text

    return lambda html: extract_plain_text(html, main_content=True)


def justext() -> Extract:
    """With the stop words of all its languages."""
    import justext as module

    words = frozenset(word for name in module.get_stoplists() for word in module.get_stoplist(name))
    return lambda html: "\n".join(p.text for p in module.justext(html, words) if not p.is_boilerplate)


def readability() -> Extract:
    """readability-lxml: the summary, as HTML."""
    from readability import Document

    return lambda html: Document(html).summary()


PEERS = (trafilatura, trafilatura_fast, resiliparse, justext, readability)


def installed() -> dict[str, Extract]:
    """Every peer that can be imported here, by name."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    found: dict[str, Extract] = {}
    for make in PEERS:
        try:
            found[make.__name__] = make()
        except ImportError:
            print(f"{make.__name__}: not installed, left out")
    return found
