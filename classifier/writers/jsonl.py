"""JSON Lines: one record a page, in the shape of docs/formats.md. The hot path: written from the columns."""

from __future__ import annotations

from typing import Any

from classifier.records import LABELS, LabelledPage

_DIGITS = 4  # decimals of scores and shares
_NAMES = tuple(label.value for label in LABELS)


def record_of(page: LabelledPage, blocks: str) -> dict[str, Any]:
    """The record of a page; `blocks` says which blocks stand in it: "none", "kept" or "all"."""
    kept = page.kept.tolist()
    source = page.page
    record: dict[str, Any] = {
        "id": source.id,
        "url": source.url,
        "source": source.source,
        "text": "\n\n".join([text for text, keep in zip(page.texts, kept, strict=True) if keep]),
        "language": page.language,
        "languages": {tag: round(share, _DIGITS) for tag, share in page.languages.items()},
    }
    if blocks != "none":
        record["blocks"] = _rows(page, page.kept.nonzero()[0] if blocks == "kept" else slice(None), kept)
    record["metadata"] = source.metadata
    record["model"] = page.model
    return record


def _rows(page: LabelledPage, chosen: Any, kept: list[bool]) -> list[dict[str, Any]]:
    """The blocks at `chosen`, an index that numpy takes."""
    scores = page.scores[chosen].astype("float64").round(_DIGITS).tolist()
    certainties = page.language_scores[chosen].astype("float64").round(_DIGITS).tolist()
    labels = page.labels[chosen].tolist()
    places = range(len(kept))[chosen] if isinstance(chosen, slice) else chosen.tolist()
    texts, starts, ends, languages = page.texts, page.starts, page.ends, page.block_languages
    first, second, third = _NAMES
    rows = []
    for i, label, (a, b, c), certainty in zip(places, labels, scores, certainties, strict=True):
        rows.append({
            "index": i, "text": texts[i], "start": starts[i], "end": ends[i], "label": _NAMES[label],
            "scores": {first: a, second: b, third: c}, "language": languages[i], "language_score": certainty,
            "kept": kept[i],
        })  # fmt: skip
    return rows


def render(page: LabelledPage, blocks: str) -> bytes:
    """One line, its newline included. Raises ValueError where the metadata cannot be written as JSON."""
    import orjson

    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
    try:
        return orjson.dumps(record_of(page, blocks), default=str, option=options)
    except orjson.JSONEncodeError as error:
        raise ValueError(f"cannot be written as JSON: {error}") from None
