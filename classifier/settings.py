"""Documented settings that the stages share: what to keep, how much to accept, how to read keys and bytes."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from classifier.errors import SettingsError
from classifier.records import Label

VERSION = "0.1.0"
PRESETS = ("balanced", "precision", "recall")
BLOCK_CHOICES = ("none", "kept", "all")
ENCODING_ERRORS = ("tolerate", "replace", "strict")

RUN_MANIFEST = "manifest.json"  # in a folder of outputs: model, options, counts and inputs of the run
COMPRESSIONS = (".gz", ".zst")  # behind the suffix of a format

# numbers about a whole HTML page, see `blocks.hints`
PAGE_HINTS = (
    "og article", "og website", "og product", "og other", "data article", "data product", "data list", "data forum",
    "data guide", "data service", "url", "url root", "url depth", "url words", "url digits", "url date", "url query",
)  # fmt: skip

LARGEST_SEED = 2**31 - 1  # of a training: fastText takes 32 bits with a sign, scikit-learn no negative ones

BATCH_PAGES = 64  # pages classified at once; larger batches gain nothing and hold more memory
BATCH_BYTES = 4_000_000  # bytes of input classified at once; whichever comes first

# with CLASSIFIER_PURE_PYTHON=1 the Python modules run although compiled ones are installed, to compare the two
PURE_PYTHON = os.environ.get("CLASSIFIER_PURE_PYTHON", "0") not in ("", "0")

TOLERATED_BYTES = 0.001  # share of a page's bytes that may be undecodable under "tolerate": browsers replace them too


@dataclass(frozen=True, slots=True)
class Selection:
    """Which blocks and pages are kept.

    A block is kept when its label is in `keep`, its language in `languages` (any where empty) and not in
    `drop_languages`, and the score of its label is at least `min_score[label]`. Languages are exact tags of the model;
    a block that tells none (`und`) counts as one of the page's main language, unless `und` itself is asked for.
    A page whose main language is not in `page_languages` (any where empty) is rejected. With `title`, the block
    that shows the page's title is kept with whatever else is kept, whatever its label and score.

    TypeError for a text in place of several, SettingsError for an unknown label or a score that is none.
    """

    keep: tuple[Label, ...] = (Label.ARTICLE,)
    languages: frozenset[str] = frozenset()
    drop_languages: frozenset[str] = frozenset()
    page_languages: frozenset[str] = frozenset()
    min_score: Mapping[Label, float] = field(default_factory=dict)
    title: bool = False

    def __post_init__(self) -> None:
        for name in ("keep", "languages", "drop_languages", "page_languages"):
            value = getattr(self, name)
            if isinstance(value, str):
                raise TypeError(f"{name} takes several, not a text: write [{str(value)!r}]")
        for label in (*self.keep, *self.min_score):
            one_of(str(label), list(Label), "label")
        for label, score in self.min_score.items():
            if not 0 <= score <= 1:
                raise SettingsError(f"min_score of {label} is {score}: write a number from 0 to 1.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much for one page; beyond it the page is rejected as `too_large` or `too_deep` and the run goes on.

    `page`: characters of one page; five million of the worst kind take some 450 MB. `record`: bytes of one record or
    whole file after decompression, which stops a compression bomb; of Parquet characters and bytes of one row, up to
    eight of which are in memory. `line`: bytes of one line of JSON Lines. `depth`: levels of nested HTML elements, at
    most 500; 0 sets no limit. Elements below level 500 are read as if they stood at it, much as browsers do.
    """

    page: int = 5_000_000
    record: int = 64_000_000
    line: int = 64_000_000
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How input is read: names of keys and columns, what to do with bytes that do not decode, limits.

    SettingsError where `encoding_errors` is none of ENCODING_ERRORS.
    """

    id_key: str = "id"
    url_key: str = "url"
    html_key: str = "html"
    markdown_key: str = "markdown"
    text_key: str = "text"
    encoding_errors: str = "tolerate"
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        one_of(str(self.encoding_errors), ENCODING_ERRORS, "value of encoding_errors")


def models_folder() -> Path:
    """Where the shipped models lie: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "default_models"
    return inside if inside.is_dir() else package.parent / "models"


def default_model() -> Path:
    """The folder of the model that is used where none is named."""
    return models_folder() / "default"


def near_names(wrong: str, known: Iterable[str]) -> str:
    """The hint at the end of a message about an unknown name: the near ones, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(wrong.lower(), names, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"choose from {', '.join(names)}."


def one_of(value: str, known: Iterable[str], what: str) -> str:
    """`value` if it is known; SettingsError naming near ones otherwise."""
    names = list(known)
    if value not in names:
        raise SettingsError(f"unknown {what} {value!r}: {near_names(value, names)}")
    return value


def known_preset(name: str, known: Iterable[str] = PRESETS) -> str:
    """`name` if it is one of the presets of a model, by default those that `train` gives; SettingsError otherwise."""
    names = list(known)
    if name not in names:
        raise SettingsError(f"unknown preset {name!r}; the model has {', '.join(names)}")
    return name


def parse_labels(text: str) -> tuple[Label, ...]:
    """`article,consent` to labels, each once; SettingsError for an unknown or missing one."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not names:
        raise SettingsError(f"no label given: choose from {', '.join(Label)}.")
    apart = " ".join(names).split()
    if len(apart) > len(names) and all(name in list(Label) for name in apart):
        raise SettingsError(f"{text!r}: labels are set apart by commas: write {','.join(apart)}.")
    return tuple(dict.fromkeys(Label(one_of(name, list(Label), "label")) for name in names))


def parse_min_scores(texts: Iterable[str]) -> dict[Label, float]:
    """`["article=0.7"]` to thresholds (0 to 1) by label; SettingsError where one cannot be read."""
    scores: dict[Label, float] = {}
    for text in texts:
        for part in text.split(","):
            name, equals, number = part.partition("=")
            label = Label(one_of(name.strip().lower(), list(Label), "label")) if equals else Label.ARTICLE
            try:
                scores[label] = float(number)
            except ValueError:
                raise SettingsError(f"{part!r} is not label=number: write for example {label}=0.7.") from None
            if not 0 <= scores[label] <= 1:
                raise SettingsError(f"the score in {part!r} is not between 0 and 1.")
    return scores
