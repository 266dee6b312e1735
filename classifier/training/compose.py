"""Pages put together from labelled texts: an article in one language, furniture, a consent notice in another.

Scrapes where a notice was glued to an article as plain text are common, and collections of pages with known article
text hold few of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from classifier.matching import squash
from classifier.records import LABELS, Label
from classifier.training.examples import Example, join_blocks

Pool = Mapping[tuple[Label, str], Sequence[str]]
Labelled = tuple[str, int]  # a block's text and its label: an index into LABELS, or UNKNOWN

LONG_NOTICE = 60  # characters from which a consent text is a sentence rather than a button
LEAST_ARTICLE = 3  # article texts of a language that make a page
_OWN_LANGUAGE = 0.4  # share of notices in the article's own language
_NO_NOTICE = 0.1  # share of pages without a notice
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

    def page(self, name: str) -> Example:
        """A page of article, furniture and (mostly) a notice."""
        language = str(self._dice.choice(self._articles))
        article = [(t, _ARTICLE) for t in self._some(self._pool[Label.ARTICLE, language], LEAST_ARTICLE, 13)]
        furniture = self._pool.get((Label.BOILERPLATE, language)) or self._furniture
        around = [(t, _BOILERPLATE) for t in self._some(furniture, 0, 10)]
        cut = int(self._dice.integers(len(around) + 1))
        blocks = around[:cut] + article + around[cut:]
        if self._dice.random() >= _NO_NOTICE:
            blocks = self._with_notice(blocks, language, cut + len(article) // 2, cut + len(article))
        return _example(blocks, name, name, "composed", language)

    def glue(self, page: Example) -> Example:
        """A real plain-text page with a notice put into it."""
        blocks = list(zip(page.columns.texts, page.labels.tolist(), strict=True))
        rows = np.flatnonzero(page.labels == _ARTICLE)
        middle = int(rows[len(rows) // 2]) if len(rows) else len(blocks) // 2
        after = int(rows[-1]) + 1 if len(rows) else len(blocks)
        placed = self._with_notice(blocks, page.language, middle, after)
        return _example(placed, f"{page.id}+notice", page.group, "glued", page.language)

    def _with_notice(self, blocks: list[Labelled], language: str, middle: int, after: int) -> list[Labelled]:
        other = str(self._dice.choice(self._notices))
        if language in self._notices and self._dice.random() < _OWN_LANGUAGE:
            other = language
        pool = self._pool[Label.CONSENT, other]
        notice = self._some([t for t in pool if len(t) > LONG_NOTICE], 1, 5)
        short = [t for t in pool if len(t) <= LONG_NOTICE]
        notice += self._some(short, 0, 4) if short else []
        place = str(self._dice.choice(_PLACES))
        at = {"end": len(blocks), "start": 0, "middle": middle, "late": after}[place]
        return blocks[:at] + [(t, _CONSENT) for t in notice] + blocks[at:]

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
    return _example(body, f"{page.id}+trimmed", page.group, "trimmed", page.language)


def _example(blocks: Sequence[Labelled], name: str, group: str, source: str, language: str) -> Example:
    columns = join_blocks([" ".join(text.split()) for text, _ in blocks])
    labels = np.array([label for _, label in blocks], dtype=np.int8)
    return Example(name, columns, labels, group, source, language)
