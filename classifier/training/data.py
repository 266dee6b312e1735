"""From examples to the rows that both stages learn from: composed pages, folds, sampling, weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import Markup
from classifier.matching import UNKNOWN
from classifier.model.batch import Batch, gather
from classifier.model.blocks import Floats
from classifier.records import LABELS, Label
from classifier.training.compose import Composer
from classifier.training.examples import Example, LabelledText, by_language, fold_of, join_blocks

FOLDS = 3  # parts by site: first-stage scores for the second stage come from fits on the other parts
FIRST_CAP, SECOND_CAP = 90, 200  # blocks a page that each stage learns from, so that giant menus do not rule
_GLUED = 0.35  # share of plain-text pages that also come with a notice put in
_SOUP = 0.2  # share of HTML pages that also come with their class and id names taken away
_LOOSE_WEIGHT = 0.35  # weight of a text without a page
_ARTICLE = LABELS.index(Label.ARTICLE)
_SECTIONS = ("article", "main", "section", "nav", "aside", "header", "footer")


@dataclass(frozen=True)
class Data:
    """All blocks in one batch, with labels int8 (N,), the fold of each page and which pages are loose texts."""

    examples: list[Example]
    batch: Batch
    labels: NDArray[np.int8]
    fold: NDArray[np.int64]
    loose: NDArray[np.bool_]
    lengths: NDArray[np.int64]

    def sample(self, cap: int, seed: int, loose: bool) -> NDArray[np.int64]:
        """Rows to learn from: labelled blocks, at most `cap` a page; with or without loose texts."""
        dice = np.random.default_rng(seed)
        chosen = []
        for page, (first, last) in enumerate(zip(self.batch.bounds[:-1], self.batch.bounds[1:], strict=True)):
            if self.loose[page] and not loose:
                continue
            rows = np.arange(first, last)[self.labels[first:last] != UNKNOWN]
            if len(rows) > cap:
                rows = np.sort(dice.choice(rows, cap, replace=False))
            chosen.append(rows)
        return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int64)

    def weights(self, rows: NDArray[np.int64]) -> Floats:
        """Weights of rows: longer blocks count more, as they make up more of the text."""
        weights = np.log1p(self.lengths[rows]) / 4.0
        weights[self.loose[self.batch.page[rows]]] = _LOOSE_WEIGHT
        return weights.astype(np.float32)


def assemble(pages: Sequence[Example], texts: Sequence[LabelledText], composed: int, seed: int) -> Data:
    """Add composed pages and changed copies, and put everything into one batch."""
    examples = [*pages, *_changed(pages, texts, seed), *_composed(texts, composed, seed)]
    loose = [_single(text) for text in texts]
    everything = [*examples, *loose]
    batch = gather([e.columns for e in everything])
    return Data(
        examples=everything, batch=batch, labels=np.concatenate([e.labels for e in everything]),
        fold=np.array([fold_of(e.group, FOLDS) for e in everything]),
        loose=np.arange(len(everything)) >= len(examples),
        lengths=np.array([len(t) for t in batch.texts], dtype=np.int64)[batch.which],
    )  # fmt: skip


def _single(text: LabelledText) -> Example:
    columns = join_blocks([" ".join(text.text.split())])
    labels = np.array([LABELS.index(text.label)], dtype=np.int8)
    return Example(text.text[:40], columns, labels, text.text, text.source, text.language)


def _composed(texts: Sequence[LabelledText], count: int, seed: int) -> list[Example]:
    """Composed pages; each draws on the texts of one fold, so that a model that saw none of them can score it."""
    out: list[Example] = []
    for fold in range(FOLDS):
        pool = by_language(t for t in texts if fold_of(t.text, FOLDS) == fold)
        composer = Composer(pool, seed + fold)
        if not composer.possible():
            continue
        names = (f"composed/{fold}/{i}" for i in range(count * FOLDS * 4))
        own = [name for name in names if fold_of(name, FOLDS) == fold][: count // FOLDS]
        out.extend(composer.page(name) for name in own)
    return out


def _changed(pages: Sequence[Example], texts: Sequence[LabelledText], seed: int) -> list[Example]:
    """Copies of some pages: plain text with a notice put in, markup without its names."""
    dice = np.random.default_rng(seed)
    composers = [
        Composer(by_language(t for t in texts if fold_of(t.text, FOLDS) == fold), seed + 100) for fold in range(FOLDS)
    ]
    out = []
    for page in pages:
        chance = dice.random()
        markup = page.columns.markup
        if markup is None:
            composer = composers[fold_of(page.group, FOLDS)]
            if chance < _GLUED and composer.possible() and (page.labels == _ARTICLE).any():
                out.append(composer.glue(page))
        elif chance < _SOUP:
            out.append(_soup(page, markup))
    return out


def _soup(page: Example, markup: Markup) -> Example:
    """The page with elements known by their tags alone, sections as <div>: as sites with random class names look."""
    tags = (key.split("\t", 1)[0] for key in markup.keys)
    plain = ["div" if tag in _SECTIONS else tag for tag in tags]
    columns = replace(page.columns, markup=replace(markup, keys=plain))
    return replace(page, id=f"{page.id}+soup", columns=columns, source="soup")
