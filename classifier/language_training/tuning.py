"""Priors and calibration of a language model, fitted on half of a development set and checked on the other half.

A prior is a number added to the log probability of a language, one for short and one for long texts: it mends unequal
amounts of training text between near relatives and keeps rare languages from taking the short lines of common ones. It
is pulled towards what is expected of a common or a rare language, so that a language moves only as far as the rows say.
Calibration multiplies the logits by a factor that grows with the letters.
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

_PULL = 1.0  # weight of the pull of priors towards what is expected, in rows
_RARE = -2.0  # expected prior, for short texts, of a language that is not common; 0 for all others
_HALF = 20.0  # letters at which the calibration is half way
_COMMON_WEIGHT = 6.0  # rows of common languages count so many times: the web holds far more of them
_LOWEST = -1e4

Floats = NDArray[np.float64]


def tune(model: Matrices, rows: Sequence[Mapping[str, Any]], common: frozenset[str]) -> dict[str, Any]:
    """The facts "calibration" and "tuning" (accuracy before and after, on the half used and the other).

    Rows in languages that the model does not know are left out.
    """
    places = {tag: place for place, tag in enumerate(model.labels)}
    known = [row for row in rows if canonical(row["lang"]) in places]
    truth = np.array([places[canonical(row["lang"])] for row in known], np.intp)
    logits, letters = TextScorer(model, Calibration()).logits([row["text"] for row in known])
    _tell_apart(truth, logits, places)
    possible = np.isfinite(logits[np.arange(len(known)), truth])
    truth, share = truth[possible], Calibration(half=_HALF).share(letters[possible]).astype(np.float64)
    mix = np.hstack([1 - share, share])
    cells = np.maximum(logits[possible], _LOWEST).astype(np.float64)
    weights = np.array([_COMMON_WEIGHT if tag in common else 1.0 for tag in model.labels])[truth]
    used = np.arange(len(truth)) % 2 == 0
    expected = np.array([[0.0 if tag in common else _RARE for tag in model.labels], [0.0] * len(model.labels)])
    fitted = _fit(cells[used], mix[used], truth[used], weights[used], expected)
    priors, (low, high) = fitted[:-2].reshape(2, -1), fitted[-2:].tolist()
    mixed = (mix @ [low, high])[:, None] * cells + mix @ priors
    before, after = cells.argmax(axis=1) == truth, mixed.argmax(axis=1) == truth
    halves = {
        name: {"rows": int(half.sum()), "before": float(before[half].mean()), "after": float(after[half].mean())}
        for name, half in (("used", used), ("other", ~used))
    }
    rounded = {tag: [round(x, 3) for x in pair] for tag, pair in zip(model.labels, priors.T.tolist(), strict=True)}
    return {"calibration": asdict(Calibration(round(low, 4), round(high, 4), _HALF, rounded)), "tuning": halves}


def _tell_apart(truth: NDArray[np.intp], logits: NDArray[np.float32], places: Mapping[str, int]) -> None:
    """Rows labelled "zh" may be Traditional: file them under "zh-Hant" where the model finds that likelier."""
    if "zh" in places and "zh-Hant" in places:
        simplified, traditional = places["zh"], places["zh-Hant"]
        moved = (truth == simplified) & (logits[:, traditional] > logits[:, simplified])
        truth[moved] = traditional


def _fit(logits: Floats, mix: Floats, truth: NDArray[np.intp], weights: Floats, expected: Floats) -> Floats:
    """Priors for short texts, for long ones, then the low and high factor: least weighted log loss plus the pull.

    `mix` says how far each text is short and how far long, `expected` what the priors are pulled towards.
    """
    from scipy.optimize import minimize

    rows, labels = logits.shape
    at = np.arange(rows)

    def loss(point: Floats) -> tuple[float, Floats]:
        priors, factors = point[:-2].reshape(2, labels), point[-2:]
        off = priors - expected
        scores = (mix @ factors)[:, None] * logits + mix @ priors
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        totals = chances.sum(axis=1, keepdims=True)
        value = (weights * (np.log(totals[:, 0]) - scores[at, truth])).sum() + _PULL * (off**2).sum()
        chances /= totals
        chances[at, truth] -= 1
        chances *= weights[:, None]
        by_factor = (chances * logits).sum(axis=1)
        slope = np.concatenate([(mix.T @ chances + 2 * _PULL * off).ravel(), mix.T @ by_factor])
        return float(value), slope

    start = np.append(expected.ravel(), [1.0, 1.0])
    found: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found
