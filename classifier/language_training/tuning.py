"""Priors and calibration of a language model, fitted on half of a development set and checked on the other half.

A prior is one number a language, added to its log probability: it mends unequal amounts of training text between near
relatives and keeps rare languages from taking the short lines of common ones. It is pulled towards zero, so that a
language moves only as far as the rows say. Calibration multiplies the logits by a factor that grows with the letters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.language.codes import canonical
from classifier.language.model_file import Matrices
from classifier.language.scoring import Calibration, TextScorer

_PULL = 3.0  # weight of the pull of priors towards zero, in rows
_HALF = 20.0  # letters at which the calibration is half way
_COMMON_WEIGHT = 6.0  # rows of common languages count so many times: the web holds far more of them
_LOWEST = -1e4

Floats = NDArray[np.float64]


def tune(model: Matrices, rows: Sequence[Mapping[str, Any]], common: frozenset[str]) -> dict[str, Any]:
    """The facts "priors", "calibration" and "tuning" (accuracy before and after, on the half used and the other).

    Rows in languages that the model does not know are left out.
    """
    places = {tag: place for place, tag in enumerate(model.labels)}
    known = [row for row in rows if canonical(row["lang"]) in places]
    truth = np.array([places[canonical(row["lang"])] for row in known], np.intp)
    logits, letters = TextScorer(model, {}, Calibration()).logits([row["text"] for row in known])
    _tell_apart(truth, logits, places)
    possible = np.isfinite(logits[np.arange(len(known)), truth])
    logits, letters, truth = logits[possible], letters[possible], truth[possible]
    share = letters / (letters + _HALF)
    weights = np.array([_COMMON_WEIGHT if tag in common else 1.0 for tag in model.labels])[truth]
    used = np.arange(len(truth)) % 2 == 0
    fitted = _fit(np.maximum(logits[used], _LOWEST).astype(np.float64), share[used], truth[used], weights[used])
    priors, low, high = fitted[:-2], float(fitted[-2]), float(fitted[-1])
    right_before = logits.argmax(axis=1) == truth
    right_after = ((low + (high - low) * share)[:, None] * logits + priors).argmax(axis=1) == truth
    figures = {
        name: {
            "rows": int(half.sum()),
            "before": float(right_before[half].mean()),
            "after": float(right_after[half].mean()),
        }
        for name, half in (("used", used), ("other", ~used))
    }
    return {
        "priors": {tag: round(float(prior), 3) for tag, prior in zip(model.labels, priors, strict=True)},
        "calibration": asdict(Calibration(round(low, 4), round(high, 4), _HALF)),
        "tuning": figures,
    }


def _tell_apart(truth: NDArray[np.intp], logits: NDArray[np.float32], places: Mapping[str, int]) -> None:
    """Rows labelled "zh" may be Traditional: file them under "zh-Hant" where the model finds that likelier."""
    if "zh" in places and "zh-Hant" in places:
        simplified, traditional = places["zh"], places["zh-Hant"]
        moved = (truth == simplified) & (logits[:, traditional] > logits[:, simplified])
        truth[moved] = traditional


def _fit(logits: Floats, share: Floats, truth: NDArray[np.intp], weights: Floats) -> Floats:
    """Priors, then the calibration's low and high factor: the least weighted log loss plus the pull."""
    from scipy.optimize import minimize

    rows, labels = logits.shape
    at = np.arange(rows)

    def loss(point: Floats) -> tuple[float, Floats]:
        priors, low, high = point[:-2], point[-2], point[-1]
        scores = (low + (high - low) * share)[:, None] * logits + priors
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        totals = chances.sum(axis=1, keepdims=True)
        value = (weights * (np.log(totals[:, 0]) - scores[at, truth])).sum() + _PULL * (priors**2).sum()
        chances /= totals
        chances[at, truth] -= 1
        chances *= weights[:, None]
        by_factor = (chances * logits).sum(axis=1)
        slope = np.concatenate(
            [chances.sum(axis=0) + 2 * _PULL * priors, [(by_factor * (1 - share)).sum(), (by_factor * share).sum()]]
        )
        return float(value), slope

    start = np.append(np.zeros(labels), [1.0, 1.0])
    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    return found
