"""Finds the article, the boilerplate and the consent notices in scraped pages, with the language of every block.

import classifier
clf = classifier.load()
page = clf.classify_text(text)
for page in clf.classify(classifier.read("crawl.warc.gz")): ...
"""

from __future__ import annotations

from importlib import import_module
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

from classifier.records import LABELS, Block, Label, LabelledPage, Page, Rejection
from classifier.settings import VERSION, Limits, ReadOptions, Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.classify import Classifier
    from classifier.training.estimators import BlockClassifier
    from classifier.training.first_stage import NgramCounts

__version__ = VERSION
__all__ = [
    "LABELS",
    "Block",
    "BlockClassifier",
    "Label",
    "LabelledPage",
    "Limits",
    "NgramCounts",
    "Page",
    "ReadOptions",
    "Rejection",
    "Selection",
    "load",
    "read",
    "select",
]
# scikit-learn shaped parts, imported when asked for: they load scikit-learn
_LATER = {"BlockClassifier": "classifier.training.estimators", "NgramCounts": "classifier.training.first_stage"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(folder: str | PathLike[str] | None = None) -> Classifier:
    """The shipped model, or the one in `folder`; ModelError where it is missing or broken."""
    from classifier.classify import Classifier

    return Classifier.load(folder)


def read(*inputs: str | PathLike[str], options: ReadOptions = ReadOptions()) -> Iterator[Page | Rejection]:
    """Pages of files, folders, globs or "-" (stdin), lazily; what cannot be read comes as a Rejection in its place.

    Raises TypeError where an input is no path, such as a list of paths. When the first page is asked for, InputError
    where no input was given, SettingsError where stdin was given twice.
    """
    from classifier.readers import read_pages

    for item in inputs:
        if not isinstance(item, str | PathLike):
            raise TypeError(f"an input is a path, not {type(item).__name__}: give several as read(*paths)")

    return read_pages([fsdecode(item) for item in inputs], options)


def select(page: LabelledPage, selection: Selection) -> LabelledPage | Rejection:
    """`page` with `kept` set to what `selection` asks for; a Rejection where nothing of it is kept."""
    from classifier.selection import select as choose

    return choose(page, selection)
