"""The types that travel between the stages: page in, labelled page or rejection out.

All are frozen; a stage returns new values. Score columns follow the order of `LABELS` everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # numpy belongs to the floor above; here it is only named
    import numpy as np
    from numpy.typing import NDArray


class Label(StrEnum):
    """What a block is. The order of the members is the order of every score column."""

    ARTICLE = "article"
    BOILERPLATE = "boilerplate"
    CONSENT = "consent"


LABELS: tuple[Label, ...] = tuple(Label)
UNDETERMINED = "und"  # the language of a text that does not say (BCP 47)


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


def without_nul(content: str, is_html: bool) -> str:
    """The content of a page without NUL characters: dropped from HTML, as browsers do, U+FFFD in plain text, so that
    offsets stay right."""
    return content.replace("\0", "" if is_html else "\ufffd")


@dataclass(frozen=True, slots=True)
class Rejection:
    """Input that was read and not written: a stable `reason` token, the stage that refused, and detail for people.

    Stages: `read` (the bytes are no page), `classify` (no blocks, too deep, a crash, too slow), `select` (nothing was
    asked for).
    """

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


class MarkupView(Protocol):
    """What is needed of a page's elements: the tag of each, its parent, the element of each block; and its <title>.

    The columns are described in `blocks.columns.Markup`.
    """

    @property
    def parents(self) -> Sequence[int]: ...
    @property
    def tags(self) -> Sequence[int]: ...
    @property
    def keys(self) -> Sequence[str]: ...
    @property
    def blocks(self) -> Sequence[int]: ...
    @property
    def title(self) -> str: ...


def counted(number: int, name: str) -> str:
    """`1 page`, `2,000 pages`: for messages."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def tag_of(key: str) -> str:
    """The tag name of an element, by its key in `MarkupView.keys`."""
    return key.partition("\t")[0]


def and_above(element: int, parents: Sequence[int]) -> Iterator[int]:
    """An element and all that hold it, from the inside out; none for -1. `parents` as in `MarkupView`."""
    while element >= 0:
        yield element
        element = parents[element]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPage:
    """A page with its blocks labelled, in columns of one entry a block; objects are made when `blocks` is asked for.

    `text` is the page's whole text, into which `starts` and `ends` point (characters): the input itself for plain
    text, the blocks joined by blank lines for HTML. `scores` and `first_scores` are (n, 3) probabilities after and
    before context, `labels` (n,) indices into `LABELS`, `language_scores` (n,) calibrated probabilities, `kept` (n,)
    what a selection asked for: the article blocks as it comes from the classifier. `languages` are shares of the
    characters of all blocks, largest first.
    """

    page: Page
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    texts: Sequence[str]
    scores: NDArray[np.float32]
    first_scores: NDArray[np.float32]
    labels: NDArray[np.int8]
    block_languages: Sequence[str]
    language_scores: NDArray[np.float32]
    kept: NDArray[np.bool_]
    language: str
    languages: Mapping[str, float]
    model: str
    markup: MarkupView | None = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        """One object a block, made anew at every call."""
        rows = zip(
            self.texts, self.starts, self.ends, self.labels.tolist(), self.scores.tolist(), self.first_scores.tolist(),
            self.block_languages, self.language_scores.tolist(), self.kept.tolist(), strict=True,
        )  # fmt: skip
        return tuple(
            Block(i, text, start, end, LABELS[label], tuple(scores), tuple(first), language, certainty, kept)
            for i, (text, start, end, label, scores, first, language, certainty, kept) in enumerate(rows)
        )

    @property
    def article_text(self) -> str:
        """The blocks labelled article, joined by blank lines."""
        article = LABELS.index(Label.ARTICLE)
        return "\n\n".join(t for t, label in zip(self.texts, self.labels.tolist(), strict=True) if label == article)

    @property
    def kept_text(self) -> str:
        """The blocks marked as kept, joined by blank lines."""
        return "\n\n".join(t for t, kept in zip(self.texts, self.kept.tolist(), strict=True) if kept)
