"""`classifier report`: labelled pages as one HTML file to look at."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from classifier.cli.options import Inputs, KeepOptions, Model, Preset, Quiet, ReadingOptions, grouped
from classifier.cli.running import check_values_apart, load_model, selection_of
from classifier.cli.tell import UNOPENED, reason_of
from classifier.cli.terminal import visible
from classifier.errors import InputError
from classifier.readers import read_pages
from classifier.records import LabelledPage, Page, Rejection, counted
from classifier.writers.files import check_place, write_whole

if TYPE_CHECKING:
    from classifier.classify import Classifier
    from classifier.settings import Selection

ORDER = 4


def report(
    inputs: Inputs,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file; - for stdout.")],
    keep: KeepOptions,
    reading: ReadingOptions,
    preset: Preset = "balanced",
    limit: Annotated[int, typer.Option(min=1, help="Read only the first N pages.")] = 500,
    model: Model = None,
    quiet: Quiet = False,
) -> None:
    """Show pages in one HTML file: blocks coloured by label, languages, scores, filters, counts and plots.

    Example: classifier report crawl/ -o report.html --limit 200
    """
    from classifier.report.pages import pages_report

    check_place(output)
    check_values_apart(keep, inputs)
    classifier = load_model(model)
    selection = selection_of(keep, classifier.language_tags)
    source = read_pages(inputs, reading.read_options(), leave_out=[str(output)])
    results = list(_labelled(classifier, islice(source, limit), selection, preset))
    lost = [r for r in results if isinstance(r, Rejection) and r.reason in UNOPENED]
    for rejection in lost:
        print(reason_of(rejection), file=sys.stderr)
    made = pages_report(results)
    write_whole(output, made.html)
    cut = next(source, None) is not None
    if not quiet:
        more = f"; --limit {limit} left out the rest" if cut else ""
        told = f"{counted(made.pages, 'page')}, {counted(made.blocks, 'block')}, {made.rejected:,} rejected"
        name = "stdout" if output == Path("-") else output
        print(visible(f"{name}: {told}, {len(made.html) / 1e6:.1f} MB{more}"), file=sys.stderr)
    if not made.pages:
        raise InputError(f"{output}: no page in it could be read: the file lists the reasons.")
    if lost:
        raise typer.Exit(1)


def _labelled(
    classifier: Classifier, pages: Iterator[Page | Rejection], selection: Selection, preset: str
) -> Iterator[LabelledPage | Rejection]:
    """Pages with their blocks labelled and marked as kept or dropped."""
    from classifier.selection import select

    for result in classifier.classify(pages, preset):
        yield select(result, selection, keep_empty=True) if isinstance(result, LabelledPage) else result


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(grouped(report))
