"""`classifier evaluate`: how well a model does on labelled pages."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.cli.figures import columns_of, table
from classifier.cli.options import Model, Preset
from classifier.cli.running import load_model
from classifier.errors import SettingsError, TrainingError
from classifier.writers.files import check_place, same_place, write_whole

if TYPE_CHECKING:
    from classifier.classify import Classifier

ORDER = 6
_SHOWN = 25  # languages and sources in the table; the JSON has all


def evaluate(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Files and folders, as for train: pages with gold or blocks, texts."),
    ],
    model: Model = None,
    split: Annotated[str, typer.Option(help="Such as dev: leave out records whose field split says otherwise.")] = "",
    preset: Preset = "balanced",
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="All figures as JSON; - for stdout.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An HTML file with tables and plots; - for stdout.", show_default=False),
    ] = None,
) -> None:
    """Print scores by label, language and source, confusion, calibration and article text against the gold.

    Example: classifier evaluate seeds/pages --report scores.html
    """
    for path in filter(None, (json_file, report)):
        check_place(path)
    from classifier.report.figures import figures_report

    _keep_apart(data, json_file, report)
    figures = _figures(load_model(model), data, split, preset)
    if json_file:
        write_whole(json_file, json.dumps(figures, indent=1, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    if report:
        write_whole(report, figures_report(figures))
    taken = Path("-") in (json_file, report)  # stdout, by data
    stream = sys.stderr if taken else sys.stdout
    print(table(summary(figures), columns_of(stream)), file=stream)


def _figures(classifier: Classifier, data: list[Path], split: str, preset: str) -> dict[str, Any]:
    """What `evaluation.evaluate` gives, and as `left_out` how many pages could not be used, by reason."""
    from classifier.evaluation import evaluate as measure
    from classifier.training.examples import page_of_one
    from classifier.training.reading import read_examples

    given = read_examples(data, split)
    for remark in given.remarks():
        print(remark, file=sys.stderr)
    figures = measure(classifier, given.pages, list(map(page_of_one, given.texts)), preset)
    if not figures["blocks"]:
        raise TrainingError(
            f"{', '.join(map(str, data))}: no block has a label, so there is nothing to measure; add some"
        )
    return {**figures, "left_out": dict(given.left_out)}


def _keep_apart(data: list[Path], json_file: Path | None, report: Path | None) -> None:
    """SettingsError where one output would be written over the other, or over data."""
    from classifier.training.reading import page_files
    from classifier.training_files import data_files

    if json_file and report and same_place(json_file, report):
        raise SettingsError(f"{report}: named both for --json and for --report: give two names.")
    outputs = [output for output in (json_file, report) if output and output.exists()]
    for path in chain(data_files(data), page_files(data)) if outputs else ():
        for output in outputs:
            if same_place(output, path):
                raise SettingsError(f"{output}: read as data too: choose another output.")


def summary(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What of the figures fits on a screen: no curves, no bins, the frequent languages and sources."""
    out = {name: figures[name] for name in ("model", "preset", "pages", "single_blocks", "blocks", "labels", "alone")}
    if figures["left_out"]:
        out["left out"] = figures["left_out"]
    out["confusion"] = figures["confusion"]
    out["calibration"] = {"error": figures["calibration"]["error"]}
    out["average_precision"] = {name: curve["average_precision"] for name, curve in figures["curves"].items()}
    out["articles"] = figures["articles"]
    for name in ("views", "sources", "languages"):
        out[name[:-1]] = {key: _flat(group) for key, group in list(figures[name].items())[:_SHOWN]}
    return out


def _flat(group: Mapping[str, Any]) -> dict[str, Any]:
    """Blocks, accuracy and the F1 of each label in one line."""
    scores = {f"{label} f1": own["f1"] for label, own in group["labels"].items()}
    return {"blocks": group["blocks"], "accuracy": group["accuracy"], **scores}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluate")(evaluate)
