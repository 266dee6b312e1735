"""`classifier evaluate`: how well a model does on labelled pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.cli.figures import table
from classifier.cli.options import Model, Preset
from classifier.cli.running import load_model
from classifier.writers.files import check_place, write_whole

if TYPE_CHECKING:
    from classifier.training.examples import Example, LabelledText

ORDER = 6
_SHOWN = 25  # languages and sources in the table; the JSON has all


def evaluate(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Files and folders, as for train: pages with gold or blocks, texts."),
    ],
    model: Model = None,
    split: Annotated[str, typer.Option(help="Only records whose field split says so, as dev.")] = "",
    preset: Preset = "balanced",
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="All figures as JSON.", show_default=False)
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An HTML file with tables and plots.", show_default=False)
    ] = None,
) -> None:
    """Print scores by label, language and source, confusion, calibration and article text against the gold.

    Example: classifier evaluate seeds/pages --report scores.html
    """
    for path in filter(None, (json_file, report)):
        check_place(path)
    from classifier.evaluation import evaluate as measure
    from classifier.report.figures import figures_report
    from classifier.training.examples import read_examples

    classifier = load_model(model)
    pages, texts = read_examples(data, split)
    figures = measure(classifier, pages, list(map(_single, texts)), preset)
    if json_file:
        write_whole(json_file, json.dumps(figures, indent=1, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    if report:
        write_whole(report, figures_report(figures))
    print(table(summary(figures)))


def _single(text: LabelledText) -> Example:
    """A block without a page as a page of one block."""
    import numpy as np

    from classifier.records import LABELS
    from classifier.training.examples import Example, join_blocks

    labels = np.array([LABELS.index(text.label)], dtype=np.int8)
    return Example(text.text, join_blocks([" ".join(text.text.split()) or "-"]), labels, text.text, text.source)


def summary(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What of the figures fits on a screen: no curves, no bins, the frequent languages and sources."""
    out = {name: figures[name] for name in ("model", "preset", "pages", "single_blocks", "blocks", "labels", "alone")}
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
