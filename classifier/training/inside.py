"""What stands between the paragraphs of articles: headings and facts, which belong to them, prompts and teasers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from classifier.records import LABELS, Label
from classifier.training.examples import Example, LabelledText, base_language

# by label (an index into LABELS) and language: one or two lists of texts, each as likely to be drawn from
Inside = Mapping[tuple[int, str], Sequence[Sequence[str]]]

SHORT = 60  # characters of a short block of an article
_MOST_FURNITURE = 0.25  # furniture between the paragraphs, by characters of the article: with more it is no article
_LEAST_ARTICLE = 3  # blocks
_ARTICLE, _BOILERPLATE = LABELS.index(Label.ARTICLE), LABELS.index(Label.BOILERPLATE)


def inside_articles(pages: Iterable[Example], texts: Iterable[LabelledText]) -> Inside:
    """What stands inside the articles of plain pages that are `whole`, and apart from it the loose texts that tell so.

    Of pages that is all furniture between the first and the last block of the article, and its short blocks.
    """
    real: dict[tuple[int, str], dict[str, None]] = {}
    loose: dict[tuple[int, str], dict[str, None]] = {}
    for page in pages:
        rows = np.flatnonzero(page.labels == _ARTICLE)
        if page.columns.markup is not None or not page.whole or len(rows) < _LEAST_ARTICLE:
            continue
        between = [(page.columns.texts[i], int(page.labels[i])) for i in range(rows[0] + 1, rows[-1])]
        furniture = [text for text, label in between if label == _BOILERPLATE]
        short = [text for text, label in between if label == _ARTICLE and len(text) <= SHORT]
        if sum(map(len, furniture)) < _MOST_FURNITURE * sum(len(page.columns.texts[i]) for i in rows):
            for label, found in ((_ARTICLE, short), (_BOILERPLATE, furniture)):
                real.setdefault((label, base_language(page.language)), {}).update(dict.fromkeys(found))
    for text in texts:
        if text.inside:
            key = LABELS.index(text.label), base_language(text.language)
            loose.setdefault(key, {})[" ".join(text.text.split())] = None
    return {key: [list(pool[key]) for pool in (real, loose) if pool.get(key)] for key in sorted({*real, *loose})}
