"""Dolma attributes: for every page the spans of its blocks by label, and of the kept ones, with their scores.

Spans are character offsets into the page's text, so they fit plain-text input; every page that shows any text is
written, kept blocks or not, because Dolma pairs attributes with documents line by line.
"""

from __future__ import annotations

import numpy as np

from classifier.records import LABELS, LabelledPage

_PREFIX = "classifier__"


def render(page: LabelledPage, blocks: str) -> bytes:
    """One line; `blocks` changes nothing here."""
    import orjson

    attributes: dict[str, list[list[float]]] = {_PREFIX + label: [] for label in LABELS}
    attributes[_PREFIX + "kept"] = []
    rows = np.arange(len(page.texts))
    scores = page.scores[rows, page.labels.astype(np.intp)].astype("float64").round(4).tolist()
    spans = zip(page.starts, page.ends, page.labels.tolist(), scores, page.kept.tolist(), strict=True)
    for start, end, label, score, kept in spans:
        attributes[_PREFIX + LABELS[label]].append([start, end, score])
        if kept:
            attributes[_PREFIX + "kept"].append([start, end, score])
    certainties = page.language_scores.astype("float64").round(4).tolist()
    for tag, start, end, certainty in zip(page.block_languages, page.starts, page.ends, certainties, strict=True):
        attributes.setdefault(f"{_PREFIX}language_{tag}", []).append([start, end, certainty])
    return orjson.dumps({"id": page.page.id, "attributes": attributes}, option=orjson.OPT_APPEND_NEWLINE)
