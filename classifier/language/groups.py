"""Groups of languages that a short text may not tell apart, each with the tag that stands for all of it.

Where a text is surely in a group but no member leads, the group's tag is given and the score is that of the group:
"sh" for a line that may be Bosnian, Croatian or Serbian in Latin letters. The tags are the macrolanguages of ISO 639-3;
"ms" and "no" therefore stand for Malay and Bokmål as well, which most text under these tags is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.language.codes import GROUPS

_LEAD = 0.6  # share of its group's probability from which a member is named

Indices = NDArray[np.intp]
Numbers = NDArray[np.float32]


class Groups:
    """The groups among the labels of a model; a group's own label comes after all labels, in order of GROUPS."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.of_label = np.full(len(labels) + 1, -1, np.intp)  # the last entry is that of label -1: no language
        self._members = []
        for group, members in enumerate(GROUPS.values()):
            present = [labels.index(tag) for tag in members if tag in labels]
            self.of_label[present] = group
            self._members.append(np.array(present, np.intp))
        self._after = len(labels)

    def unsure(self, labels: Indices, sure: Numbers) -> dict[int, Indices]:
        """For each group the places in `labels` of its members that may not lead the group."""
        groups = self.of_label[labels]
        doubtful = np.flatnonzero((groups >= 0) & (sure < _LEAD))
        return {group: doubtful[groups[doubtful] == group] for group in np.unique(groups[doubtful]).tolist()}

    def members(self, group: int) -> Indices:
        """Labels of a group."""
        return self._members[group]

    def settle(self, group: int, places: Indices, mass: Numbers, labels: Indices, sure: Numbers) -> None:
        """Give the group's label and its probability `mass` to those of `places` where no member leads."""
        open_ = sure[places] < _LEAD * mass
        labels[places[open_]] = self._after + group
        sure[places[open_]] = mass[open_]
