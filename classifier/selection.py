"""Which blocks of a labelled page are kept, and whether the page is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifier.records import LABELS, UNDETERMINED, LabelledPage, Rejection
from classifier.settings import Selection
from classifier.titles import title_row


def select(page: LabelledPage, selection: Selection, keep_empty: bool = False) -> LabelledPage | Rejection:
    """`page` with `kept` set by `selection`.

    A Rejection `other_language` where the page's language was not asked for, `no_kept_block` where nothing is kept;
    with `keep_empty` such pages come back with nothing kept.
    """
    kept = keep_mask(page, selection)
    wrong_page = bool(selection.page_languages) and page.language not in selection.page_languages
    if wrong_page:
        kept = np.zeros_like(kept)
    if not keep_empty and not kept.any():
        reason = "other_language" if wrong_page else "no_kept_block"
        detail = f"the page is in {page.language}" if wrong_page else f"none of {len(page.texts)} blocks"
        return Rejection(page.page.source, "select", reason, detail, page.page.id)
    return replace(page, kept=kept)


def keep_mask(page: LabelledPage, selection: Selection) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(n,) booleans: the blocks whose label, score and language were asked for, and the title if it was."""
    lowest = np.full(len(LABELS), 2.0, dtype=np.float32)  # above every score: a label that is not kept
    for label in selection.keep:
        lowest[LABELS.index(label)] = selection.min_score.get(label, 0.0)
    labels = page.labels.astype(np.intp)
    kept: np.ndarray[tuple[int], np.dtype[np.bool_]] = page.scores[np.arange(len(labels)), labels] >= lowest[labels]
    if selection.title and kept.any() and (row := title_row(page)) >= 0:
        kept[row] = True
    if selection.languages or selection.drop_languages:
        wanted, unwanted = selection.languages, selection.drop_languages
        tags = page.block_languages
        if UNDETERMINED not in {*wanted, *unwanted}:  # numbers, prices and times go with their page
            tags = [page.language if tag == UNDETERMINED else tag for tag in tags]
        right = [(not wanted or tag in wanted) and tag not in unwanted for tag in tags]
        kept = kept & np.array(right, dtype=np.bool_)
    return kept
