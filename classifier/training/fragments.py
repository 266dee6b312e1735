"""Pages cut down to their main content, or to a few blocks of it, as feeds, editors and people who quote hold them.

What stands around an article tells much of it. Without such pages a model would take an article for furniture where
nothing stands around it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import Markup
from classifier.model.elements import Forest
from classifier.records import LABELS, Label
from classifier.training.examples import Example, join_blocks
from classifier.training.grafting import main_element, with_branch, within

FRAGMENT = "fragment"  # source of such pages
_EXCERPTS = 0.4  # share that is cut to a few blocks
_MOST_EXCERPT = 8  # blocks of those
_ARTICLE = LABELS.index(Label.ARTICLE)


def fragment(page: Example, dice: np.random.Generator) -> Example | None:
    """The page's main content alone, or some blocks of it in a row, of which the first is article.

    None where too little is known to be article. With markup the main content is all that the main element holds (see
    `main_element`), with its elements, but without the title of the page and its hints; in plain text it is all from
    the first article block to the last.
    """
    markup, article = page.columns.markup, np.flatnonzero(page.labels == _ARTICLE)
    main = main_element(page)
    if not len(article) or (markup is not None and main < 1):  # the root holds all
        return None
    if markup is None:
        chosen = np.arange(article[0], article[-1] + 1)
    else:
        chosen = np.flatnonzero(within(markup.parents, main)[markup.blocks])
    if dice.random() < _EXCERPTS:
        starts = np.flatnonzero(page.labels[chosen] == _ARTICLE)
        first = int(starts[dice.integers(len(starts))])
        chosen = chosen[first : first + int(dice.integers(1, _MOST_EXCERPT + 1))]
    columns = join_blocks([page.columns.texts[i] for i in chosen])
    if markup is not None:
        columns = replace(columns, markup=_cut(markup, main, chosen))
    return replace(
        page, id=f"{page.id}+fragment", columns=columns, labels=page.labels[chosen], source=FRAGMENT, gold=()
    )


def _cut(markup: Markup, main: int, chosen: NDArray[np.int64]) -> Markup:
    """The markup of the chosen blocks alone: of the main element, what holds one of them, in a root of its own."""
    places = np.array(markup.blocks)[chosen]
    holds = Forest(np.array(markup.parents)).downward(np.bincount(places, minlength=len(markup.parents) + 1))
    branch = np.flatnonzero(within(markup.parents, main) & (holds[:-1] > 0))
    cut, number = with_branch(Markup([-1], [0], ["html"], [], [], [], ""), 0, markup, branch)
    return replace(
        cut, blocks=number[places].tolist(), link_chars=[markup.link_chars[i] for i in chosen],
        hidden=[markup.hidden[i] for i in chosen],
    )  # fmt: skip
