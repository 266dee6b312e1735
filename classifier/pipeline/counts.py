"""What happened to the pages of a run: nothing is dropped uncounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from classifier.errors import ClassifierError
from classifier.records import LABELS, Rejection


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page ready to be written, and what the summary tells of it: blocks by label, kept blocks, main language.

    `unread_markup` is "html" or "markdown" for a plain text that looks like one of these.
    """

    data: bytes
    labels: tuple[int, ...]
    kept: int
    language: str
    unread_markup: str = ""


@dataclass(slots=True)
class Counts:
    """Running totals; `read` = `written` + the sum of `rejected` at every moment between two batches.

    `unread_markup` counts the pages written that were read as plain text and look like HTML or Markdown.
    """

    read: int = 0
    written: int = 0
    blocks: int = 0
    kept: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    unread_markup: Counter[str] = field(default_factory=Counter)

    def add(self, result: Rendered | Rejection) -> None:
        """Count one page."""
        self.read += 1
        if isinstance(result, Rejection):
            self.rejected[result.reason] += 1
            return
        self.written += 1
        self.kept += result.kept
        if result.unread_markup:
            self.unread_markup[result.unread_markup] += 1
        self.languages[result.language] += 1
        for label, number in zip(LABELS, result.labels, strict=True):
            self.blocks += number
            self.labels[label.value] += number

    def check(self) -> None:
        """Raise ClassifierError where a page was lost."""
        if self.read != self.written + self.rejected.total():
            lost = self.read - self.written - self.rejected.total()
            raise ClassifierError(f"{lost} of {self.read} pages were neither written nor rejected: please report it.")

    def as_dict(self) -> dict[str, Any]:
        """Values that JSON keeps; `from_dict` reads them back."""
        return {
            "read": self.read, "written": self.written, "blocks": self.blocks, "kept": self.kept,
            "rejected": dict(sorted(self.rejected.items())), "labels": dict(sorted(self.labels.items())),
            "languages": dict(sorted(self.languages.items())),
            "unread_markup": dict(sorted(self.unread_markup.items())),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Counts:
        """The counts that `as_dict` described."""
        return cls(
            facts["read"], facts["written"], facts["blocks"], facts["kept"], Counter(facts["rejected"]),
            Counter(facts["labels"]), Counter(facts["languages"]), Counter(facts["unread_markup"]),
        )  # fmt: skip
