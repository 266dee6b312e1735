"""Page context: the likeliest sequence of languages over the blocks of a page, where every change has a cost.

Viterbi decoding in its two-sided form: the best path through each language at each block is scored from both ends, so
that the best language and how far it leads come out together (the source of the block's score). All pages of a batch
advance together, one block a step. Pages where no other path can win are decided without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.language.scoring import Indices, Numbers, TextScores

_LONG = 60  # letters from which a block counts in full for the choice of a page's candidates


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """Costs in nats of log probability."""

    switch: float = 4.0  # cost of a change of language between neighbouring blocks
    floor: float = -12.0  # lowest log probability that one block can give a language: one block decides only so much
    candidates: int = 8  # languages considered on a page
    sharpness: float = 1.0  # what the lead of a path is multiplied by before it becomes a score


@dataclass(frozen=True, slots=True)
class _Batch:
    """Blocks of all pages in a row."""

    texts: Indices  # (blocks,): which text of the scores
    pages: Indices  # (blocks,): which page
    first: Indices  # (pages,): first block of each page
    candidates: Indices  # (pages, candidates): labels
    evidence: Numbers  # (blocks, candidates): log probabilities


def smooth(
    scores: TextScores, pages: Sequence[Indices], settings: ContextSettings, default: int
) -> tuple[Indices, Numbers]:
    """Label (-1 for none) and score of every block of all pages in a row.

    `pages` holds for each block the index of its text in `scores`; `default` is a label that is a candidate everywhere.
    """
    batch = _gather(scores, pages, settings, default)
    blocks = np.arange(len(batch.texts))
    margins = _settled_margins(batch, settings)
    hard = np.flatnonzero(_gains(batch) > settings.switch)
    _decode(batch, hard, settings, margins)
    best = margins.argmax(axis=1)
    margins -= margins[blocks, best][:, None]
    sure = 1 / np.exp(margins * np.float32(settings.sharpness)).sum(axis=1)
    silent = scores.best[batch.texts] < 0
    labels = np.where(silent, -1, batch.candidates[batch.pages, best])
    return labels, np.where(silent, 0, sure).astype(np.float32)


def _gather(scores: TextScores, pages: Sequence[Indices], settings: ContextSettings, default: int) -> _Batch:
    """Candidates of each page, the page's main language first, and what each block says about them."""
    lengths = np.fromiter(map(len, pages), np.intp, len(pages))
    texts = np.concatenate([*pages, np.zeros(0, np.intp)]).astype(np.intp)
    owner = np.repeat(np.arange(len(pages)), lengths)
    labels = scores.columns.shape[1]
    weight = scores.sure[texts] * np.minimum(scores.letters[texts], _LONG)
    spoken = scores.best[texts] >= 0
    votes = np.bincount(
        owner[spoken] * labels + scores.best[texts][spoken], weight[spoken], minlength=len(pages) * labels
    ).reshape(len(pages), labels)
    votes[:, default] += 1e-6
    count = min(settings.candidates, labels)
    candidates = np.argsort(-votes, axis=1, kind="stable")[:, :count]
    evidence = scores.of(texts[:, None], candidates[owner])
    evidence[~spoken] = 0
    np.maximum(evidence, settings.floor, out=evidence)
    return _Batch(texts, owner, np.cumsum(lengths) - lengths, candidates, evidence)


def _gains(batch: _Batch) -> Numbers:
    """For each page the most that any path could gain over the main language throughout, before the cost of switching."""
    gain = batch.evidence.max(axis=1) - batch.evidence[:, 0] if len(batch.texts) else np.zeros(0, np.float32)
    return np.bincount(batch.pages, gain, minlength=len(batch.first)).astype(np.float32)


def _settled_margins(batch: _Batch, settings: ContextSettings) -> Numbers:
    """Scores of each language at each block of a page whose main language holds throughout: a change there and back."""
    margins = batch.evidence - batch.evidence[:, :1] - np.float32(2 * settings.switch)
    margins[:, 0] = 0
    return margins


def _decode(batch: _Batch, hard: Indices, settings: ContextSettings, margins: Numbers) -> None:
    """Replace the margins of the pages `hard` by the scores of the best paths through each language at each block."""
    if not len(hard):
        return
    lengths = np.bincount(batch.pages, minlength=len(batch.first))[hard]
    hard, lengths = hard[np.argsort(-lengths, kind="stable")], np.sort(lengths)[::-1]
    active = len(hard) - np.searchsorted(lengths[::-1], np.arange(1, lengths[0] + 1))  # pages that reach each step
    rows = np.concatenate([batch.first[hard[:count]] + step for step, count in enumerate(active)])
    steps = np.append(0, np.cumsum(active))
    evidence = batch.evidence[rows]
    cost = np.float32(settings.switch)
    forward, backward = evidence.copy(), np.zeros_like(evidence)
    for step in range(1, len(active)):
        count = active[step]
        before = forward[steps[step - 1] : steps[step - 1] + count]
        forward[steps[step] : steps[step + 1]] += np.maximum(before, before.max(axis=1, keepdims=True) - cost)
    for step in range(len(active) - 1, 0, -1):
        count, here = active[step], slice(steps[step], steps[step + 1])
        after = evidence[here] + backward[here]
        best = after.max(axis=1, keepdims=True) - cost
        np.maximum(after, best, out=backward[steps[step - 1] : steps[step - 1] + count])
    margins[rows] = forward + backward
