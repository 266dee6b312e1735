"""What a run is asked to do, and what it needs of a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from classifier.readers.discover import readable_name
from classifier.records import LabelledPage, Page, Rejection
from classifier.settings import ReadOptions, Selection

PAGE_SECONDS = 60.0  # the largest page allowed takes some 2 seconds: what needs 30 times that hangs


class Labeller(Protocol):
    """The part of `classifier.classify.Classifier` that a run uses."""

    @property
    def model_name(self) -> str: ...

    def classify_batch(self, pages: Sequence[Page], preset: str = ...) -> list[LabelledPage | Rejection]: ...


@dataclass(frozen=True, slots=True)
class Job:
    """One run. `output` and `rejected` are paths; as output "-" is stdout, and a folder ends in "/".

    `format` names one of `writers.FORMATS`, `blocks` is one of BLOCK_CHOICES, `preset` one of the model's.
    `limit` is in records, 0 for all; `page_timeout` in seconds. `workers` and `page_timeout` never change what is
    written, apart from pages that crash or hang.
    """

    inputs: tuple[str, ...]
    output: str = "-"
    format: str = "jsonl"
    blocks: str = "kept"
    selection: Selection = Selection()
    preset: str = "balanced"
    reading: ReadOptions = ReadOptions()
    rejected: str = ""
    limit: int = 0
    workers: int = 1
    page_timeout: float = 0.0
    resume: bool = False

    @property
    def to_folder(self) -> bool:
        return self.output.endswith("/")

    def fingerprint(self) -> dict[str, Any]:
        """Every option that decides the bytes written, in values that JSON keeps."""
        facts = asdict(self)
        for free in ("workers", "page_timeout", "resume"):
            del facts[free]
        selection = facts["selection"]
        for name in ("languages", "drop_languages", "page_languages"):
            selection[name] = sorted(selection[name])
        selection["keep"] = [str(label) for label in selection["keep"]]
        selection["min_score"] = {str(label): score for label, score in selection["min_score"].items()}
        facts["inputs"] = [readable_name(name) for name in self.inputs]
        facts["output"], facts["rejected"] = readable_name(self.output), readable_name(self.rejected)
        return facts
