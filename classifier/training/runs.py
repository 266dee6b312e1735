"""What stands in one page between the blocks of its article, put between those of another: galleries, offers, boxes.

Most pages have no such thing, and those that do show one each. Its sentences read like an article's, so that it must be
known by how it differs from what is around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import Markup
from classifier.model.elements import Forest
from classifier.records import LABELS, Label
from classifier.training.examples import Example, join_blocks

INSERTED = "inserted"  # source of such pages
_LEAST_BLOCKS, _LEAST_CHARS = 4, 150  # of a run
_LEAST_ARTICLE = 3  # blocks of an article that another's run is put into
_ARTICLE, _BOILERPLATE, _CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Run:
    """Blocks of a page, one after another: `rows` are their places."""

    page: Example
    rows: Ints


def runs(page: Example) -> list[Run]:
    """The runs of furniture between two blocks of the article, of a page labelled block by block.

    Gold text is not enough: what it leaves out between its blocks is often a part of the article. Notices are no runs;
    blocks without a label between furniture come along.
    """
    if page.gold or not page.whole:
        return []
    article = np.flatnonzero(page.labels == _ARTICLE)
    found = []
    for before, after in zip(article[:-1], article[1:], strict=True):
        rows = np.arange(before + 1, after)
        if len(rows) < _LEAST_BLOCKS or sum(len(page.columns.texts[i]) for i in rows) < _LEAST_CHARS:
            continue
        if np.mean(page.labels[rows] == _BOILERPLATE) > 0.5 and not (page.labels[rows] == _CONSENT).any():
            found.append(Run(page, rows))
    return found


def takes_runs(page: Example) -> bool:
    """Whether a page's article is known and long enough for a run to be put into it."""
    return page.whole and int((page.labels == _ARTICLE).sum()) >= _LEAST_ARTICLE


def put_into(host: Example, run: Run, dice: np.random.Generator) -> Example:
    """The host with the run, as boilerplate, after any block of its article but the last.

    Both have markup, or neither. The run's elements, as far as they hold nothing else, come along; the outermost stand
    beside the block before. ValueError where only one has markup.
    """
    ours, theirs = host.columns.markup, run.page.columns.markup
    if (ours is None) != (theirs is None):
        raise ValueError(
            f"{host.id}: a page of markup takes the run of a page of markup, plain text that of plain text"
        )
    before = int(dice.choice(np.flatnonzero(host.labels == _ARTICLE)[:-1]))

    def spliced(own: Sequence[Any], others: Sequence[Any]) -> list[Any]:
        return [*own[: before + 1], *others, *own[before + 1 :]]

    columns = join_blocks(spliced(host.columns.texts, [run.page.columns.texts[i] for i in run.rows]))
    if ours is not None and theirs is not None:
        markup, places = _with_elements(ours, max(ours.parents[ours.blocks[before]], 0), theirs, run.rows)
        markup = replace(
            markup, blocks=spliced(ours.blocks, places),
            link_chars=spliced(ours.link_chars, [theirs.link_chars[i] for i in run.rows]),
            hidden=spliced(ours.hidden, [theirs.hidden[i] for i in run.rows]),
        )  # fmt: skip
        columns = replace(columns, markup=markup)
    labels = np.insert(host.labels, before + 1, [_BOILERPLATE] * len(run.rows))
    return replace(host, id=f"{host.id}+{run.page.id}", columns=columns, labels=labels, source=INSERTED, gold=())


def _with_elements(ours: Markup, parent: int, theirs: Markup, rows: Ints) -> tuple[Markup, list[int]]:
    """The elements of `ours`, and below `parent` those of `theirs` that hold these blocks and no others; their places.

    A block that shares its element with others lies in `parent`.
    """
    size = len(theirs.parents) + 1
    blocks = np.array(theirs.blocks)
    forest = Forest(np.array(theirs.parents))
    held, of_run = (forest.downward(np.bincount(some, minlength=size)) for some in (blocks, blocks[rows]))
    branch = np.flatnonzero((of_run > 0) & (of_run == held))
    number = np.full(size, -1)
    number[branch] = len(ours.parents) + np.arange(len(branch))
    above = number[[theirs.parents[element] for element in branch]]
    parents = np.where(above < 0, parent, above).tolist()
    tags = [len(ours.keys) + theirs.tags[element] for element in branch]
    places = np.where(number[blocks[rows]] < 0, parent, number[blocks[rows]]).tolist()
    markup = replace(ours, parents=[*ours.parents, *parents], tags=[*ours.tags, *tags], keys=[*ours.keys, *theirs.keys])
    return markup, places
