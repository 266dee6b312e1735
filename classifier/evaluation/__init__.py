"""How well a model does on labelled pages: by label, language, source and view, with calibration and curves.

Pages come as examples (see `training.reading`): blocks with labels, and the gold text where there is one. A page of
which too little gold text is found again in its blocks is no example, so figures are on pages that hold their article.

Reading order: `labels` (figures of blocks), `texts` (an article's text against the gold text), this module (both).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import BlockColumns
from classifier.classify import Classifier
from classifier.evaluation.labels import Outcome, calibration, confusion, curves, figures, group_by
from classifier.evaluation.texts import Overlap, mean_overlap, overlaps
from classifier.measures import by_label
from classifier.model import shape
from classifier.model.blocks import probabilities
from classifier.model.decide import decide
from classifier.records import LABELS, Label
from classifier.settings import BATCH_PAGES

VIEWS = ("html", "text", "single")  # pages with markup, pages of plain text, blocks without a page
_ARTICLE = LABELS.index(Label.ARTICLE)


class Example(Protocol):
    """A page with int8 labels (an index into LABELS, -1 where nobody knows) and its gold text, if any."""

    @property
    def columns(self) -> BlockColumns: ...
    @property
    def labels(self) -> NDArray[np.int8]: ...
    @property
    def source(self) -> str: ...
    @property
    def gold(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class _Part:
    """The outcome on a page in context and by its blocks alone, and the overlap of its article's text with the gold."""

    outcome: Outcome
    first: Outcome
    source: str
    view: str
    overlap: dict[str, Overlap] | None


def evaluate(
    classifier: Classifier, pages: Sequence[Example], singles: Sequence[Example] = (), preset: str = "balanced"
) -> dict[str, Any]:
    """Figures of a model on pages, and on blocks that stand alone (`singles`, each a page of one block).

    Scores are 0 to 1. `labels`, `confusion` (rows are the true labels), `calibration` and `curves` are over the pages,
    or over the single blocks where no page has a label; `alone` is what the first stage would say. `languages` are
    those the model finds in the blocks. `articles` compares the article's text with the gold: F1 of words and of word
    4-grams, averaged over pages. SettingsError on an unknown preset.
    """
    thresholds = classifier.thresholds(preset)
    parts = [part for batch in _batches(pages, singles) for part in _run(classifier, *batch, thresholds)]
    known = [part for part in parts if part.view != "single" and len(part.outcome.truth)] or parts
    on_pages, first = Outcome.join([p.outcome for p in known]), Outcome.join([p.first for p in known])
    return {
        "model": classifier.model_name, "preset": preset, "thresholds": dict(thresholds), "pages": len(pages),
        "single_blocks": len(singles), "blocks": len(on_pages.truth),
        "labels": by_label(on_pages.truth, on_pages.labels), "alone": by_label(first.truth, first.labels),
        "confusion": confusion(on_pages), "calibration": calibration(on_pages), "views": _views(parts),
        "sources": group_by(on_pages, on_pages.sources), "languages": group_by(on_pages, on_pages.languages),
        "articles": _articles(parts), "curves": curves(on_pages),
    }  # fmt: skip


def _batches(pages: Sequence[Example], singles: Sequence[Example]) -> Iterator[tuple[Sequence[Example], bool]]:
    for examples, single in ((pages, False), (singles, True)):
        for start in range(0, len(examples), BATCH_PAGES):
            yield examples[start : start + BATCH_PAGES], single


def _run(
    classifier: Classifier, examples: Sequence[Example], single: bool, thresholds: Mapping[str, float]
) -> Iterator[_Part]:
    scored = classifier.score([example.columns for example in examples])
    odds = scored.odds, scored.parts.sum(axis=1, dtype=np.float32)
    around = scored.batch.bounds, shape.sizes(scored.shapes)
    (scores, labels), (first, first_labels) = ((p, decide(p, thresholds, *around)) for p in map(probabilities, odds))
    for number, (example, (tags, _)) in enumerate(zip(examples, scored.languages, strict=True)):
        rows = slice(*scored.batch.bounds[number : number + 2].tolist())
        view = "single" if single else "html" if example.columns.markup is not None else "text"
        about = example.labels, [example.source] * len(tags), list(tags)
        known = np.flatnonzero(example.labels >= 0).tolist()
        outcome, alone = Outcome(scores[rows], labels[rows], *about), Outcome(first[rows], first_labels[rows], *about)
        found = [t for t, own in zip(example.columns.texts, labels[rows] == _ARTICLE, strict=True) if own]
        overlap = overlaps("\n".join(found), "\n".join(example.gold)) if any(example.gold) else None
        yield _Part(outcome.at(known), alone.at(known), example.source, view, overlap)


def _views(parts: Sequence[_Part]) -> dict[str, Any]:
    """Figures by view; single blocks also by the first stage, since they have no surroundings to learn from."""
    groups = [(view, [p.outcome for p in parts if p.view == view]) for view in VIEWS]
    groups.append(("single, alone", [p.first for p in parts if p.view == "single"]))
    return {name: figures(Outcome.join(own)) for name, own in groups if any(len(one.truth) for one in own)}


def _articles(parts: Sequence[_Part]) -> dict[str, Any]:
    """Mean overlaps over all pages with gold text, by view, and by source and view where there are several sources."""
    groups: dict[str, list[dict[str, Overlap]]] = {}
    sources = {part.source for part in parts if part.overlap}
    for part in parts:
        if part.overlap:
            names = ["all", part.view, *([f"{part.source}, {part.view}"] if len(sources) > 1 else [])]
            for name in names:
                groups.setdefault(name, []).append(part.overlap)
    return {name: mean_overlap(own) for name, own in groups.items()}
