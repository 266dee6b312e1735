"""Training of the label model: labelled or gold pages to a model folder.

Reading order:

- what is learned from: `examples` (pages with labels), `reading` (files to these), `inside`, `inserting`, `compose` and
  `grafting` (pages made from others), `data` (rows, folds and weights), `cleaning` (labels left out);
- the first stage: `first_stage`, `first_fits` (by fold), or `correction` of another model;
- the second stage: `rows`, `recurrent` and `trees`, `networks` (teachers, and what learns from them), `second_stage`;
- the rest: `settings`, `presets`, `held_out` (scores), `estimators` (for use with scikit-learn).
"""

from __future__ import annotations

import hashlib
import io
import platform
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from classifier.errors import TrainingError
from classifier.language.identifier import FACTS, MODEL, LanguageIdentifier
from classifier.matching import UNKNOWN
from classifier.model import shape, store
from classifier.model.blocks import Floats, probabilities
from classifier.model.context import input_names, inputs
from classifier.model.languages import LanguageInputs, language_inputs, main_language
from classifier.model.surroundings import TERM_NAMES
from classifier.readers.discover import readable_name
from classifier.records import LABELS, UNDETERMINED, Label, counted
from classifier.settings import VERSION
from classifier.training.cleaning import leave_out_notices
from classifier.training.correction import CorrectedBlocks
from classifier.training.data import FOLDS, Data, assemble, told_apart, usual
from classifier.training.examples import Example
from classifier.training.first_fits import FirstFits
from classifier.training.first_stage import Features, FittedBlocks
from classifier.training.held_out import report
from classifier.training.presets import THRESHOLDS
from classifier.training.reading import TrainingData, read_examples
from classifier.training.rows import Rows
from classifier.training.second_stage import FittedContext, fit_context, held_out_odds
from classifier.training.settings import TrainingSettings, for_data, for_draft
from classifier.training_files import check_folder, write_folder

__all__ = ["Fitted", "TrainingSettings", "train"]

_BOILERPLATE = LABELS.index(Label.BOILERPLATE)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted scikit-learn objects of both stages, as stored in training.joblib."""

    blocks: FittedBlocks | CorrectedBlocks
    context: FittedContext


def train(
    data: Sequence[Path], out: Path, language: Path, settings: TrainingSettings = TrainingSettings(),
    tell: Callable[[str], None] = lambda message: None, facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Train from files and folders of records (see `training.reading`) into the model folder `out`.

    `language` is a folder with a language model, which is copied into `out`; `tell` hears of progress; `facts` (date,
    licence, ...) go into the manifest. Gives the manifest, whose `scores` are on sites held out from the fits that
    scored them. The same data and settings give the same bytes. OutputError where the folder cannot be written and
    ModelError for a base or language model that is none, before anything is read; TrainingError where the data cannot
    make a model.
    """
    check_folder(out)
    base = store.load(settings.base) if settings.base else None
    identifier = LanguageIdentifier.load(language)
    given = _read(data, settings.split, tell)
    pages, texts = _in_languages(usual(told_apart(given.pages)), identifier), told_apart(given.texts)
    settings = for_data(settings, pages, texts)
    names = _names(given.names, base, tell)
    found = replace(assemble(pages, texts, settings.composed, settings.seed), names=names)
    _check(found, found.second_rows(settings.seed), base is not None)
    tell(f"features of {found.batch.size} blocks")
    features = Features.of(found.batch, base.blocks.edges if base else None)
    tell("languages of blocks")
    languages = identifier.identify_blocks(found.batch.texts, found.batch.which, np.diff(found.batch.bounds))
    spoken = language_inputs(languages, shape.sizes(features.shapes))
    data_facts = _data_facts(data, found)
    found, fitted = _passes(found, features, spoken, base, settings, tell)
    thresholds = base.manifest["presets"] if base else THRESHOLDS
    scores = report(fitted.context.held_out, found, settings.seed, languages, thresholds["balanced"])
    manifest = {
        "version": VERSION, "presets": thresholds, "settings": settings.facts(), "data": data_facts,
        "libraries": _libraries(), "scores": scores,
        **({"base": base.digest} if base else {}), **(facts or {}),
    }  # fmt: skip
    _store(out, language, fitted, manifest)
    return manifest


def _read(data: Sequence[Path], split: str, tell: Callable[[str], None]) -> TrainingData:
    """The examples, with word of how many there are and what was left out."""
    given = read_examples(data, split)
    tell(f"{counted(len(given.pages), 'page')} and {counted(len(given.texts), 'loose block')} read")
    for remark in given.remarks():
        tell(remark)
    return given


def _names(names: tuple[str, ...], base: store.StoredModel | None, tell: Callable[[str], None]) -> tuple[str, ...]:
    """The names of elements in the data; a model that is corrected keeps those of its base, and others are told."""
    if base is None:
        return names
    others = set(names).difference(base.context.notice_names)
    if others:
        tell(f"names of elements left out: {len(others)}; a corrected model has those of its base")
    return base.context.notice_names


def _in_languages(pages: Sequence[Example], identifier: LanguageIdentifier) -> list[Example]:
    """The pages with their main languages, "" where no block says; those that name theirs keep it."""
    found = identifier.identify_pages([page.columns.texts for page in pages])
    out = []
    for page, (tags, _) in zip(pages, found, strict=True):
        main = main_language(tags, np.fromiter(map(len, page.columns.texts), dtype=np.float32, count=len(tags)))
        out.append(replace(page, language=page.language or ("" if main == UNDETERMINED else main)))
    return out


def _check(found: Data, rows: NDArray[np.int64], corrects: bool) -> None:
    """TrainingError where a stage would not see all labels; `rows` are those of the second stage.

    Examples that correct a model need boilerplate and one of the other labels, as these are weighed against it.
    """
    counts = np.bincount(found.labels[found.labels >= 0], minlength=len(LABELS))
    missing = [str(label) for label, count in zip(LABELS, counts, strict=True) if count == 0]
    if missing and not corrects:
        raise TrainingError(
            f"the data holds no block labelled {' or '.join(missing)};"
            " add some (the project's seeds/ folder has all three)"
        )
    if not len(rows):
        raise TrainingError(
            "no page with labelled blocks: loose blocks alone cannot teach context; add pages with `gold` or `blocks`"
        )
    if corrects:
        if not counts[_BOILERPLATE] or counts[_BOILERPLATE] == counts.sum():
            lacking = "boilerplate" if not counts[_BOILERPLATE] else "article or consent"
            raise TrainingError(
                f"the data holds no block labelled {lacking}, so it corrects nothing: boilerplate and the other labels"
                " are weighed against each other; add some"
            )
        return
    if len(set(found.fold.tolist())) < 2:
        raise TrainingError(
            "the data comes from too few sites to hold any out; give pages of more sites (fields `domain` or `url`)"
        )
    known = np.flatnonzero(found.labels != UNKNOWN)
    for chosen, what in ((known, "blocks"), (rows, "pages")):
        fold = found.fold[found.batch.page[chosen]]
        for number in set(fold.tolist()):
            left = set(found.labels[chosen[fold != number]].tolist())
            if len(left) < len(LABELS):
                rare = " and ".join(str(label) for i, label in enumerate(LABELS) if i not in left)
                raise TrainingError(
                    f"the {what} labelled {rare} come from too few sites to hold any out;"
                    " add examples of other sites (the project's seeds/ folder has some)"
                )


def _passes(
    found: Data, features: Features, spoken: LanguageInputs, base: store.StoredModel | None, settings: TrainingSettings,
    tell: Callable[[str], None],
) -> tuple[Data, Fitted]:  # fmt: skip
    """The data without doubtful labels, and what the last pass fitted; the passes before look for these labels."""
    draft = for_draft(settings, found.many)
    if base is not None:
        own = base.context.score(found.batch, base.blocks.score(found.batch)[0], features.shapes, spoken)
        found = leave_out_notices(found, probabilities(own), corrects=True)
    with warnings.catch_warnings():  # here, not around each fit: some run in threads, and filters hold for all threads
        warnings.simplefilter("ignore", ConvergenceWarning)  # iterations and epochs are our choice, against overfitting
        for _ in range(0 if base else settings.passes - 1):
            found = leave_out_notices(found, _first_pass(found, features, spoken, draft, tell))
        return found, _fit(found, features, spoken, base, settings, tell)


def _fit(
    found: Data, features: Features, spoken: LanguageInputs, base: store.StoredModel | None, settings: TrainingSettings,
    tell: Callable[[str], None],
) -> Fitted:  # fmt: skip
    """Both stages fitted, or the first one corrected where there is a model to go on from."""
    first = FirstFits.of(found, features, base, settings.iterations, settings.seed)
    kept = f", from the weights of {settings.base}, whose second stage, names and thresholds stay" if base else ""
    tell(f"blocks, all data and {FOLDS} folds{kept}")
    blocks, parts = first.fit_all_and_score()
    if base is not None:
        if len(set(found.fold.tolist())) < 2:
            tell("too few sites to hold any out: the figures are those of the base; keep pages aside and evaluate them")
        held_out = base.context.score(found.batch, parts, features.shapes, spoken)
        return Fitted(blocks, FittedContext(base.context, (), held_out))
    data = _second_rows(found, features, parts, spoken, found.second_rows(settings.seed))
    return Fitted(blocks, fit_context(data, settings.epochs, settings.seed, tell))


def _first_pass(
    found: Data, features: Features, spoken: LanguageInputs, settings: TrainingSettings, tell: Callable[[str], None]
) -> Floats:
    """Held-out probabilities (N, 3) of blocks, without a model to keep."""
    first = FirstFits.of(found, features, None, settings.iterations, settings.seed)
    tell(f"blocks, {FOLDS} folds")
    data = _second_rows(found, features, first.score(), spoken, found.second_rows(settings.seed))
    return probabilities(held_out_odds(data, settings.epochs, settings.seed, tell))


def _second_rows(
    found: Data, features: Features, parts: Floats, spoken: LanguageInputs, rows: NDArray[np.int64]
) -> Rows:
    """What the second stage learns from."""
    values = np.ascontiguousarray(inputs(found.batch, parts, features.shapes, spoken, found.names))
    if not found.many:  # what few pages say about shared words is chance
        values[:, [name in TERM_NAMES for name in input_names()]] = 0.0
    return Rows(
        found.batch, values, features.shapes, found.names, rows, found.labels[rows], found.second_weights(rows),
        found.fold, found.many,
    )  # fmt: skip


def _libraries() -> dict[str, str]:
    """Versions of what fitted the model."""
    return {"python": platform.python_version(), **{n: version(n) for n in ("numpy", "scipy", "scikit-learn")}}


def _data_facts(data: Sequence[Path], found: Data) -> dict[str, Any]:
    sources: dict[str, int] = {}
    for example in found.examples:
        sources[example.source] = sources.get(example.source, 0) + 1
    digest = hashlib.sha256()
    for example in found.examples:
        digest.update(example.columns.text.encode("utf-8", "surrogatepass"))
        digest.update(example.labels.tobytes())
    counts = np.bincount(found.labels[found.labels >= 0], minlength=len(LABELS)).tolist()
    return {
        "files": [readable_name(path.name) for path in data], "sha256": digest.hexdigest(),
        "sources": dict(sorted(sources.items())), "blocks": dict(zip(map(str, LABELS), counts, strict=True)),
    }  # fmt: skip


def _store(out: Path, language: Path, fitted: Fitted, manifest: Mapping[str, Any]) -> None:
    """Write the folder; the manifest comes last, as a folder is a model only with it."""
    pickled = io.BytesIO()
    joblib.dump(fitted, pickled, compress=3)
    files = {"training.joblib": pickled.getvalue()}
    if language.resolve() != out.resolve():
        files |= {name: (language / name).read_bytes() for name in (MODEL, FACTS)}
    write_folder(out, files | store.contents(fitted.blocks.arrays(), fitted.context.model, manifest))
