"""Pages to labelled pages: split, identify languages, score blocks alone and in context, decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import BlockColumns
from classifier.blocks.page import split_page
from classifier.language.identifier import LanguageIdentifier
from classifier.markdown import markdown_to_html
from classifier.model import shape, store
from classifier.model.batch import Batch, gather
from classifier.model.blocks import Floats, probabilities
from classifier.model.decide import decide
from classifier.model.languages import LanguageInputs, language_inputs, main_language, size_by_language
from classifier.readers.discover import readable_name
from classifier.records import LABELS, Label, LabelledPage, Page, Rejection
from classifier.settings import BATCH_PAGES, default_model, known_preset

_ARTICLE = LABELS.index(Label.ARTICLE)
_DIGEST = 12  # hexadecimal digits of the model's hash that its name shows


@dataclass(frozen=True, slots=True)
class Scored:
    """What `Classifier.score` finds about the N blocks of P pages.

    `parts` float32 (N, len(PARTS), 2): the first stage's log-odds of article and consent against boilerplate, by part;
    `shapes` (N, len(shape.NAMES)): the numbers of each block; `spoken`: the blocks' languages as the second stage sees
    them; `odds` (N, 2): calibrated log-odds; `languages`: tags and scores of the blocks, one entry a page.
    """

    batch: Batch
    parts: Floats
    shapes: Floats
    spoken: LanguageInputs
    odds: Floats
    languages: list[tuple[list[str], Floats]]


class Classifier:
    """Labels the blocks of pages. Holds a model and nothing else: one may serve any number of pages, and threads."""

    def __init__(self, model: store.StoredModel, identifier: LanguageIdentifier, name: str) -> None:
        self.model = model
        self._identifier = identifier
        self.model_name = f"{name}@sha256:{model.digest[:_DIGEST]}"

    @classmethod
    def load(cls, folder: str | PathLike[str] | None = None) -> Classifier:
        """The model in `folder`, or the shipped one. ModelError says which part of it is missing or unfit."""
        path = Path(folder) if folder is not None else default_model()
        return cls(store.load(path), LanguageIdentifier.load(path), readable_name(path.resolve().name))

    @property
    def language_tags(self) -> tuple[str, ...]:
        """Every language tag that a block can get, "und" among them."""
        return self._identifier.tags

    def thresholds(self, preset: str) -> Mapping[str, float]:
        """The thresholds of a preset; SettingsError names the presets there are."""
        known: Mapping[str, Mapping[str, float]] = self.model.manifest["presets"]
        return known[known_preset(preset, known)]

    def classify(
        self, pages: Iterable[Page | Rejection], preset: str = "balanced"
    ) -> Iterator[LabelledPage | Rejection]:
        """Label pages lazily, in order; rejections pass through.

        TypeError where something else comes, SettingsError on an unknown preset.
        """
        source = iter(pages)
        while batch := list(islice(source, BATCH_PAGES)):
            for page in batch:
                if not isinstance(page, Page | Rejection):
                    wanted = "pages are wanted, as classifier.read() gives them"
                    raise TypeError(f"{wanted}, not {type(page).__name__}")
            labelled = iter(self.classify_batch([p for p in batch if isinstance(p, Page)], preset))
            for page in batch:
                yield next(labelled) if isinstance(page, Page) else page

    def classify_text(self, text: str, preset: str = "balanced") -> LabelledPage:
        """Label one page of plain text; a page without text has no blocks.

        TypeError for anything but a str, SettingsError on an unknown preset.
        """
        _check_text("the text", text)
        return self._single(Page("text", text, False, "text"), preset)

    def classify_html(self, html: str, url: str | None = None, preset: str = "balanced") -> LabelledPage:
        """Label one HTML page; a page without text has no blocks. `url` tells of its kind, and becomes its id.

        TypeError for anything but a str, SettingsError on an unknown preset.
        """
        _check_text("the HTML", html)
        return self._with_address("html", html, url, preset)

    def classify_markdown(self, markdown: str, url: str | None = None, preset: str = "balanced") -> LabelledPage:
        """Label one page of Markdown: by its headings, lists and links, as HTML; `url` as for `classify_html`.

        TypeError for anything but a str, SettingsError on an unknown preset.
        """
        _check_text("the Markdown", markdown)
        return self._with_address("markdown", markdown_to_html(markdown), url, preset)

    def _with_address(self, name: str, html: str, url: str | None, preset: str) -> LabelledPage:
        if url is not None:
            _check_text("the url", url)
        return self._single(Page(url or name, html, True, url or name, url), preset)

    def _single(self, page: Page, preset: str) -> LabelledPage:
        return self._label([page], [split(page)], self.thresholds(preset))[0]

    def classify_batch(self, pages: Sequence[Page], preset: str = "balanced") -> list[LabelledPage | Rejection]:
        """Label pages together, in order; a page without visible text is a Rejection (`no_blocks`).

        The batch never changes a page's scores by more than rounding. SettingsError on an unknown preset.
        """
        thresholds = self.thresholds(preset)
        columns = [split(page) for page in pages]
        full = [i for i, c in enumerate(columns) if c.texts]
        labelled = iter(self._label([pages[i] for i in full], [columns[i] for i in full], thresholds))
        return [
            next(labelled)
            if c.texts
            else Rejection(page.source, "classify", "no_blocks", "the page holds no visible text", page.id)
            for page, c in zip(pages, columns, strict=True)
        ]

    def score(self, columns: Sequence[BlockColumns]) -> Scored:
        """All numbers behind the labels of pages, for those who want to see them."""
        batch = gather(columns)
        languages = self._identifier.identify_blocks(batch.texts, batch.which, np.diff(batch.bounds))
        parts, shapes = self.model.blocks.score(batch)
        spoken = language_inputs(languages, shape.sizes(shapes))
        odds = self.model.context.score(batch, parts, shapes, spoken)
        return Scored(batch, parts, shapes, spoken, odds, languages)

    def _label(
        self, pages: Sequence[Page], columns: Sequence[BlockColumns], thresholds: Mapping[str, float]
    ) -> list[LabelledPage]:
        scored = self.score(columns)
        scores, first = probabilities(scored.odds), probabilities(scored.parts.sum(axis=1))
        labels = decide(scores, thresholds, scored.batch.bounds, shape.sizes(scored.shapes))
        out = []
        for number, (page, own, (tags, sure)) in enumerate(zip(pages, columns, scored.languages, strict=True)):
            rows = slice(*scored.batch.bounds[number : number + 2].tolist())
            sizes = np.fromiter(map(len, own.texts), dtype=np.float64, count=len(own.texts))
            article = labels[rows] == _ARTICLE
            out.append(
                LabelledPage(
                    page,
                    own.text,
                    own.starts,
                    own.ends,
                    own.texts,
                    scores=scores[rows],
                    first_scores=first[rows],
                    labels=labels[rows],
                    block_languages=tags,
                    language_scores=sure,
                    kept=article,
                    language=main_language(tags, sizes * article if article.any() else sizes),
                    languages=_shares(tags, sizes),
                    model=self.model_name,
                    markup=own.markup,
                )  # fmt: skip
            )
        return out


def split(page: Page) -> BlockColumns:
    """The blocks of a page, by its kind."""
    return split_page(page.content, page.is_html, page.url)


def _check_text(what: str, value: object) -> None:
    """A caller without a type checker learns here what is wrong, and not inside."""
    if not isinstance(value, str):
        hint = ": decode it first" if isinstance(value, bytes) else ""
        raise TypeError(f"{what} must be a str, not {type(value).__name__}{hint}")


def _shares(tags: Sequence[str], sizes: NDArray[np.float64]) -> dict[str, float]:
    """Share of the characters in each language, largest first, to four places."""
    totals = size_by_language(tags, sizes)
    whole = max(1.0, sum(totals.values()))
    return {tag: round(size / whole, 4) for tag, size in sorted(totals.items(), key=lambda item: (-item[1], item[0]))}
