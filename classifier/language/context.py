"""Page context: the likeliest sequence of languages over the blocks of a page, where every change has a cost.

Viterbi decoding in its two-sided form: the best path through each language at each block is scored from both ends, so
that the best language and how far it leads come out together (the source of the block's score). All pages of a batch
advance together, one block a step; stretches of a page where no other path can win are decided without it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.language.groups import Groups
from classifier.language.scoring import Indices, Numbers, TextScores
from classifier.settings import PURE_PYTHON

_APART = 1e6  # more than all gains on a page: taken off where a stretch begins, it keeps runs from reaching over
_FEW = 4  # letters below which a block says nothing beside others
_FEW_BLOCKS = 8  # blocks of a page, below which their second choices are candidates too
_LEAST_VOTE = 1e-6  # makes a label a candidate
_LONG = 60  # letters from which a block counts in full for the choice of a page's candidates


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """Costs in nats of log probability."""

    common: NDArray[np.bool_]  # (labels,): languages that a foreign block is likely to be in
    stranger: int = 0  # label that is a candidate on every page
    switch: float = 4.0  # cost of a change of language between neighbouring blocks
    floor: float = -20.0  # lowest log probability that one block can give a language: one block decides only so much
    half: float = 12.0  # letters at which a block is half believed: neighbours that are short say the same thing again
    candidates: int = 8  # languages considered on a page
    rarity: float = 0.5  # what a language that is not common must lead by, more than its prior says


@dataclass(frozen=True, slots=True)
class _Batch:
    """Blocks of all pages in a row."""

    texts: Indices  # (blocks,): which text of the scores
    pages: Indices  # (blocks,): which page
    first: Indices  # (pages,): first block of each page
    candidates: Indices  # (pages, candidates): labels
    evidence: Numbers  # (blocks, candidates): log probabilities


def smooth(
    scores: TextScores, texts: Indices, lengths: Indices, settings: ContextSettings, groups: Groups
) -> tuple[Indices, Numbers]:
    """Label (-1 for none) and score of every block of all pages in a row.

    `texts` holds for each block the index of its text in `scores`, `lengths` the number of blocks of each page.
    """
    batch = _gather(scores, texts, lengths, settings)
    margins = path_margins(batch.evidence, batch.first, settings.switch)
    best = margins.argmax(axis=1)
    margins -= margins[np.arange(len(texts)), best][:, None]
    chances = np.exp(margins)
    sure = 1 / chances.sum(axis=1)
    labels = batch.candidates[batch.pages, best]
    foreign = np.flatnonzero(scores.columns[scores.scripts[texts], labels] < 0)  # in a script of no candidate
    labels[foreign], sure[foreign] = scores.best[texts[foreign]], scores.sure[texts[foreign]]
    few = foreign[scores.letters[texts[foreign]] < _FEW]
    labels[few] = -1
    labels[scores.best[texts] < 0] = -1
    for group, places in groups.unsure(labels, sure).items():
        own = groups.of_label[batch.candidates[batch.pages[places]]] == group
        groups.settle(group, places, (chances[places] * own).sum(axis=1) * sure[places], labels, sure)
    return labels, np.where(labels < 0, np.float32(0), sure)


def _gather(scores: TextScores, texts: Indices, lengths: Indices, settings: ContextSettings) -> _Batch:
    """Candidates of each page, the page's main language first, and what each block says about them."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    labels = scores.columns.shape[1]
    weight = scores.sure * np.minimum(scores.letters, _LONG)
    best = scores.best[texts]
    spoken = best >= 0
    votes = (
        np.bincount(owner[spoken] * labels + best[spoken], weight[texts[spoken]], minlength=len(lengths) * labels)
        .reshape(len(lengths), labels)
        .astype(np.float64)
    )
    _add_runners_up(votes, scores, texts, owner, weight, lengths)
    votes[:, settings.stranger] += _LEAST_VOTE
    count = min(settings.candidates, labels)
    candidates = np.argsort(-votes, axis=1, kind="stable")[:, :count]
    evidence = scores.of(texts, candidates[owner])
    rare = ~settings.common[candidates][owner]
    evidence[rare] -= settings.rarity
    evidence *= scores.trust(settings.half)[texts][:, None]
    evidence[scores.letters[texts] < _FEW] = 0
    np.maximum(evidence, settings.floor, out=evidence)
    _lead_first(candidates, evidence, owner, lengths)
    return _Batch(texts, owner, np.cumsum(lengths) - lengths, candidates, evidence)


def _lead_first(candidates: Indices, evidence: Numbers, owner: Indices, lengths: Indices) -> None:
    """Put the language that all blocks of a page together speak for most into its first column."""
    pages = np.flatnonzero(lengths)
    if not len(pages):
        return
    totals = np.add.reduceat(evidence, (np.cumsum(lengths) - lengths)[pages], axis=0)
    main = np.zeros(len(lengths), np.intp)
    main[pages] = totals.argmax(axis=1)
    for array, lead in ((candidates, main), (evidence, main[owner])):
        rows = np.arange(len(array))
        array[rows, lead], array[:, 0] = array[:, 0].copy(), array[rows, lead]


def _add_runners_up(
    votes: NDArray[np.float64], scores: TextScores, texts: Indices, owner: Indices, weight: Numbers, lengths: Indices
) -> None:
    """On pages of few blocks, whose candidates would be no more than the blocks, let second choices count too."""
    few = np.flatnonzero((lengths > 1) & (lengths < _FEW_BLOCKS))
    chosen = np.flatnonzero(np.isin(owner, few))
    part = scores.part[texts[chosen]]
    for index, logs in enumerate(scores.parts):
        here = chosen[part == index]
        if len(here):
            labels = np.flatnonzero(scores.columns[scores.scripts[texts[here[0]]]] >= 0)
            starts = np.flatnonzero(np.diff(owner[here], prepend=-1))
            share = np.exp(logs[scores.row[texts[here]]]) * weight[texts[here]][:, None]
            votes[np.ix_(owner[here[starts]], labels)] += np.add.reduceat(share, starts, axis=0)


def path_margins_in_numpy(evidence: Numbers, first: Indices, switch: float) -> Numbers:
    """How well each language does at each block, against the others at that block: an array like `evidence`.

    `evidence` (blocks, candidates) of all pages in a row, each page's main language in the first column; `first`
    (pages,) is the first block of each page, `switch` the cost of a change. Where the main language holds all around, a
    language has its lead at that block less the cost of a change there and back; elsewhere the score of the best path.
    """
    margins = evidence - evidence[:, :1] - np.float32(2 * switch)
    margins[:, 0] = 0
    _decode(evidence, first, switch, margins)
    return margins


def _stretches(evidence: Numbers, page_starts: Indices, switch: float) -> tuple[Indices, Indices, NDArray[np.bool_]]:
    """Where the main language may lose some blocks: first block, number of blocks, and whether an anchor follows.

    An anchor is a block where the main language leads by what two changes cost, so that no path is better without that
    language there. Anchors cut a page into stretches, each of which begins with one, or with the page. Runs of blocks
    in other languages need at least one change each; so where no run gains more than a change costs, the main language
    keeps the whole stretch. A page without an anchor may be all runs, which need one change less than there are runs:
    half a change a run, for two. (One run is never the whole page, as the main language has most of the evidence.)
    """
    blocks = len(evidence)
    gain = (evidence[:, 1:] - evidence[:, :1]).astype(np.float64)
    opens_page = np.zeros(blocks + 1, bool)
    opens_page[page_starts] = True
    anchor = gain.max(axis=1, initial=-np.inf) <= -2 * switch
    opens = opens_page[:blocks] | anchor
    apart = gain - _APART * opens[:, None]
    total = np.cumsum(apart, axis=0)  # falls far where a stretch begins, so that no run reaches over it
    run = total - np.minimum.accumulate(total - gain, axis=0)
    first = np.flatnonzero(opens)
    ends = np.append(first[1:], blocks)
    anchored = ~opens_page[ends] & (ends < blocks)
    limit = np.where(anchored | anchor[first], switch, switch / 2)
    stretch = np.cumsum(opens) - 1
    disputed = np.unique(stretch[run.max(axis=1, initial=-np.inf) > limit[stretch]])
    return first[disputed], (ends - first)[disputed], anchored[disputed]


def _decode(evidence: Numbers, page_starts: Indices, switch: float, margins: Numbers) -> None:
    """Replace the margins of disputed stretches by the scores of the best paths through each language at each block.

    Each stretch is walked from both ends at once; the halves of a path meet at a block, whose own evidence both hold.
    """
    first, lengths, anchored = _stretches(evidence, page_starts, switch)
    if not len(first):
        return
    order = np.argsort(-np.tile(lengths, 2), kind="stable")
    starts = np.concatenate([first, first + lengths - 1])[order]
    onward = np.repeat([1, -1], len(first))[order]
    lengths, closed = np.tile(lengths, 2)[order], np.append(np.zeros(len(first), bool), anchored)[order]
    active = len(starts) - np.searchsorted(lengths[::-1], np.arange(1, lengths[0] + 1))  # walks that reach each step
    steps = np.append(0, np.cumsum(active))
    step_of_row = np.repeat(np.arange(len(active)), active)
    walk = np.arange(steps[-1]) - steps[step_of_row]
    rows = starts[walk] + onward[walk] * step_of_row
    best = evidence[rows]
    cost = np.float32(switch)
    best[: len(starts)][closed, 1:] -= cost  # an anchor follows, where the main language is certain
    for step in range(1, len(active)):
        before = best[steps[step - 1] : steps[step - 1] + active[step]]
        best[steps[step] : steps[step + 1]] += np.maximum(before, before.max(axis=1, keepdims=True) - cost)
    forward = onward[walk] > 0
    margins[rows[forward]] = best[forward]
    back = rows[~forward]
    margins[back] += best[~forward] - evidence[back]


path_margins = path_margins_in_numpy
if not PURE_PYTHON:
    with suppress(ImportError):  # where it is not compiled
        from classifier.language.compiled_context import path_margins
