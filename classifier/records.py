"""The types that travel between the stages: page in, labelled page or rejection out.

All are frozen; a stage returns new values. Score columns follow the order of `LABELS` everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Label(StrEnum):
    """What a block is. The order of the members is the order of every score column."""

    ARTICLE = "article"
    BOILERPLATE = "boilerplate"
    CONSENT = "consent"


LABELS: tuple[Label, ...] = tuple(Label)


@dataclass(frozen=True, slots=True)
class Page:
    """One document as read: decoded markup or plain text, and where it came from.

    `source` names the place it can be found again: `file`, `file:line` or `file:offset`.
    """

    id: str
    content: str
    is_html: bool
    source: str
    url: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """Input that was read and not written: a stable `reason` token, the stage that refused, and detail for people."""

    source: str
    stage: str
    reason: str
    detail: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page with all that is known about it.

    `start` and `end` are character offsets into the page's text; `scores` are calibrated probabilities in the order
    of `LABELS`, `first_scores` the ones of the first stage, which sees the block alone.
    """

    index: int
    text: str
    start: int
    end: int
    label: Label
    scores: tuple[float, ...]
    first_scores: tuple[float, ...]
    language: str
    language_score: float
    kept: bool = False


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page with its blocks labelled.

    `text` is the page's whole text, into which the blocks' offsets point: the input itself for plain text, the blocks
    joined by blank lines for HTML. `languages` are shares of the characters of all blocks, largest first.
    """

    page: Page
    text: str
    blocks: tuple[Block, ...]
    language: str
    languages: Mapping[str, float]
    model: str

    @property
    def article_text(self) -> str:
        """The blocks labelled article, joined by blank lines."""
        return "\n\n".join(b.text for b in self.blocks if b.label is Label.ARTICLE)

    @property
    def kept_text(self) -> str:
        """The blocks marked as kept, joined by blank lines."""
        return "\n\n".join(b.text for b in self.blocks if b.kept)
