"""Pages put together from labelled texts: an article in one language, furniture, a consent notice in another.

Scrapes where a notice was glued to an article as plain text are common, and collections of pages with known article
text hold few of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from classifier.matching import squash
from classifier.records import LABELS, Label
from classifier.training.examples import Example, join_blocks
from classifier.training.inserting import LONG_NOTICE, Labelled, dress, insert

Pool = Mapping[tuple[Label, str], Sequence[str]]

COMPOSED, GLUED, TRIMMED = "composed", "glued", "trimmed"  # sources of such pages
LEAST_ARTICLE = 3  # article texts of a language that make a page
_OWN_LANGUAGE = 0.4  # share of notices in the article's own language
_NO_NOTICE = 0.1  # share of pages without a notice
_QUOTED = 0.35  # share of pages whose article holds some of another language: what is foreign is not always a notice
_QUOTED_LAST = 0.5  # share of these where that stands last, as notices mostly do
_FOREIGN_FURNITURE = 0.2  # share of them whose furniture is in any language
_ARTICLE, _BOILERPLATE, _CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
_TITLE_BORDER = re.compile(r"\s[|\-–—·•»:]+\s")  # between a page's title and its site's name
_PLACES = ("end", "end", "end", "start", "middle", "late")


class Composer:
    """Draws pages from a pool of texts by label and language; the same seed gives the same pages."""

    def __init__(self, pool: Pool, seed: int) -> None:
        self._dice = np.random.default_rng(seed)
        self._pool = pool
        self._articles = sorted(
            lang for label, lang in pool if label is Label.ARTICLE and len(pool[label, lang]) >= LEAST_ARTICLE
        )
        self._furniture = [t for (label, _), texts in sorted(pool.items()) if label is Label.BOILERPLATE for t in texts]
        self._notices = sorted(
            lang
            for label, lang in pool
            if label is Label.CONSENT and any(len(t) > LONG_NOTICE for t in pool[label, lang])
        )

    def possible(self) -> bool:
        """Whether the pool holds enough to compose a page."""
        return bool(self._articles and self._furniture and self._notices)

    def page(self, name: str, markup: bool = False) -> Example:
        """A page of article, furniture and (mostly) a notice, with simple markup or as plain text."""
        language = str(self._dice.choice(self._articles))
        article = [(t, _ARTICLE) for t in self._some(self._pool[Label.ARTICLE, language], LEAST_ARTICLE, 13)]
        if self._dice.random() < _QUOTED:
            inside = self._dice.random() >= _QUOTED_LAST
            place = int(self._dice.integers(len(article) + 1)) if inside else len(article)
            article[place:place] = [(t, _ARTICLE) for t in self._quotation()]
        own = self._pool.get((Label.BOILERPLATE, language))
        furniture = own if own and self._dice.random() >= _FOREIGN_FURNITURE else self._furniture
        around = [(t, _BOILERPLATE) for t in self._some(furniture, 0, 10)]
        cut = int(self._dice.integers(len(around) + 1))
        notice = [(t, _CONSENT) for t in self._notice(language)] if self._dice.random() >= _NO_NOTICE else []
        blocks = around[:cut] + article + around[cut:]
        if markup:
            page = _example(blocks, name, name, COMPOSED, language)
            dressed = dress(page, cut, cut + len(article), self._dice)
            return insert(dressed, notice, self._dice) if notice else dressed
        at = self._place(len(blocks), cut + len(article) // 2, cut + len(article))
        blocks[at:at] = notice
        return _example(blocks, name, name, COMPOSED, language)

    def glue(self, page: Example) -> Example:
        """A real page with a notice put into it, or now and then a quotation, which belongs to its article."""
        rows = np.flatnonzero(page.labels == _ARTICLE)
        quoted = self._dice.random() < _QUOTED
        if quoted:
            texts = [(t, _ARTICLE) for t in self._quotation()]
        else:
            texts = [(t, _CONSENT) for t in self._notice(page.language)]
        if page.columns.markup is not None:
            return replace(insert(page, texts, self._dice), id=f"{page.id}+notice", source=GLUED)
        middle = int(rows[len(rows) // 2]) if len(rows) else len(page.labels) // 2
        after = int(rows[-1]) + 1 if len(rows) else len(page.labels)
        at = int(self._dice.choice([middle, after])) if quoted else self._place(len(page.labels), middle, after)
        blocks = list(zip(page.columns.texts, page.labels.tolist(), strict=True))
        return _example(blocks[:at] + texts + blocks[at:], f"{page.id}+notice", page.group, GLUED, page.language)

    def _quotation(self) -> list[str]:
        """Article texts of any language."""
        return self._some(self._pool[Label.ARTICLE, str(self._dice.choice(self._articles))], 1, 5)

    def _notice(self, language: str) -> list[str]:
        """Sentences and buttons of a notice, in the given language or another."""
        other = str(self._dice.choice(self._notices))
        if language in self._notices and self._dice.random() < _OWN_LANGUAGE:
            other = language
        pool = self._pool[Label.CONSENT, other]
        notice = self._some([t for t in pool if len(t) > LONG_NOTICE], 1, 5)
        short = [t for t in pool if len(t) <= LONG_NOTICE]
        return notice + (self._some(short, 0, 4) if short else [])

    def _place(self, end: int, middle: int, after: int) -> int:
        """Where a notice stands among the blocks of a plain text."""
        return {"end": end, "start": 0, "middle": middle, "late": after}[str(self._dice.choice(_PLACES))]

    def _some(self, texts: Sequence[str], least: int, most: int) -> list[str]:
        count = min(len(texts), int(self._dice.integers(least, most + 1)))
        return [" ".join(texts[i].split()) for i in self._dice.choice(len(texts), count, replace=False)]


def trim(page: Example, title: str) -> Example:
    """A plain-text page from its title to the end of its article, as people paste it; the title counts as article.

    Gold text mostly leaves the title out, and pages of other kinds hold more than the article, so without such copies a
    model would learn that a heading above an article never belongs to it.
    """
    rows = np.flatnonzero(page.labels == _ARTICLE)
    head = max(_TITLE_BORDER.split(title), key=len).strip()
    above = [i for i in range(rows[0] + 1) if squash(page.columns.texts[i]) == squash(head)]
    first = above[-1] if above else rows[0]  # what stands between title and body, a byline say, comes along
    body = list(zip(page.columns.texts, page.labels.tolist(), strict=True))[first : rows[-1] + 1]
    if above:
        body[0] = body[0][0], _ARTICLE
    elif head:
        body.insert(0, (head, _ARTICLE))
    return _example(body, f"{page.id}+trimmed", page.group, TRIMMED, page.language)


def _example(blocks: Sequence[Labelled], name: str, group: str, source: str, language: str) -> Example:
    columns = join_blocks([" ".join(text.split()) for text, _ in blocks])
    labels = np.array([label for _, label in blocks], dtype=np.int8)
    return Example(name, columns, labels, group, source, language)
