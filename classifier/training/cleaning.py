"""Consent notices that the labels of pages do not know of.

Gold text tells what the article is, and everything else counts as boilerplate; notices are known only where a page
names their container. The others would teach that "We use cookies" is boilerplate. So after a first fit, boilerplate
that looks like consent to a model which has not seen its site is left out, and everything is fitted again.

A model that is corrected is asked itself, and only about pages with gold text: labels that somebody gave block by
block may be what corrects it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from classifier.matching import UNKNOWN
from classifier.model.blocks import Floats
from classifier.records import LABELS, Label
from classifier.training.compose import COMPOSED
from classifier.training.data import Data

# probability of consent from which boilerplate is left out; of 60 such blocks read, about a third were notices, and the
# others are too few to be missed (0.8 % of the boilerplate)
DOUBT = 0.15
_CONSENT, _BOILERPLATE = LABELS.index(Label.CONSENT), LABELS.index(Label.BOILERPLATE)


def leave_out_notices(found: Data, scores: Floats, corrects: bool = False) -> Data:
    """`found` without the labels of doubtful boilerplate of real pages.

    `scores` (N, 3) are held out, or those of the model that the data `corrects`.
    """
    sure = found.loose | np.array([e.source == COMPOSED or (corrects and not e.gold) for e in found.examples])
    doubtful = (found.labels == _BOILERPLATE) & (scores[:, _CONSENT] >= DOUBT) & ~sure[found.batch.page]
    return replace(found, labels=np.where(doubtful, UNKNOWN, found.labels).astype(np.int8))
