"""Training of the label model: labelled or gold pages to a model folder.

Reading order:

- what is learned from: `examples` (pages with labels), `reading` (files to these), `inside`, `inserting`, `compose` and
  `grafting` (pages made from others), `data` (rows, folds and weights), `bare` (pages in bare markup), `cleaning`
  (labels left out);
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
from classifier.language.identifier import FACTS, MODEL, Identified, LanguageIdentifier
from classifier.matching import UNKNOWN
from classifier.model import shape, store
from classifier.model.blocks import Floats, probabilities
from classifier.model.context import input_names, inputs
from classifier.model.languages import LanguageInputs, language_inputs, main_language
from classifier.model.surroundings import TERM_NAMES
from classifier.readers.discover import readable_name
from classifier.records import LABELS, UNDETERMINED, Label, counted
from classifier.settings import VERSION
from classifier.training.bare import bare_data
from classifier.training.cleaning import leave_out_notices
from classifier.training.correction import CorrectedBlocks
from classifier.training.data import FOLDS, Data, assemble, told_apart, usual
from classifier.training.examples import Example
from classifier.training.first_fits import FirstFits
from classifier.training.first_stage import Features, FittedBlocks, shapes_of
from classifier.training.held_out import report, report_labels
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


@dataclass(frozen=True, slots=True)
class _Known:
    """The data, what is known of its blocks before anything is fitted, and what tells the languages of others."""

    found: Data
    features: Features
    spoken: LanguageInputs
    identifier: LanguageIdentifier


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a pass fitted, its data without doubtful labels, and held-out log-odds of the pages in bare markup."""

    fitted: Fitted
    found: Data
    bare: tuple[Floats, Data] | None = None


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
    languages = _languages(found, identifier)
    spoken = language_inputs(languages, shape.sizes(features.shapes))
    outcome = _passes(_Known(found, features, spoken, identifier), base, settings, tell)
    thresholds = base.manifest["presets"] if base else THRESHOLDS
    held_out = outcome.fitted.context.held_out
    scores = report(held_out, outcome.found, settings.seed, languages, thresholds["balanced"])
    if outcome.bare is not None:
        scores["views"]["bare"] = report_labels(*outcome.bare, settings.seed, thresholds["balanced"])
    manifest = {
        "version": VERSION, "presets": thresholds, "settings": settings.facts(), "data": _data_facts(data, found),
        "libraries": _libraries(), "scores": scores,
        **({"base": base.digest} if base else {}), **(facts or {}),
    }  # fmt: skip
    _store(out, language, outcome.fitted, manifest)
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


def _languages(data: Data, identifier: LanguageIdentifier) -> list[Identified]:
    """The languages of the blocks of each page."""
    return identifier.identify_blocks(data.batch.texts, data.batch.which, np.diff(data.batch.bounds))


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
        rare = " and ".join(map(str, found.of_one_fold(chosen)))
        if rare:
            raise TrainingError(
                f"the {what} labelled {rare} come from too few sites to hold any out;"
                " add examples of other sites (the project's seeds/ folder has some)"
            )


def _passes(
    known: _Known, base: store.StoredModel | None, settings: TrainingSettings, tell: Callable[[str], None]
) -> _Outcome:  # fmt: skip
    """What the last pass gives; the passes before it look for doubtful labels."""
    with warnings.catch_warnings():  # here, not around each fit: some run in threads, and filters hold for all threads
        warnings.simplefilter("ignore", ConvergenceWarning)  # iterations and epochs are our choice, against overfitting
        if base is not None:
            return _correct(known, base, settings, tell)
        draft = for_draft(settings, known.found.many)
        for _ in range(settings.passes - 1):
            scores = _first_pass(known, draft, tell)
            known = replace(known, found=leave_out_notices(known.found, scores))
        return _fit(known, settings, tell)


def _correct(
    known: _Known, base: store.StoredModel, settings: TrainingSettings, tell: Callable[[str], None]
) -> _Outcome:  # fmt: skip
    """The first stage of a model corrected; its second stage stays."""
    batch, shapes = known.found.batch, known.features.shapes
    own = base.context.score(batch, base.blocks.score(batch)[0], shapes, known.spoken)
    found = leave_out_notices(known.found, probabilities(own), corrects=True)
    tell(
        f"blocks, all data and {FOLDS} folds, from the weights of {settings.base}, whose second stage, names and"
        " thresholds stay"
    )
    first = FirstFits.of(found, known.features, base, settings.iterations, settings.seed)
    blocks, (parts,) = first.fit_all_and_score()
    if len(set(found.fold.tolist())) < 2:
        tell("too few sites to hold any out: the figures are those of the base; keep pages aside and evaluate them")
    held_out = base.context.score(batch, parts, shapes, known.spoken)
    return _Outcome(Fitted(blocks, FittedContext(base.context, (), held_out)), found)


def _fit(known: _Known, settings: TrainingSettings, tell: Callable[[str], None]) -> _Outcome:
    """Both stages fitted; where pages are many, with a network of its own for pages in bare markup."""
    found, shapes = known.found, known.features.shapes
    first = FirstFits.of(found, known.features, None, settings.iterations, settings.seed)
    tell(f"blocks, all data and {FOLDS} folds")
    bare = bare_data(found, settings.seed)
    blocks, (parts, *of_bare) = first.fit_all_and_score(*([] if bare is None else [bare]))
    data = _second_rows(found, shapes, parts, known.spoken, settings.seed)
    context = fit_context(data, settings.epochs, settings.seed, tell)
    if bare is None:
        return _Outcome(Fitted(blocks, context), found)
    shapes = shapes_of(bare.batch)
    spoken = language_inputs(_languages(bare, known.identifier), shape.sizes(shapes))
    data = replace(_second_rows(bare, shapes, of_bare[0], spoken, settings.seed), bare=True)

    def tell_of_bare(message: str) -> None:
        tell(f"bare markup: {message}")

    other = fit_context(data, settings.epochs, settings.seed, tell_of_bare, context.model.repeated)
    return _Outcome(Fitted(blocks, context.with_bare(other)), found, (other.held_out, bare))


def _first_pass(known: _Known, settings: TrainingSettings, tell: Callable[[str], None]) -> Floats:
    """Held-out probabilities (N, 3) of blocks, without a model to keep."""
    first = FirstFits.of(known.found, known.features, None, settings.iterations, settings.seed)
    tell(f"blocks, {FOLDS} folds")
    data = _second_rows(known.found, known.features.shapes, first.score(), known.spoken, settings.seed)
    return probabilities(held_out_odds(data, settings.epochs, settings.seed, tell))


def _second_rows(found: Data, shapes: Floats, parts: Floats, spoken: LanguageInputs, seed: int) -> Rows:
    """What the second stage learns from."""
    rows = found.second_rows(seed)
    values = np.ascontiguousarray(inputs(found.batch, parts, shapes, spoken, found.names))
    if not found.many:  # what few pages say about shared words is chance
        values[:, [name in TERM_NAMES for name in input_names()]] = 0.0
    return Rows(
        found.batch, values, shapes, found.names, rows, found.labels[rows], found.second_weights(rows), found.fold,
        found.many,
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
