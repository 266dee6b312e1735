"""From examples to the rows that both stages learn from: composed pages, folds, sampling, weights.

A loose text is a labelled text without a page; here each becomes a page of one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import Markup
from classifier.matching import UNKNOWN
from classifier.model.batch import Batch, gather
from classifier.model.blocks import Floats
from classifier.records import LABELS, Label, tag_of
from classifier.training.compose import COMPOSED, GLUED, TRIMMED, Composer
from classifier.training.examples import Example, LabelledText, base_language, by_language, fold_of, page_of_one
from classifier.training.grafting import GRAFTED, graft, main_element
from classifier.training.inside import inside_articles

FOLDS = 3  # parts by site: first-stage scores for the second stage come from fits on the other parts
FIRST_CAP, SECOND_CAP = 120, 150  # blocks a page that each stage learns from, so that giant menus do not rule
_GLUED = 0.35  # share of plain-text pages that also come with a notice put in
_TRIMMED = 0.3  # share that also come as their title and the body alone, half of those with a notice
_GLUED_MARKUP = 0.3  # share of HTML pages that also come with a notice put in, half of them without their names
_SOUP = 0.35  # share of HTML pages that also come with their class and id names taken away
# Weights of loose texts in the first stage, in the order of LABELS. Notices count in full, as pages hold few of them;
# were loose articles to count much, any long text in a language that has few pages would be taken for one.
_LOOSE_WEIGHTS = (0.2, 0.35, 1.0)
# where the weights of article and boilerplate follow the notices of their language: the least of both, the most of each
_LEAST_LOOSE, _MOST_LOOSE_WEIGHTS = 0.1, (0.7, 0.5)
_LOOSE_WITHOUT_NOTICE = 0.03  # of article and boilerplate in a language without a loose notice
_INSIDE_WEIGHT = 1.0  # with many pages, of a loose text that stands inside articles: such pages are full of them
_LEAST_LANGUAGES = 8  # of notices, from which some may be kept from a fit as a whole
_IN_MARKUP = 2  # every so many composed pages one comes in markup
_LENGTH_FLOOR = 5  # characters added to a block's length, so that a word counts for something
_MOST_FACTOR = 3.0  # times that a page of a rare source may count more
SOUP = "soup"  # source of copies of pages without class and id names
_OTHERS_TEXTS = COMPOSED, GLUED, TRIMMED, GRAFTED  # sources of pages made of texts that other pages or loose texts hold
MADE_SOURCES = *_OTHERS_TEXTS, SOUP  # sources of all pages that are made from others
_MADE_FACTOR = 0.7  # what such a page counts, where one of the most frequent source counts 1
# From so many examples on, pages are many (markup and plain text of a page count apart). From fewer, recurrent layers
# and trees would learn chance, and people wait for the training.
_MANY_PAGES = 1000
_MOST_LOOSE = 25_000  # loose texts of one label that are used
_ARTICLE, _CONSENT = LABELS.index(Label.ARTICLE), LABELS.index(Label.CONSENT)
_SECTIONS = ("article", "main", "section", "nav", "aside", "header", "footer")

_Given = TypeVar("_Given", Example, LabelledText)


@dataclass(frozen=True)
class Data:
    """All blocks in one batch, with labels int8 (N,), the fold of each page and which pages are loose texts.

    `inside` (P,) tells which of these stand inside articles; `many` whether many pages were given; `names` are those of
    elements that ask for consent.
    """

    examples: list[Example]
    batch: Batch
    labels: NDArray[np.int8]
    fold: NDArray[np.int64]
    loose: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    lengths: NDArray[np.int64]
    many: bool = False
    names: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, examples: list[Example], loose: NDArray[np.bool_], inside: NDArray[np.bool_], many: bool,
        names: tuple[str, ...] = (),
    ) -> Data:  # fmt: skip
        """The examples in one batch; the other arguments are the fields of these names."""
        batch = gather([e.columns for e in examples])
        return cls(
            examples=examples, batch=batch, labels=np.concatenate([e.labels for e in examples]),
            fold=np.array([fold_of(e.group, FOLDS) for e in examples]), loose=loose, inside=inside,
            lengths=np.array([len(t) for t in batch.texts], dtype=np.int64)[batch.which], many=many, names=names,
        )  # fmt: skip

    def first_rows(self, seed: int) -> NDArray[np.int64]:
        """Rows that the first stage learns from: of real pages, each text once a page, and loose texts.

        Pages put together are left out, as their texts come from others.
        """
        sources = np.array([e.source for e in self.examples])
        return self._sample(FIRST_CAP, seed, ~np.isin(sources, _OTHERS_TEXTS), once=True)

    def second_rows(self, seed: int) -> NDArray[np.int64]:
        """Rows that the second stage learns from: of all pages, not of loose texts."""
        return self._sample(SECOND_CAP, seed, ~self.loose, once=False)

    def of_one_fold(self, rows: NDArray[np.int64]) -> list[Label]:
        """The labels that none of the rows has any more where those of some fold are held out."""
        fold, labels = self.fold[self.batch.page[rows]], self.labels[rows]
        left = [set(labels[fold != number].tolist()) for number in range(FOLDS)]
        return [label for number, label in enumerate(LABELS) if not all(number in own for own in left)]

    def _sample(self, cap: int, seed: int, pages: NDArray[np.bool_], once: bool) -> NDArray[np.int64]:
        """Labelled blocks of the chosen pages, at most `cap` a page."""
        rng = np.random.default_rng(seed)
        chosen = []
        for page in np.flatnonzero(pages):
            first, last = self.batch.bounds[page], self.batch.bounds[page + 1]
            rows = np.arange(first, last)[self.labels[first:last] != UNKNOWN]
            if once:
                rows = rows[np.sort(np.unique(self.batch.which[rows], return_index=True)[1])]
            if len(rows) > cap:
                rows = np.sort(rng.choice(rows, cap, replace=False))
            chosen.append(rows)
        return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)

    def first_weights(self, rows: NDArray[np.int64], by_language: bool = True) -> Floats:
        """Weights of rows of the first stage: longer blocks count more, loose texts little.

        `by_language`: loose articles and boilerplate of a language count together as much as its loose notices, as far
        as the bounds allow, and next to nothing where there are none. Else a language's letters alone would speak for a
        label, and those of a language without an example of a notice against notices.
        """
        weights = np.log1p(self.lengths[rows]) / 4.0
        loose = np.flatnonzero(self.loose[self.batch.page[rows]])
        labels = self.labels[rows[loose]]
        weights[loose] = np.array(_LOOSE_WEIGHTS)[labels]
        languages = [base_language(self.examples[page].language) for page in self.batch.page[rows[loose]]]
        notices = labels == _CONSENT
        if by_language and notices.any():
            names, number = np.unique(languages, return_inverse=True)
            total = np.bincount(number[notices], minlength=len(names))
            for label, most in enumerate(_MOST_LOOSE_WEIGHTS):
                own = labels == label
                count = np.bincount(number[own], minlength=len(names))
                weight = np.clip(total / np.maximum(count, 1), _LEAST_LOOSE, most)
                weights[loose[own]] = np.where(total > 0, weight, _LOOSE_WITHOUT_NOTICE)[number[own]]
        if self.many:
            weights[self.inside[self.batch.page[rows]]] = _INSIDE_WEIGHT
        return weights.astype(np.float32)

    def second_weights(self, rows: NDArray[np.int64]) -> Floats:
        """Weights of rows of the second stage, 1 on average.

        Within a page a block counts by the root of its length, as longer blocks make up more of the text. A page counts
        by the root of its number of blocks, and more where its source has few pages, unless it shows what is rare.
        """
        page = self.batch.page[rows]
        size = np.sqrt(self.lengths[rows] + _LENGTH_FLOOR)
        total, count = (np.bincount(page, weights=w, minlength=len(self.examples)) for w in (size, None))
        weights = size / total[page] * np.sqrt(count[page]) * self._source_factors()[page]
        return np.asarray(weights / weights.mean(), dtype=np.float32)

    def _source_factors(self) -> NDArray[np.float64]:
        """What a page counts by its source, one that shows what is rare 1 at most: (P,)."""
        sources, number = np.unique([e.source for e in self.examples], return_inverse=True)
        used = np.bincount(number[~self.loose], minlength=len(sources))
        factors = np.minimum(_MOST_FACTOR, np.sqrt(used.max() / np.maximum(used, 1)))
        factors[np.isin(sources, MADE_SOURCES)] = _MADE_FACTOR
        rare = np.array([e.rare for e in self.examples])
        return np.asarray(np.where(rare, np.minimum(factors[number], 1.0), factors[number]), dtype=np.float64)


def assemble(pages: Sequence[Example], texts: Sequence[LabelledText], composed: int, seed: int) -> Data:
    """Add composed and grafted pages and changed copies, and put everything into one batch."""
    texts = languages_together(texts)
    examples = [
        *pages, *_changed(pages, _composers(pages, texts, seed + 100), seed), *_grafted(pages, seed),
        *_composed(_composers(pages, texts, seed), composed),
    ]  # fmt: skip
    loose = _capped(texts, seed)
    everything = [*examples, *map(page_of_one, loose)]
    is_loose = np.arange(len(everything)) >= len(examples)
    inside = np.array([False] * len(examples) + [text.inside for text in loose])
    return Data.of(everything, is_loose, inside, are_many(pages))


def languages_together(texts: Sequence[LabelledText]) -> list[LabelledText]:
    """The texts, those of notices in every second language with that language as group, where there are enough.

    A fit that has not seen the group then has not seen a notice in the language either: pages with such notices teach
    the second stage to find notices by more than words.
    """
    languages = {base_language(text.language) for text in texts if text.label is Label.CONSENT} - {""}
    if len(languages) < _LEAST_LANGUAGES:
        return list(texts)
    together = {language for language in languages if fold_of(language, 2)}
    return [
        replace(text, group=f"notices in {base_language(text.language)}")
        if text.label is Label.CONSENT and base_language(text.language) in together
        else text
        for text in texts
    ]


def _capped(texts: Sequence[LabelledText], seed: int) -> list[LabelledText]:
    """At most _MOST_LOOSE texts of each label, drawn at random, in their order."""
    rng = np.random.default_rng(seed)
    out = []
    for label in LABELS:
        own = [text for text in texts if text.label is label]
        if len(own) > _MOST_LOOSE:
            own = [own[i] for i in np.sort(rng.choice(len(own), _MOST_LOOSE, replace=False))]
        out.extend(own)
    return out


def are_many(pages: Sequence[Example]) -> bool:
    """Whether pages, those given and not those made of them, are enough for what needs many."""
    return len(pages) >= _MANY_PAGES


def usual(pages: Sequence[Example]) -> list[Example]:
    """The pages to learn from: where they are not many, those that show what is rare are left out."""
    many = are_many(pages)
    return [page for page in pages if many or not page.rare]


def told_apart(given: Sequence[_Given]) -> list[_Given]:
    """Pages or texts of the data, with another source where theirs is the name of one that pages made of them get."""
    return [replace(one, source=f"{one.source} (given)") if one.source in MADE_SOURCES else one for one in given]


def _composers(pages: Sequence[Example], texts: Sequence[LabelledText], seed: int) -> list[Composer]:
    """One for each fold, of its texts, so that a model that saw none of them can score its pages."""
    out = []
    for fold in range(FOLDS):
        own = [text for text in texts if fold_of(text.group, FOLDS) == fold]
        inside = inside_articles((page for page in pages if fold_of(page.group, FOLDS) == fold), own)
        out.append(Composer(by_language(own), inside, seed + fold, dialogs=are_many(pages)))
    return out


def _composed(composers: Sequence[Composer], count: int) -> list[Example]:
    """Composed pages of each fold."""
    out: list[Example] = []
    for fold, composer in enumerate(composers):
        if composer.possible():
            names = (f"composed/{fold}/{i}" for i in range(count * FOLDS * 4))
            own = [name for name in names if fold_of(name, FOLDS) == fold][: count // FOLDS]
            out.extend(composer.page(name, markup=i % _IN_MARKUP == 0) for i, name in enumerate(own))
    return out


def _changed(pages: Sequence[Example], composers: Sequence[Composer], seed: int) -> list[Example]:
    """Copies of some pages: with a notice put in, plain text cut down to the article, markup without its names."""
    rng = np.random.default_rng(seed)
    titles = {_of_record(page): page.columns.markup.title for page in pages if page.columns.markup is not None}
    out = []
    for page in pages:
        chance = rng.random()
        markup = page.columns.markup
        composer = composers[fold_of(page.group, FOLDS)]
        has_article = bool((page.labels == _ARTICLE).any())
        may_glue = has_article and composer.possible()
        if markup is not None:
            if chance < _SOUP:
                out.append(_soup(page, markup))
            elif chance < _SOUP + _GLUED_MARKUP and may_glue:
                out.append(composer.glue(page if chance < _SOUP + _GLUED_MARKUP / 2 else _soup(page, markup)))
        elif chance < _GLUED:
            if may_glue:
                out.append(composer.glue(page))
        elif chance < _GLUED + _TRIMMED and has_article and titles.get(_of_record(page)):
            short = composer.trim(page, titles[_of_record(page)])
            out.append(composer.glue(short) if chance < _GLUED + _TRIMMED / 2 and may_glue else short)
    return out


def _of_record(page: Example) -> tuple[str, str, str]:
    """What the views of one page share; other collections may count their pages in the same way."""
    return page.id, page.group, page.source


def _grafted(pages: Sequence[Example], seed: int) -> list[Example]:
    """Each page of markup whose article is known with that of one of another site, of its language and fold."""
    rng = np.random.default_rng(seed)
    alike: dict[tuple[int, str], list[Example]] = {}
    for page in pages:
        if page.whole and main_element(page) > 0:
            alike.setdefault((fold_of(page.group, FOLDS), page.language), []).append(page)
    out = []
    for group in alike.values():
        for host in group:
            others = [page for page in group if page.group != host.group]
            grafted = graft(host, others[rng.integers(len(others))]) if others else None
            if grafted is not None:
                out.append(grafted)
    return out


def _soup(page: Example, markup: Markup) -> Example:
    """The page with elements known by their tags alone, sections as <div>: as sites with random class names look."""
    plain = ["div" if tag in _SECTIONS else tag for tag in map(tag_of, markup.keys)]
    columns = replace(page.columns, markup=replace(markup, keys=plain))
    return replace(page, id=f"{page.id}+soup", columns=columns, source=SOUP)
