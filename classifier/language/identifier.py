"""The language of blocks: standing alone, or with the page around them as context."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelError
from classifier.language.context import ContextSettings, smooth
from classifier.language.model_file import Matrices, read_model
from classifier.language.scoring import Calibration, TextScorer

Identified = tuple[list[str], NDArray[np.float32]]
UNDETERMINED = "und"
_FORMAT = 1
_DEFAULT = "en"  # a candidate on every page: the likeliest stranger


class LanguageIdentifier:
    """Best tag and calibrated score (0 to 1) for blocks of text."""

    def __init__(self, model: Matrices, facts: Mapping[str, Any]) -> None:
        self.tags = tuple(model.labels)
        calibration = Calibration(**facts.get("calibration", {}))
        self._scorer = TextScorer(model, facts.get("priors", {}), calibration)
        self._context = ContextSettings(**facts.get("context", {}))
        self._default = self.tags.index(_DEFAULT) if _DEFAULT in self.tags else 0
        self._names = np.array([*self.tags, UNDETERMINED], object)  # -1 is the last

    @classmethod
    def load(cls, folder: Path | str) -> LanguageIdentifier:
        """The identifier kept in a model folder (language.ftz, language.json); raises ModelError."""
        path = Path(folder) / "language.json"
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{path}: cannot read the facts of the language model ({error}); train one or reinstall") from error
        if facts.get("format") != _FORMAT:
            raise ModelError(f"{path}: format {facts.get('format')!r}, this version reads {_FORMAT}; train the model again")
        return cls(read_model(Path(folder) / "language.ftz"), facts)

    def identify(self, texts: Sequence[str]) -> Identified:
        """Tag and score of each text, standing alone; ("und", 0) where it has next to no letters."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        scores = self._scorer.score(list(places))
        where = np.fromiter(map(places.__getitem__, texts), np.intp, len(texts))
        return list(self._names[scores.best[where]]), scores.sure[where]

    def identify_pages(self, pages: Sequence[Sequence[str]]) -> list[Identified]:
        """Tags and scores of the blocks of each page, with the page as context."""
        places: dict[str, int] = {}
        for page in pages:
            for text in page:
                places.setdefault(text, len(places))
        scores = self._scorer.score(list(places))
        where = [np.fromiter(map(places.__getitem__, page), np.intp, len(page)) for page in pages]
        labels, sure = smooth(scores, where, self._context, self._default)
        names = self._names[labels]
        ends = np.cumsum([len(page) for page in pages], dtype=np.intp)
        return [
            (list(names[end - len(page) : end]), sure[end - len(page) : end])
            for page, end in zip(pages, ends, strict=True)
        ]
