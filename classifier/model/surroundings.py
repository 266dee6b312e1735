"""What surrounds a block: scores of its neighbours, of windows, of the best run, and of the elements that hold it."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from classifier.model import cohesion
from classifier.model.batch import Batch
from classifier.model.elements import Forest
from classifier.model.markup import TAG_GROUPS, group, with_name
from classifier.model.ngrams import Ints
from classifier.model.series import Doubles, Floats, Series, groups_of, log
from classifier.settings import PURE_PYTHON

NEIGHBOURS = (-4, -3, -2, -1, 1, 2, 3, 4)
NEAR = (-2, -1, 1, 2)  # neighbours of which less is worth knowing
WINDOWS = (2, 5, 10, 25)  # blocks on each side
WORDED_WINDOWS, WORDED_LEVELS = (2, 5, 10), (1, 2, 3, 4)  # those in which what the words alone say is looked at
LEVELS = 6  # ancestors looked at
TAG_LEVELS = 3  # ancestors whose tags are looked at
NONE = -0.2  # stands for the score of a block or element that is not there
_TERM_WINDOWS, _WINDOWED_TERMS = (2, 5), ("terms in article", "rare terms in sure blocks")
TERM_NAMES = *cohesion.NAMES, *(f"{what} within {reach}" for what in _WINDOWED_TERMS for reach in _TERM_WINDOWS)
_SURE = 0.7  # article probability from which a block marks the extent of the article
_LONG = 80  # characters from which it does so
_MAIN_SHARE = 0.65  # share of the page's article mass that its main container holds
_GAIN = 0.4  # article probability at which a block neither helps nor hurts a run
_TITLE_SIZES = (8, 300)  # characters of blocks that are compared with the page's title
_TITLE_LEAST = 15  # characters of a title that may be looked for in a block
_TITLE_MOST = 1000  # characters of a title in which blocks are looked for, so that a hostile one takes no time
_TINY = 1e-3  # instead of division by 0

_KINDS = [tags.split()[0] for tags in TAG_GROUPS] + ["other"]  # of elements, by tag
NamedColumns = dict[str, NDArray[np.generic]]  # by name, (N,) each


@lru_cache(maxsize=1)
def context_names() -> list[str]:
    """Names of the columns that `Surroundings` gives, in the order of the inputs."""
    names = []
    for what, places in (("article", NEIGHBOURS), ("consent", NEAR), ("length", NEIGHBOURS), ("heading", NEAR),
                         ("links", NEAR)):  # fmt: skip
        names += [f"{what} {by:+d}" for by in places]
    for what in ("article", "other", "consent"):
        names += [f"{what} within {reach}" for reach in WINDOWS]
    names += ["best run", "article before", "article after", "blocks to first sure", "blocks to last sure", "position",
              "place", "page article", "page text", "page consent", "page blocks", "page links", "page sure",
              "copies"]  # fmt: skip
    for level in range(LEVELS):
        names += [f"share of article, level {level}", f"article part, level {level}", f"text, level {level}"]
    names += ["in main", "levels below main", "branch share", "branch part", "branch text", "alike article",
              "alike count", "alike consent", "consent part, level 2", "consent part, level 4", "title",
              "notice names", "notice text", "notice share", "notice article", "notice consent",
              "language share", "language count", "language article", "language consent"]  # fmt: skip
    names += [f"{part} article {by:+d}" for part in ("text", "markup") for by in NEAR]
    names += [f"text article within {reach}" for reach in WORDED_WINDOWS]
    names += [f"text article, level {level}" for level in WORDED_LEVELS] + ["alike text article", "page text article"]
    names += TERM_NAMES
    names += [f"tag {name}" for name in _KINDS] + ["tag none"]
    return names + [f"page tag {name}" for name in _KINDS]


class Surroundings:
    """The surroundings of the N blocks of a batch, as columns for the second stage: `fixed`, `worded` and `scored`.

    Only `worded` and `scored` need scores of the first stage; what all three need is found once, when this is made.
    `lengths` (N,) are characters of the blocks, `languages` (N,) numbers of their languages, -1 where unknown; `names`
    are those of elements that ask for consent.
    """

    def __init__(self, batch: Batch, lengths: Floats, languages: Ints, names: tuple[str, ...] = ()) -> None:
        self._batch, self._lengths = batch, lengths
        self._weight = np.sqrt(lengths.astype(np.float32))  # of a block in sums and means
        self.series = Series(batch.bounds, batch.page)
        self._forest = Forest(batch.parents)
        self._keys = np.append(batch.element_key, -1)
        chain = [np.where(batch.element < 0, self._forest.size, batch.element)]
        for _ in range(LEVELS - 1):
            chain.append(self._forest.up[chain[-1]])
        self._chain = chain  # elements of each block by level, the own one first
        pages = np.zeros(self._forest.size + 1, dtype=np.int64)
        pages[chain[0]] = batch.page
        self._element_page = self._forest.inherit(pages)
        self._text = self._held(self._weight)
        self._alike, _ = groups_of(batch.page, self._keys[chain[0]], self._keys[chain[1]])
        self._alike_text = np.maximum(np.bincount(self._alike, weights=self._weight), _TINY)
        self._weights = self.series.cumulate(self._weight)
        self._page_text = np.maximum(self.series.whole(self._weights), _TINY)[batch.page]
        self._notice_names, self._notice = self._notices(names)
        self._language, self._language_sizes = groups_of(batch.page, languages)
        self._language_text = np.maximum(np.bincount(self._language, weights=self._weight), _TINY)
        self._unknown = languages < 0
        self._terms, self._title_terms = terms_of(batch.texts), terms_of(batch.titles)

    def _mean_within(self, sums: Doubles, reach: int) -> Floats:
        """Mean over the blocks at most `reach` away, given the cumulated sums (N + 1,) of weighted values: (N,)."""
        total, weight = (self.series.window(values, reach) for values in (sums, self._weights))
        return np.asarray(total / np.maximum(weight, _TINY), np.float32)

    def _held(self, values: Floats) -> Doubles:
        """Sum over the blocks that each element holds: (E + 1,)."""
        own = np.bincount(self._chain[0], weights=values, minlength=self._forest.size + 1)
        own[-1] = 0.0
        return self._forest.downward(own)

    def _notices(self, names: tuple[str, ...]) -> tuple[Ints, Ints]:
        """How many elements around each block have names of a notice, and the outermost of them: (N,) each."""
        named = np.append(with_name(self._batch.keys, names), False)
        around = self._forest.upward(named[self._keys].astype(np.int64))
        outermost = np.where(around > 0, self._forest.topmost(around > 0), self._forest.size)
        return around[self._chain[0]], outermost[self._chain[0]]

    def fixed(self) -> NamedColumns:
        """The columns that no score changes, by name."""
        batch, series, chain = self._batch, self.series, self._chain
        by_key = np.fromiter(map(group, [*batch.keys, ""]), dtype=np.int64, count=len(batch.keys) + 1)
        kinds = by_key[self._keys]  # by element; the last, "none", is of no group
        found: NamedColumns = {}
        heading = np.isin(kinds, (1, 2, 3))[chain[0]].astype(np.float32)
        for what, values, places in (("length", log(self._lengths), NEIGHBOURS), ("heading", heading, NEAR),
                                     ("links", batch.links, NEAR)):  # fmt: skip
            found |= {f"{what} {by:+d}": series.shift(values, by, 0.0) for by in places}
        count = np.diff(batch.bounds)
        links = series.whole(series.cumulate(batch.links)) / np.maximum(count, 1)
        copies, sizes = groups_of(batch.page, batch.which)
        alike = np.where(batch.element < 0, 0.0, log(np.bincount(self._alike))[self._alike])
        text = log(self._text)
        return found | {
            "position": series.place / np.maximum(count, 1)[batch.page], "place": log(series.place),
            "page text": log(self._page_text),
            "page blocks": log(count)[batch.page], "page links": links[batch.page], "copies": log(sizes[copies]),
            "notice names": log(self._notice_names), "notice text": text[self._notice],
            "notice share": self._text[self._notice] / self._page_text,
            "language share": np.where(self._unknown, 0.0, self._language_text[self._language] / self._page_text),
            "language count": np.where(self._unknown, 0.0, log(self._language_sizes)[self._language]),
            "alike count": alike, "title": _titles(batch, self._lengths),
            **{f"text, level {level}": text[element] for level, element in enumerate(chain)}, **self._tags(kinds),
            **self._page_tags(kinds),
        }  # fmt: skip

    def _tags(self, kinds: Ints) -> NamedColumns:
        """Whether a block's element, or one of the two around it, is of each tag group."""
        names = [f"tag {name}" for name in _KINDS]
        found = np.zeros((len(names), self._batch.size), dtype=bool)
        for element in self._chain[:TAG_LEVELS]:
            there = np.flatnonzero(element < self._forest.size)
            found[kinds[element[there]], there] = True
        return dict(zip(names, found, strict=True)) | {"tag none": self._batch.element < 0}

    def _page_tags(self, kinds: Ints) -> NamedColumns:
        """How many elements of each tag group hold text on a block's page, as logarithms."""
        cells = self._element_page[:-1] * len(_KINDS) + kinds[:-1]
        counts = np.bincount(cells, minlength=self.series.pages * len(_KINDS)).reshape(-1, len(_KINDS))
        return dict(zip([f"page tag {name}" for name in _KINDS], log(counts)[self._batch.page].T, strict=True))

    def worded(self, text: Floats, markup: Floats) -> NamedColumns:
        """Columns of what words and markup each say, by name: `text` and `markup` (N,), those parts of the log-odds of
        article that the first stage gives. Where they are at odds, the sum of both says little.
        """
        series, weight = self.series, self._weight
        found: NamedColumns = {f"text article {by:+d}": series.shift(text, by, 0.0) for by in NEAR}
        found |= {f"markup article {by:+d}": series.shift(markup, by, 0.0) for by in NEAR}
        mass = text * weight
        sums = series.cumulate(mass)
        found |= {f"text article within {reach}": self._mean_within(sums, reach) for reach in WORDED_WINDOWS}
        part = (self._held(mass) / np.maximum(self._text, _TINY)).astype(np.float32)
        alike = np.bincount(self._alike, weights=mass) / self._alike_text
        return found | {
            **{f"text article, level {level}": part.take(self._chain[level]) for level in WORDED_LEVELS},
            "alike text article": alike[self._alike],
            "page text article": series.whole(sums)[self._batch.page] / self._page_text,
        }  # fmt: skip

    def scored(self, scores: Floats) -> NamedColumns:
        """The columns that depend on scores, by name; `scores` float32 (N, 3), probabilities in the order of LABELS."""
        article, other, consent = np.ascontiguousarray(scores.T)
        mass, notice = article * self._weight, consent * self._weight  # what blocks add to sums of article and consent
        series = self.series
        found: NamedColumns = {f"article {by:+d}": series.shift(article, by, NONE) for by in NEIGHBOURS}
        found |= {f"consent {by:+d}": series.shift(consent, by, 0.0) for by in NEAR}
        sums = {"article": series.cumulate(mass), "other": series.cumulate(other * self._weight),
                "consent": series.cumulate(notice)}  # fmt: skip
        for what, own in sums.items():
            found |= {f"{what} within {reach}": log(series.window(own, reach)) for reach in WINDOWS}
        sure = (article > _SURE) & (self._lengths >= _LONG)
        found |= self._page_columns(article, mass, sure, sums["article"], sums["consent"])
        found |= self._term_columns(article, sure)
        found |= self._language_columns(mass, notice)
        return found | self._element_columns(mass, notice, series.whole(sums["article"]))

    def _term_columns(self, article: Floats, sure: NDArray[np.bool_]) -> NamedColumns:
        """What a block's terms share with the rest of the page, and means of that over windows."""
        batch = self._batch
        rows = shared(self._terms, batch.which, batch.bounds, article, sure, self._title_terms)
        by_name = dict(zip(cohesion.NAMES, rows, strict=True))
        found: NamedColumns = dict(by_name)
        for what in _WINDOWED_TERMS:
            sums = self.series.cumulate(by_name[what] * self._weight)
            found |= {f"{what} within {reach}": self._mean_within(sums, reach) for reach in _TERM_WINDOWS}
        return found

    def _page_columns(
        self, article: Floats, mass: Floats, sure: NDArray[np.bool_], sums: Doubles, notices: Doubles
    ) -> NamedColumns:  # fmt: skip
        series, page = self.series, self._batch.page
        first, last = series.ends(sure)
        whole = series.whole(sums)
        page_mass = np.maximum(whole, _TINY)[page]
        share, own = series.before(sums) / page_mass, mass / page_mass
        return {
            "best run": series.best_run((article - _GAIN) * self._weight), "article before": share,
            "article after": np.clip(1.0 - share - own, 0.0, 1.0),
            "blocks to first sure": _signed_log(series.place - first[page]),
            "blocks to last sure": _signed_log(series.place - last[page]), "page article": log(whole)[page],
            "page consent": log(series.whole(notices))[page],
            "page sure": log(np.bincount(page[sure], minlength=series.pages))[page],
        }  # fmt: skip

    def _language_columns(self, mass: Floats, notice: Floats) -> NamedColumns:
        """Scores of the blocks of the page in a block's language: a notice is often in a language of its own."""
        article, consent = (
            (np.bincount(self._language, weights=values) / self._language_text)[self._language]
            for values in (mass, notice)
        )
        unknown = self._unknown
        return {
            "language article": np.where(unknown, NONE, article),
            "language consent": np.where(unknown, 0.0, consent),
        }

    def _element_columns(self, mass: Floats, notice: Floats, whole: Doubles) -> NamedColumns:
        """Scores of the elements that hold a block, of its branch of the main container, of elements written alike."""
        held, text = self._held(mass), self._text
        page_mass = np.maximum(np.append(whole, 0.0), _TINY)[self._element_page]
        share = (held / page_mass).astype(np.float32)
        part = (held / np.maximum(text, _TINY)).astype(np.float32)
        part[-1] = NONE
        consent = (self._held(notice) / np.maximum(text, _TINY)).astype(np.float32)
        found: NamedColumns = {}
        for level, element in enumerate(self._chain):
            found[f"share of article, level {level}"] = share.take(element)
            found[f"article part, level {level}"] = part.take(element)
        below, branch = self._main(held >= _MAIN_SHARE * page_mass)
        none = self._batch.element < 0
        alike_article, alike_consent = (
            (np.bincount(self._alike, weights=values) / self._alike_text)[self._alike] for values in (mass, notice)
        )
        return found | {
            "in main": below >= 0, "levels below main": below, "branch share": share.take(branch) * (below >= 0),
            "branch part": part.take(branch), "branch text": log(text)[branch],
            "notice article": part.take(self._notice), "notice consent": consent.take(self._notice),
            "alike article": np.where(none, NONE, alike_article), "alike consent": np.where(none, 0.0, alike_consent),
            **{f"consent part, level {level}": consent.take(self._chain[level]) for level in (2, 4)},
        }  # fmt: skip

    def _main(self, big: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """How many levels a block lies below its page's main container (-1 outside), and in which branch of it.

        `big` (E + 1,) are the elements that hold enough for a main container; whatever holds a big one is big.
        """
        small = ~big
        small[-1] = False
        forest, element = self._forest, self._chain[0]
        levels = forest.upward(small.astype(np.int64))
        inside = (levels < forest.depth)[element]
        return np.where(inside, levels[element], -1), np.where(inside, forest.topmost(small)[element], forest.size)


def _signed_log(values: Ints) -> Floats:
    return np.sign(values) * log(np.abs(values))


def _titles(batch: Batch, lengths: Floats) -> Floats:
    """Where a block is part of its page's title, how much of it; 1 where it holds all of it; else 0: (N,)."""
    out = np.zeros(batch.size, dtype=np.float32)
    fits = (lengths >= _TITLE_SIZES[0]) & (lengths <= _TITLE_SIZES[1])
    for number, title in enumerate(batch.titles):
        if not title:
            continue
        low = title.casefold()
        first, last = batch.bounds[number], batch.bounds[number + 1]
        rows = np.flatnonzero(fits[first:last]) + first
        texts = [batch.texts[i].casefold() for i in batch.which[rows].tolist()]
        start = low[:_TITLE_MOST]
        if len(low) >= _TITLE_LEAST:
            hits = [k for k, text in enumerate(texts) if text in start or low in text]
        else:
            hits = [k for k, text in enumerate(texts) if text in start]
        for k in hits:
            out[rows[k]] = len(texts[k]) / max(len(low), len(texts[k]))
    return out


shared, terms_of = cohesion.shared_in_numpy, cohesion.terms_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.model.compiled_cohesion import shared, terms_of
