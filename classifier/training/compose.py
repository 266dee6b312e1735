"""Pages put together from labelled texts: an article in one language, furniture, a consent notice in another.

Scrapes where a notice was glued to an article as plain text are common, and collections of pages with known article
text hold few of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from classifier.matching import squash
from classifier.records import LABELS, Label
from classifier.titles import TITLE_BORDER
from classifier.training.examples import Example, base_language, join_blocks
from classifier.training.inserting import LONG_NOTICE, Labelled, dress, insert
from classifier.training.inside import Inside

Pool = Mapping[tuple[Label, str], Sequence[str]]

COMPOSED, GLUED, TRIMMED = "composed", "glued", "trimmed"  # sources of such pages
LEAST_ARTICLE = 3  # article texts of a language that make a page
_OWN_LANGUAGE = 0.4  # share of notices in the article's own language
_DIALOG = 0.25  # share of notices that are a whole dialog, if some are
_LEAST_DIALOG, _MOST_DIALOG = 6, 25  # blocks of it
_NO_NOTICE = 0.1  # share of pages without a notice
_QUOTED = 0.35  # share of pages whose article holds some of another language: what is foreign is not always a notice
_QUOTED_LAST = 0.5  # share of these where that stands last, as notices mostly do
_INSIDE, _MOST_INSIDE = 0.5, 5  # share of pages with short blocks put into the article, and their number
_ONLY_FURNITURE = 0.5  # share of those in markup where all of that is furniture: tags tell headings
_FOREIGN_FURNITURE = 0.2  # share of them whose furniture is in any language
_ARTICLE, _BOILERPLATE, _CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
_PLACES = ("end", "end", "end", "start", "middle", "late")


class Composer:
    """Draws pages from a pool of texts by label and language, and what stands `inside` articles.

    With `dialogs` some notices are whole dialogs: where pages are few, these would teach that all short lines are
    none of the article. The same seed gives the same pages.
    """

    def __init__(self, pool: Pool, inside: Inside, seed: int, dialogs: bool = True) -> None:
        self._rng = np.random.default_rng(seed)
        self._pool, self._inside = pool, inside
        self._dialogs = _DIALOG if dialogs else 0.0
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
        language = str(self._rng.choice(self._articles))
        article = [(t, _ARTICLE) for t in self._some(self._pool[Label.ARTICLE, language], LEAST_ARTICLE, 13)]
        if self._rng.random() < _QUOTED:
            inside = self._rng.random() >= _QUOTED_LAST
            place = int(self._rng.integers(len(article) + 1)) if inside else len(article)
            article[place:place] = [(t, _ARTICLE) for t in self._quotation()]
        own = self._pool.get((Label.BOILERPLATE, language))
        furniture = own if own and self._rng.random() >= _FOREIGN_FURNITURE else self._furniture
        around = [(t, _BOILERPLATE) for t in self._some(furniture, 0, 10)]
        only_furniture = markup and self._rng.random() < _ONLY_FURNITURE
        article = self._filled(article, language, (_BOILERPLATE,) if only_furniture else (_ARTICLE, _BOILERPLATE))
        cut = int(self._rng.integers(len(around) + 1))
        notice = [(t, _CONSENT) for t in self._notice(language)] if self._rng.random() >= _NO_NOTICE else []
        blocks = around[:cut] + article + around[cut:]
        if markup:
            page = _example(blocks, name, name, COMPOSED, language)
            dressed = dress(page, cut, cut + len(article), self._rng)
            return insert(dressed, notice, self._rng) if notice else dressed
        at = self._place(len(blocks), cut + len(article) // 2, cut + len(article))
        blocks[at:at] = notice
        return _example(blocks, name, name, COMPOSED, language)

    def glue(self, page: Example) -> Example:
        """A real page with a notice put into it, or now and then a quotation, which belongs to its article.

        Some furniture is put into the article too.
        """
        quoted = self._rng.random() < _QUOTED
        if quoted:
            texts = [(t, _ARTICLE) for t in self._quotation()]
        else:
            texts = [(t, _CONSENT) for t in self._notice(page.language)]
        if page.columns.markup is not None:
            glued = insert(page, texts, self._rng)
            for text in self._inserts(page.language, (_BOILERPLATE,)):
                glued = insert(glued, [text], self._rng)
            return replace(glued, id=f"{page.id}+notice", source=GLUED)
        blocks = self._filled(_labelled(page), page.language, (_BOILERPLATE,))
        rows = [i for i, (_, label) in enumerate(blocks) if label == _ARTICLE]
        middle = rows[len(rows) // 2] if rows else len(blocks) // 2
        after = rows[-1] + 1 if rows else len(blocks)
        at = int(self._rng.choice([middle, after])) if quoted else self._place(len(blocks), middle, after)
        blocks[at:at] = texts
        return _example(blocks, f"{page.id}+notice", page.group, GLUED, page.language)

    def trim(self, page: Example, title: str) -> Example:
        """A plain-text page from its title to the end of its article, see `trim`, with some furniture put into it."""
        short = trim(page, title)
        blocks = self._filled(_labelled(short), page.language, (_BOILERPLATE,))
        return _example(blocks, short.id, short.group, TRIMMED, short.language)

    def _filled(self, blocks: list[Labelled], language: str, labels: Sequence[int]) -> list[Labelled]:
        """The blocks, with some others of the language and one of these labels put between those of the article."""
        out = list(blocks)
        rows = [i for i, (_, label) in enumerate(blocks) if label == _ARTICLE]
        for text in self._inserts(language, labels) if len(rows) > 1 else ():
            out.insert(int(self._rng.integers(rows[0] + 1, rows[-1] + 1)), text)
        return out

    def _inserts(self, language: str, labels: Sequence[int]) -> list[Labelled]:
        """Some blocks of the language that stand inside articles, or none."""
        out: list[Labelled] = []
        if self._rng.random() < _INSIDE:
            for _ in range(int(self._rng.integers(1, _MOST_INSIDE + 1))):
                label = labels[int(self._rng.integers(len(labels)))]
                pools = self._inside.get((label, base_language(language)), ())
                if pools:
                    out += [(text, label) for text in self._some(pools[int(self._rng.integers(len(pools)))], 1, 1)]
        return out

    def _quotation(self) -> list[str]:
        """Article texts of any language."""
        return self._some(self._pool[Label.ARTICLE, str(self._rng.choice(self._articles))], 1, 5)

    def _notice(self, language: str) -> list[str]:
        """Sentences and buttons of a notice, in the given language or another."""
        other = str(self._rng.choice(self._notices))
        if language in self._notices and self._rng.random() < _OWN_LANGUAGE:
            other = language
        pool = self._pool[Label.CONSENT, other]
        if self._rng.random() < self._dialogs:
            return self._some(pool, _LEAST_DIALOG, _MOST_DIALOG)
        notice = self._some([t for t in pool if len(t) > LONG_NOTICE], 1, 5)
        short = [t for t in pool if len(t) <= LONG_NOTICE]
        return notice + (self._some(short, 0, 4) if short else [])

    def _place(self, end: int, middle: int, after: int) -> int:
        """Where a notice stands among the blocks of a plain text."""
        return {"end": end, "start": 0, "middle": middle, "late": after}[str(self._rng.choice(_PLACES))]

    def _some(self, texts: Sequence[str], least: int, most: int) -> list[str]:
        count = min(len(texts), int(self._rng.integers(least, most + 1)))
        return [" ".join(texts[i].split()) for i in self._rng.choice(len(texts), count, replace=False)]


def trim(page: Example, title: str) -> Example:
    """A plain-text page from its title to the end of its article, as people paste it; the title counts as article.

    Gold text mostly leaves the title out, and pages of other kinds hold more than the article, so without such copies a
    model would learn that a heading above an article never belongs to it.
    """
    rows = np.flatnonzero(page.labels == _ARTICLE)
    head = max(TITLE_BORDER.split(title), key=len).strip()
    above = [i for i in range(rows[0] + 1) if squash(page.columns.texts[i]) == squash(head)]
    first = above[-1] if above else rows[0]  # what stands between title and body, a byline say, comes along
    body = _labelled(page)[first : rows[-1] + 1]
    if above:
        body[0] = body[0][0], _ARTICLE
    elif head:
        body.insert(0, (head, _ARTICLE))
    return _example(body, f"{page.id}+trimmed", page.group, TRIMMED, page.language)


def _labelled(page: Example) -> list[Labelled]:
    return list(zip(page.columns.texts, page.labels.tolist(), strict=True))


def _example(blocks: Sequence[Labelled], name: str, group: str, source: str, language: str) -> Example:
    columns = join_blocks([" ".join(text.split()) for text, _ in blocks])
    labels = np.array([label for _, label in blocks], dtype=np.int8)
    return Example(name, columns, labels, group, source, language)
