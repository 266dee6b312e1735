"""Pages put together from two: the furniture of one around the main content of the other.

Sites are few, and each shows its own furniture around its own kind of content. What a model learns from their company
holds on no other site; on a page that has the main content of another it learns each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import Markup
from classifier.model.elements import Forest
from classifier.records import LABELS, Label
from classifier.training.examples import Example, join_blocks

GRAFTED = "grafted"  # source of such pages
_NEARLY_ALL = 0.98  # of the article's characters: what the main element holds
_LEAST_ARTICLE = 200  # characters of it
_LEAST_FURNITURE, _LEAST_MAIN = 5, 3  # blocks
_ARTICLE = LABELS.index(Label.ARTICLE)
Ints = NDArray[np.int64]


def graft(host: Example, donor: Example) -> Example | None:
    """The host's page with the donor's main element in place of its own; None where one has none or too few blocks.

    Both have markup. The main element is the innermost that holds nearly all article text. Blocks keep their labels,
    and whatever else the donor's main element holds comes along. Title and hints are the donor's, the site the host's.
    """
    ours, theirs = host.columns.markup, donor.columns.markup
    if ours is None or theirs is None:
        return None
    place, main = main_element(host), main_element(donor)
    if place < 1 or main < 1:  # a root cannot be replaced
        return None
    away = _within(ours.parents, place)[ours.blocks]
    taken = _within(theirs.parents, main)
    inner, rest = np.flatnonzero(taken[theirs.blocks]).tolist(), np.flatnonzero(~away)
    if len(rest) < _LEAST_FURNITURE or len(inner) < _LEAST_MAIN:
        return None
    before, after = (part.tolist() for part in np.split(rest, np.searchsorted(rest, np.flatnonzero(away)[:1])))
    markup, number = _with_branch(ours, place, theirs, np.flatnonzero(taken))

    def joined(own: Sequence[Any], others: Sequence[Any]) -> list[Any]:
        return [*(own[i] for i in before), *(others[i] for i in inner), *(own[i] for i in after)]

    markup = replace(
        markup, blocks=joined(ours.blocks, number[theirs.blocks].tolist()),
        link_chars=joined(ours.link_chars, theirs.link_chars), hidden=joined(ours.hidden, theirs.hidden),
        title=theirs.title, hints=theirs.hints,
    )  # fmt: skip
    columns = join_blocks(joined(host.columns.texts, donor.columns.texts))
    labels = np.concatenate([host.labels[before], donor.labels[inner], host.labels[after]])
    return replace(
        host,
        id=f"{host.id}+{donor.id}",
        columns=replace(columns, markup=markup),
        labels=labels,
        source=GRAFTED,
        gold=(),
    )


def main_element(page: Example) -> int:
    """The innermost element that holds nearly all article text of a page with markup; -1 where there is too little."""
    markup = page.columns.markup
    if markup is None:
        return -1
    sizes = [len(text) if label == _ARTICLE else 0 for text, label in zip(page.columns.texts, page.labels, strict=True)]
    total = sum(sizes)
    if total < _LEAST_ARTICLE:
        return -1
    own = np.bincount(markup.blocks, weights=sizes, minlength=len(markup.parents) + 1)
    held = Forest(np.array(markup.parents)).downward(own)
    return int(np.flatnonzero(held >= _NEARLY_ALL * total)[-1])  # of those that hold so much each holds the next


def _within(parents: Sequence[int], element: int) -> NDArray[np.bool_]:
    """Which elements are the given one or lie in it: (E,)."""
    chosen = np.arange(len(parents) + 1) == element
    return Forest(np.array(parents)).upward(chosen)[:-1]


def _with_branch(ours: Markup, place: int, theirs: Markup, branch: Ints) -> tuple[Markup, Ints]:
    """Elements of `ours` and a `branch` of the other page's, whose first stands beside `place`; its new numbers.

    The numbers are by element of the other page, -1 outside the branch: (E,).
    """
    number = np.full(len(theirs.parents), -1)
    number[branch] = len(ours.parents) + np.arange(len(branch))
    above = [ours.parents[place], *(int(number[theirs.parents[element]]) for element in branch[1:])]
    tags = [len(ours.keys) + theirs.tags[element] for element in branch]
    return replace(
        ours, parents=[*ours.parents, *above], tags=[*ours.tags, *tags], keys=[*ours.keys, *theirs.keys]
    ), number
