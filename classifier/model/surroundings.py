"""What surrounds a block: scores of its neighbours, of windows, of the best run, and of the elements that hold it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from classifier.model.batch import Batch
from classifier.model.markup import TAG_GROUPS, group

NEIGHBOURS = (-4, -3, -2, -1, 1, 2, 3, 4)
WINDOWS = (2, 5, 10, 25)  # blocks on each side
LEVELS = 6  # ancestors looked at
_SURE = 0.7  # article probability from which a block marks the extent of the article
_LONG = 80  # characters from which it does so
_MAIN_SHARE = 0.65  # share of the page's article mass that its main container holds


def shift(values: np.ndarray, by: int, page: np.ndarray, fill: float) -> np.ndarray:
    """The value of the block `by` places later on the same page, `fill` beyond its ends: (N,) as `values`."""
    out = np.full(len(values), fill, dtype=np.float32)
    n = len(values)
    if abs(by) >= n:
        return out
    here = slice(0, n - by) if by > 0 else slice(-by, n)
    there = slice(by, n) if by > 0 else slice(0, n + by)
    same = page[here] == page[there]
    out[here][same] = values[there][same]
    return out


def window(values: np.ndarray, reach: int, batch: Batch) -> np.ndarray:
    """Sum over the blocks at most `reach` away on the same page: float32 (N,)."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    places = np.arange(batch.size)
    low = np.maximum(places - reach, batch.bounds[batch.page])
    high = np.minimum(places + reach + 1, batch.bounds[batch.page + 1])
    return np.asarray(sums[high] - sums[low], dtype=np.float32)


def page_sum(values: np.ndarray, batch: Batch) -> np.ndarray:
    """Sum over each page: float64 (P,)."""
    return np.asarray(np.bincount(batch.page, weights=values, minlength=len(batch.bounds) - 1))


def before(values: np.ndarray, batch: Batch) -> np.ndarray:
    """Sum over the earlier blocks of the page: float64 (N,)."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(sums[:-1] - sums[batch.bounds[batch.page]])


def best_run(gain: np.ndarray, batch: Batch) -> np.ndarray:
    """How close the best run through each block comes to the best run of the page: float32 (N,), at most 1.

    A run is an unbroken series of blocks, its worth the sum of `gain` (positive for likely article blocks). The best
    sums that end and that start at each block come from running minima and maxima of the cumulated gain (Kadane).
    """
    out = np.zeros(batch.size, dtype=np.float32)
    for first, last in zip(batch.bounds[:-1], batch.bounds[1:], strict=True):
        if first == last:
            continue
        own = gain[first:last]
        sums = np.cumsum(own)
        left = sums - np.minimum.accumulate(np.concatenate([[0.0], sums[:-1]]))
        right = np.maximum.accumulate(sums[::-1])[::-1] - sums + own
        through = left + right - own
        out[first:last] = through / max(float(through.max()), 1e-3)
    return np.maximum(out, -1.0)


def ancestors(batch: Batch) -> list[np.ndarray]:
    """Elements of each block by level, the own element first, -1 beyond the root: int64 (N,) each."""
    levels = []
    element = batch.element
    while len(element) and element.max() >= 0:
        levels.append(element)
        element = np.where(element >= 0, batch.parents[np.maximum(element, 0)], -1)
    return levels


def element_sums(values: np.ndarray, levels: Sequence[np.ndarray], batch: Batch) -> np.ndarray:
    """Sum of a value over the blocks inside each element: float64 (E + 1,), the last for "no element"."""
    total = np.zeros(len(batch.parents) + 1)
    for level in levels:
        total += np.bincount(np.where(level >= 0, level, len(batch.parents)), weights=values, minlength=len(total))
    total[-1] = 0.0
    return total


@lru_cache(maxsize=1)
def context_names() -> list[str]:
    """Names of the columns that `context` gives, in order."""
    names = []
    for what in ("article", "consent", "length", "heading", "links"):
        near = what in ("heading", "links", "consent")
        names += [f"{what} {by:+d}" for by in (NEIGHBOURS[2:6] if near else NEIGHBOURS)]
    for what in ("article", "other", "consent"):
        names += [f"{what} within {reach}" for reach in WINDOWS]
    names += ["best run", "article before", "article after", "blocks to first sure", "blocks to last sure", "position",
              "place", "page article", "page text", "page consent", "page blocks", "page links", "page sure",
              "copies"]  # fmt: skip
    for level in range(LEVELS):
        names += [f"share of article, level {level}", f"article part, level {level}", f"text, level {level}"]
    names += ["in main", "levels below main", "branch share", "branch part", "branch text", "alike article",
              "alike count", "alike consent", "consent part, level 2", "consent part, level 4", "title"]  # fmt: skip
    names += [f"tag {tags.split()[0]}" for tags in TAG_GROUPS] + ["tag other", "tag none"]
    return names


def context(batch: Batch, scores: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Numbers about the surroundings of N blocks: float32 (N, len(context_names())).

    `scores` float32 (N, 3) are probabilities in the order of LABELS, `lengths` (N,) characters of the blocks.
    """
    article, consent = scores[:, 0], scores[:, 2]
    weight = np.sqrt(lengths.astype(np.float32))
    columns = _neighbour_columns(batch, scores, lengths)
    for values in (article * weight, scores[:, 1] * weight, consent * weight):
        columns += [np.log1p(window(values, reach, batch)) for reach in WINDOWS]
    columns += _page_columns(batch, scores, weight, lengths)
    columns += _element_columns(batch, scores, weight)
    columns.append(_title_column(batch, lengths))
    columns += _tag_columns(batch)
    return np.stack(columns, axis=1).astype(np.float32)


def _neighbour_columns(batch: Batch, scores: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    size = np.log1p(lengths).astype(np.float32)
    heading = np.isin(_groups(batch), (1, 2, 3)).astype(np.float32)
    columns = [shift(scores[:, 0], by, batch.page, -0.2) for by in NEIGHBOURS]
    columns += [shift(scores[:, 2], by, batch.page, 0.0) for by in NEIGHBOURS[2:6]]
    columns += [shift(size, by, batch.page, 0.0) for by in NEIGHBOURS]
    for values in (heading, batch.links):
        columns += [shift(values, by, batch.page, 0.0) for by in NEIGHBOURS[2:6]]
    return columns


def _page_columns(batch: Batch, scores: np.ndarray, weight: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    page, article = batch.page, scores[:, 0]
    mass, total = article * weight, page_sum(weight, batch)
    sure = (article > _SURE) & (lengths >= _LONG)
    article_mass = page_sum(mass, batch)
    count = np.diff(batch.bounds)
    place = np.arange(batch.size) - batch.bounds[page]
    first, last = np.full(len(count), 1e9), np.full(len(count), -1e9)
    np.minimum.at(first, page[sure], place[sure])
    np.maximum.at(last, page[sure], place[sure])
    none = first > last
    first, last = np.where(none, count, first), np.where(none, -1, last)
    share = before(mass, batch) / np.maximum(article_mass[page], 1e-3)
    own = mass / np.maximum(article_mass[page], 1e-3)
    copies = _copies(batch)
    log = np.log1p
    return [
        best_run((article - 0.4) * weight, batch), share, np.clip(1.0 - share - own, 0.0, 1.0),
        _signed_log(place - first[page]), _signed_log(place - last[page]), place / np.maximum(count[page], 1),
        log(place), log(article_mass)[page], log(total)[page], log(page_sum(scores[:, 2] * weight, batch))[page],
        log(count)[page], (page_sum(batch.links, batch) / np.maximum(count, 1))[page],
        log(page_sum(sure, batch))[page], log(copies),
    ]  # fmt: skip


def _copies(batch: Batch) -> np.ndarray:
    """How often the block's text stands on its page: (N,)."""
    pairs = batch.page * np.int64(len(batch.texts)) + batch.which
    _, inverse, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse])


def _signed_log(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def _element_columns(batch: Batch, scores: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    levels = ancestors(batch)
    mass = element_sums(scores[:, 0] * weight, levels, batch)
    text = element_sums(weight, levels, batch)
    consent = element_sums(scores[:, 2] * weight, levels, batch)
    part, consent_part = mass / np.maximum(text, 1e-3), consent / np.maximum(text, 1e-3)
    page_mass = np.maximum(page_sum(scores[:, 0] * weight, batch), 1e-3)[batch.page]
    missing = np.full(batch.size, -1)
    at = [levels[i] if i < len(levels) else missing for i in range(LEVELS)]
    columns = []
    for element in at:
        columns += [mass[element] / page_mass, np.where(element >= 0, part[element], -0.2), np.log1p(text[element])]
    below, branch = _main(levels, mass, page_mass)
    inside = below >= 0
    columns += [inside, below, np.where(inside, mass[branch] / page_mass, 0.0), np.where(inside, part[branch], -0.2),
                np.log1p(text[branch])]  # fmt: skip
    columns += _alike(batch, scores, weight)
    return columns + [consent_part[at[2]], consent_part[at[4]]]


def _main(levels: Sequence[np.ndarray], mass: np.ndarray, page_mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many levels a block lies below its page's main container (-1 outside), and the branch of it that it is in."""
    n = len(page_mass)
    below = np.full(n, -1)
    branch = np.full(n, -1)
    child = np.full(n, -1)
    for depth, element in enumerate(levels):
        hit = (below < 0) & (element >= 0) & (mass[element] >= _MAIN_SHARE * page_mass)
        below[hit] = depth
        branch[hit] = child[hit] if depth else element[hit]
        child = element
    return below, branch


def _alike(batch: Batch, scores: np.ndarray, weight: np.ndarray) -> list[np.ndarray]:
    """Article share, count and consent share of the blocks of the page whose element and parent are written alike."""
    if not len(batch.parents):
        return [np.full(batch.size, -0.2), np.zeros(batch.size), np.zeros(batch.size)]
    element = np.maximum(batch.element, 0)
    kinds = np.int64(len(batch.keys) + 1)  # one more for "no parent"
    above = batch.parents[element]
    parent_key = np.where(above >= 0, batch.element_key[above], len(batch.keys))
    code = (batch.page * kinds + batch.element_key[element]) * kinds + parent_key
    _, inverse = np.unique(np.where(batch.element < 0, -1, code), return_inverse=True)
    total = np.maximum(np.bincount(inverse, weights=weight), 1e-3)
    share = (np.bincount(inverse, weights=scores[:, k] * weight) / total for k in (0, 2))
    article, consent = (s[inverse] for s in share)
    none = batch.element < 0
    count = np.log1p(np.bincount(inverse))[inverse]
    return [np.where(none, -0.2, article), np.where(none, 0.0, count), np.where(none, 0.0, consent)]


def _title_column(batch: Batch, lengths: np.ndarray) -> np.ndarray:
    """1 where a block is part of the page's title or holds its main part, else 0; 0 without a title: (N,)."""
    out = np.zeros(batch.size, dtype=np.float32)
    for number, title in enumerate(batch.titles):
        if not title:
            continue
        low = title.casefold()
        first, last = batch.bounds[number], batch.bounds[number + 1]
        for i in np.flatnonzero((lengths[first:last] >= 8) & (lengths[first:last] <= 300)) + first:
            text = batch.texts[batch.which[i]].casefold()
            if text in low or (len(low) >= 15 and low in text):
                out[i] = len(text) / max(len(low), len(text))
    return out


def _groups(batch: Batch) -> np.ndarray:
    """Tag group of the nearest element of a block that has one of a block-level kind: int64 (N,), -1 for no markup."""
    if not len(batch.parents):
        return np.full(batch.size, -1)
    by_key = np.fromiter(map(group, batch.keys), dtype=np.int64, count=len(batch.keys))
    return np.where(batch.element >= 0, by_key[batch.element_key[np.maximum(batch.element, 0)]], -1)


def _tag_columns(batch: Batch) -> list[np.ndarray]:
    """Whether a block's element, or one of the two around it, is of each tag group."""
    kinds = len(TAG_GROUPS) + 1
    if not len(batch.parents):
        return [np.zeros(batch.size)] * kinds + [np.ones(batch.size)]
    by_key = np.fromiter(map(group, batch.keys), dtype=np.int64, count=len(batch.keys))
    found = np.zeros((batch.size, kinds), dtype=bool)
    element = batch.element
    for _ in range(3):
        ok = np.flatnonzero(element >= 0)
        found[ok, by_key[batch.element_key[element[ok]]]] = True
        element = np.where(element >= 0, batch.parents[np.maximum(element, 0)], -1)
    return [*found.T, batch.element < 0]
