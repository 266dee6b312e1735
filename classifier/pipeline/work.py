"""The costly half of a run, done in batches and in any process: raw records to bytes to be written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from classifier.blocks.elements import DEPTH
from classifier.markdown import is_markdown
from classifier.pipeline.counts import Rendered
from classifier.pipeline.job import Job, Labeller
from classifier.readers import Raw, decode
from classifier.readers.formats import PEEK, begins_as_html
from classifier.records import LABELS, LabelledPage, MarkupView, Page, Rejection
from classifier.selection import select
from classifier.settings import BATCH_BYTES, BATCH_PAGES
from classifier.writers import format_by_name

Result = Rendered | Rejection

# what a defect of ours raises on a page nobody thought of: one page must not end a run of millions
FAULTS = (ArithmeticError, LookupError, ValueError, TypeError, AttributeError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True)
class Item:
    """One record with its place: number of the input file, number of the record in it, both from 0."""

    file: int
    number: int
    raw: Raw | Rejection


Batch = list[Item]


def batches(items: Iterable[Item]) -> Iterator[Batch]:
    """Items in order, in lists of at most BATCH_PAGES records and BATCH_BYTES bytes; a larger record goes alone."""
    batch: Batch = []
    size = 0
    for item in items:
        more = item.raw.size if isinstance(item.raw, Raw) else 0
        if batch and (len(batch) >= BATCH_PAGES or size + more > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += more
    if batch:
        yield batch


def depth(markup: MarkupView) -> int:
    """How deep the elements of a page are nested; 1 for a page with a root alone."""
    depths: list[int] = []
    for parent in markup.parents:
        depths.append(depths[parent] + 1 if parent >= 0 else 1)
    return max(depths, default=0)


def unread_markup(text: str) -> str:
    """What the beginning of a plain text looks like besides: "html", "markdown" or ""."""
    return "html" if begins_as_html(text) else "markdown" if is_markdown(text) else ""


class Work:
    """Decode, classify, select, render. Holds the model; stateless otherwise."""

    def __init__(self, job: Job, classifier: Labeller) -> None:
        self._job = job
        self._classifier = classifier
        self._format = format_by_name(job.format)
        self._keep_empty = job.blocks == "all" or self._format.every_page

    def process(self, batch: Sequence[Item]) -> list[Result]:
        """One result an item, in order; a page that makes the batch fail is found and refused alone."""
        raws = [item.raw for item in batch]
        try:
            return self._process(raws)
        except FAULTS:
            return [self._alone(raw) for raw in raws]

    def _alone(self, raw: Raw | Rejection) -> Result:
        try:
            return self._process([raw])[0]
        except FAULTS as error:
            return Rejection(raw.source, "classify", "crashed", f"{type(error).__name__}: {error}")

    def _process(self, raws: Sequence[Raw | Rejection]) -> list[Result]:
        read = [raw if isinstance(raw, Rejection) else decode(raw, self._job.reading) for raw in raws]
        pages = [page for page in read if isinstance(page, Page)]
        labelled = iter(self._classifier.classify_batch(pages, self._job.preset)) if pages else iter(())
        return [self._finish(next(labelled)) if isinstance(page, Page) else page for page in read]

    def _finish(self, page: LabelledPage | Rejection) -> Result:
        if isinstance(page, LabelledPage):
            deepest = self._job.reading.limits.depth
            if deepest and page.markup is not None and (found := depth(page.markup)) > deepest:
                told = f"more than {DEPTH}" if found > DEPTH else found
                detail = f"elements nested {told} deep, over the limit of {deepest}: see --max-depth"
                return Rejection(page.page.source, "classify", "too_deep", detail, page.page.id)
            page = select(page, self._job.selection, self._keep_empty)
        if isinstance(page, Rejection):
            return page
        labels = np.bincount(page.labels, minlength=len(LABELS)).tolist()
        data = self._format.render(page, self._job.blocks)
        markup = "" if page.page.is_html else unread_markup(page.page.content[:PEEK])
        return Rendered(data, tuple(labels), int(page.kept.sum()), page.language, markup)
