"""Measures of labels and probabilities against the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.measures import BINS, DIGITS, bins, by_label, calibration_error, counts
from classifier.records import LABELS

_POINTS = 100  # of a curve


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model said about N blocks: `scores` (N, 3), `labels` int8 (N,), and the `truth` int8 (N,).

    `sources` and `languages` have one entry a block.
    """

    scores: NDArray[np.float32]
    labels: NDArray[np.int8]
    truth: NDArray[np.int8]
    sources: list[str]
    languages: list[str]

    def at(self, rows: Sequence[int]) -> Outcome:
        """The blocks at these places."""
        sources, languages = ([names[row] for row in rows] for names in (self.sources, self.languages))
        places = np.array(rows, dtype=np.int64)
        return Outcome(self.scores[places], self.labels[places], self.truth[places], sources, languages)

    @classmethod
    def join(cls, outcomes: Sequence[Outcome]) -> Outcome:
        """All blocks of several outcomes, in order."""
        if not outcomes:
            none = np.zeros(0, dtype=np.int8)
            return cls(np.zeros((0, len(LABELS)), dtype=np.float32), none, none, [], [])
        scores, labels, truth = (
            np.concatenate([getattr(one, name) for one in outcomes]) for name in ("scores", "labels", "truth")
        )
        sources, languages = ([x for one in outcomes for x in getattr(one, name)] for name in ("sources", "languages"))
        return cls(scores, labels, truth, sources, languages)


def confusion(outcome: Outcome) -> dict[str, dict[str, int]]:
    """How many blocks of each true label got each label, by name: true label, then label given."""
    return {
        str(label): dict(zip(map(str, LABELS), row, strict=True))
        for label, row in zip(LABELS, counts(outcome.truth, outcome.labels).tolist(), strict=True)
    }


def group_by(outcome: Outcome, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Blocks, accuracy and figures by label for each name, the most frequent first; `names` has one entry a block."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(name, []).append(row)
    ordered = sorted(rows.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: figures(outcome.at(own)) for name, own in ordered}


def figures(outcome: Outcome) -> dict[str, Any]:
    """Number of blocks, accuracy and figures by label."""
    accuracy = float((outcome.labels == outcome.truth).mean()) if len(outcome.truth) else 0.0
    labels = by_label(outcome.truth, outcome.labels)
    return {"blocks": len(outcome.truth), "accuracy": round(accuracy, DIGITS), "labels": labels}


def calibration(outcome: Outcome) -> dict[str, Any]:
    """The expected calibration error (Naeini and others 2015) of the likeliest label, and the bins of every label.

    A bin holds the blocks whose probability of the label lies between `low` and `high`: their number, mean probability
    (`score`) and the share that truly has the label (`share`).
    """
    rows = {str(label): _rows(outcome.scores[:, k], outcome.truth == k) for k, label in enumerate(LABELS)}
    return {"error": calibration_error(outcome.scores, outcome.truth), "bins": rows}


def _rows(scores: NDArray[np.float32], right: NDArray[np.bool_]) -> list[dict[str, float]]:
    return [
        {
            "low": found.place / BINS, "high": (found.place + 1) / BINS, "blocks": found.blocks,
            "score": round(found.score, DIGITS), "share": round(found.share, DIGITS),
        }
        for found in bins(scores, right)
    ]  # fmt: skip


def curves(outcome: Outcome) -> dict[str, dict[str, Any]]:
    """For each label that occurs: average precision, and points of recall, precision and the threshold they need."""
    out = {}
    for number, label in enumerate(LABELS):
        truth = outcome.truth == number
        if truth.any():
            out[str(label)] = _curve(outcome.scores[:, number], truth)
    return out


def _curve(scores: NDArray[np.float32], truth: NDArray[np.bool_]) -> dict[str, Any]:
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)  # equal scores share one threshold
    right = np.cumsum(truth[order])[last]
    recall, precision = right / right[-1], right / (last + 1)
    average = float((np.diff(recall, prepend=0.0) * precision).sum())
    chosen = np.unique(np.searchsorted(recall, np.linspace(0, 1, _POINTS + 1)).clip(max=len(recall) - 1))
    points = np.stack([recall[chosen], precision[chosen], ordered[last][chosen]], axis=1).round(DIGITS).tolist()
    return {"average_precision": round(average, DIGITS), "points": points}
