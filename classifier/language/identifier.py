"""The language of blocks: standing alone, or with the page around them as context."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelError
from classifier.language.chinese import ChineseScripts
from classifier.language.codes import GROUPS
from classifier.language.context import ContextSettings, smooth
from classifier.language.groups import Groups
from classifier.language.model_file import Matrices, read_model
from classifier.language.scoring import Calibration, TextScorer, TextScores, distinct_texts
from classifier.records import UNDETERMINED

Identified = tuple[list[str], NDArray[np.float32]]
FORMAT = 2  # of language.json
MODEL, FACTS = "language.ftz", "language.json"  # files of a model folder
_UNSURE = 0.1  # below this score a text standing alone says nothing
_LARGEST = 1e6  # no number of a calibration comes near
_STRANGER = "en"  # a candidate on every page


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_calibration(value: Any) -> bool:
    """Whether `Calibration` can be made of it."""
    if not isinstance(value, dict) or not value.keys() <= {field.name for field in fields(Calibration)}:
        return False
    priors = value.get("priors", {})
    if not isinstance(priors, dict) or not all(isinstance(pair, list) and len(pair) == 2 for pair in priors.values()):
        return False
    numbers = [*(number for name, number in value.items() if name != "priors"), *chain(*priors.values())]
    return all(type(number) in (int, float) and abs(number) < _LARGEST for number in numbers)  # no NaN, no true


_FITS = {"calibration": _is_calibration, "common": _are_texts}  # fields of language.json that may be left out


def read_facts(folder: Path) -> dict[str, Any]:
    """What language.json of a model folder says, of any format; ModelError where it is missing or no JSON object."""
    path = folder / FACTS
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(facts, dict):
            raise ValueError("not a JSON object")
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot read the language model's facts ({error}); train or reinstall") from error
    return facts


class LanguageIdentifier:
    """Best tag and calibrated score (0 to 1) for blocks of text.

    `tags` are all tags that can come out: the languages of the model, the tags of `codes.GROUPS`, and "und".
    """

    def __init__(self, model: Matrices, facts: Mapping[str, Any]) -> None:
        self._scorer = TextScorer(model, Calibration(**facts.get("calibration", {})))
        self._groups = Groups(model.labels)
        self._chinese = ChineseScripts(model.labels)
        stranger = model.labels.index(_STRANGER) if _STRANGER in model.labels else 0
        common = frozenset(facts.get("common", model.labels))
        self._context = ContextSettings(np.array([tag in common for tag in model.labels]), stranger)
        self._names = np.array([*model.labels, *GROUPS, UNDETERMINED], object)  # -1 is the last
        self.tags = tuple(dict.fromkeys(self._names.tolist()))

    @classmethod
    def load(cls, folder: Path | str) -> LanguageIdentifier:
        """The identifier kept in a model folder: language.ftz, and language.json, which holds its hash.

        Raises ModelError where one of them is missing, broken or of another format, or where the hash is another.
        """
        path, facts = Path(folder) / FACTS, read_facts(Path(folder))
        if facts.get("format") != FORMAT:
            raise ModelError(f"{path}: format {facts.get('format')!r}, this version reads {FORMAT}; train again")
        wrong = [name for name, fits in _FITS.items() if name in facts and not fits(facts[name])]
        if wrong:
            raise ModelError(f"{path}: `{wrong[0]}` is not as training writes it; restore the file or train again")
        return cls(read_model(Path(folder) / MODEL, str(facts.get("sha256"))), facts)

    def identify(self, texts: Sequence[str]) -> Identified:
        """Tag and score of each text, standing alone; ("und", 0) where it has next to no letters or says nothing."""
        distinct, where = distinct_texts(texts)
        labels, sure = self._alone(self._scorer.score(distinct))
        alone = np.arange(len(distinct))
        self._chinese.settle(labels, distinct, alone, alone)
        return self._names[labels[where]].tolist(), sure[where]

    def _alone(self, scores: TextScores) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Label and score of each text without context."""
        labels, sure = np.where(scores.sure < _UNSURE, -1, scores.best), scores.sure.copy()
        for group, places in self._groups.unsure(labels, sure).items():
            members = np.tile(self._groups.members(group), (len(places), 1))
            mass = np.exp(scores.of(places, members)).sum(axis=1)
            self._groups.settle(group, places, mass, labels, sure)
        return labels, np.where(labels < 0, np.float32(0), sure)

    def identify_pages(self, pages: Sequence[Sequence[str]]) -> list[Identified]:
        """Tags and scores of the blocks of each page, in order, with the page as context where it has several."""
        lengths = np.fromiter(map(len, pages), np.intp, len(pages))
        return self.identify_blocks(*distinct_texts(chain.from_iterable(pages)), lengths)

    def identify_blocks(
        self, distinct: Sequence[str], where: NDArray[np.intp], lengths: NDArray[np.intp]
    ) -> list[Identified]:
        """`identify_pages` for those who know the distinct texts: `where` is the text of each block of all pages in a
        row, `lengths` the number of blocks of each page."""
        scores = self._scorer.score(distinct)
        labels, sure = smooth(scores, where, lengths, self._context, self._groups)
        pages = np.repeat(np.arange(len(lengths)), lengths)
        lone = np.flatnonzero(lengths[pages] == 1)
        if len(lone):
            own_labels, own_sure = self._alone(scores)
            labels[lone], sure[lone] = own_labels[where[lone]], own_sure[where[lone]]
        self._chinese.settle(labels, distinct, where, pages)
        names = self._names[labels].tolist()
        ends = np.cumsum(lengths).tolist()
        starts = [0, *ends[:-1]]
        return [(names[start:end], sure[start:end]) for start, end in zip(starts, ends, strict=False)]
