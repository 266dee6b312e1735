"""What is learned from: pages whose blocks have labels, and labelled texts without a page."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.blocks.columns import BlockColumns
from classifier.records import LABELS, UNDETERMINED, Label

_ID_LENGTH = 40  # characters of a text without a page that stand for its id


@dataclass(frozen=True, slots=True)
class Example:
    """One page to learn from: its blocks, int8 labels (an index into LABELS or UNKNOWN), and where it comes from.

    `group` is what must not be split between training and checking: the page's site. `gold` is the article's text where
    the record gives it; `whole` tells whether the labels say what all of the article is, not only segments of it;
    `rare` whether the page shows what few pages have, and would tilt a model that learns from few.
    """

    id: str
    columns: BlockColumns
    labels: NDArray[np.int8]
    group: str
    source: str
    language: str = ""
    gold: tuple[str, ...] = ()
    whole: bool = True
    rare: bool = False


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One labelled block without a page."""

    text: str
    label: Label
    language: str
    source: str
    group: str  # what must not be split between training and checking
    inside: bool = False  # whether it stands between the paragraphs of an article


def page_of_one(text: LabelledText) -> Example:
    """A block without a page as a page of one block, its white space collapsed as in the blocks of pages."""
    columns = join_blocks([" ".join(text.text.split())])
    labels = np.array([LABELS.index(text.label)], dtype=np.int8)
    return Example(text.text[:_ID_LENGTH], columns, labels, text.group, text.source, text.language)


def join_blocks(texts: Sequence[str]) -> BlockColumns:
    """Blocks of plain text as columns, as if they had been split at blank lines."""
    starts, ends, at = [], [], 0
    for text in texts:
        starts.append(at)
        ends.append(at + len(text))
        at = ends[-1] + 2
    return BlockColumns("\n\n".join(texts), starts, ends, list(texts), None)


def base_language(tag: str) -> str:
    """The language of a tag without script and region, in lower case; "" where it names none."""
    language = tag.replace("_", "-").split("-")[0].lower()
    return "" if language == UNDETERMINED else language


def by_language(texts: Iterable[LabelledText]) -> dict[tuple[Label, str], list[str]]:
    """Texts by label and language."""
    out: dict[tuple[Label, str], list[str]] = {}
    for item in texts:
        out.setdefault((item.label, item.language), []).append(item.text)
    return out


def fold_of(group: str, folds: int) -> int:
    """The fold of a group: the same on every machine and in every run."""
    return zlib.crc32(group.encode("utf-8", "surrogatepass")) % folds
