"""The language of blocks: standing alone, or with the page around them as context."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Identified = tuple[list[str], NDArray[np.float32]]


class LanguageIdentifier:
    """Best tag and calibrated score (0 to 1) for blocks of text."""

    def __init__(self, tags: Sequence[str]) -> None:
        self.tags = tuple(tags)

    @classmethod
    def load(cls, folder: Path | str) -> LanguageIdentifier:
        """The identifier kept in a model folder."""
        return cls(("und",))

    def identify(self, texts: Sequence[str]) -> Identified:
        """Tag and score of each text, standing alone."""
        return ["und"] * len(texts), np.zeros(len(texts), np.float32)

    def identify_pages(self, pages: Sequence[Sequence[str]]) -> list[Identified]:
        """Tags and scores of the blocks of each page, with the page as context."""
        return [self.identify(page) for page in pages]
