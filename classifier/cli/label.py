"""`classifier label`: every block with what the model says about it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import islice
from typing import Annotated

import typer

from classifier.cli.options import Inputs, Model, Preset, Quiet, ReadingOptions, grouped
from classifier.cli.running import load_model, run_told
from classifier.cli.tell import UNOPENED, reason_of
from classifier.cli.terminal import one_line, visible
from classifier.pipeline import Job
from classifier.readers import read_pages
from classifier.records import LABELS, Label, LabelledPage, Page, Rejection

ORDER = 2
_COLOURS = {Label.ARTICLE: "green", Label.BOILERPLATE: "bright_black", Label.CONSENT: "yellow"}
_SURE, _UNSURE = 0.9, 0.6  # scores shown plain, and those shown as doubtful


def label(
    inputs: Inputs,
    reading: ReadingOptions,
    preset: Preset = "balanced",
    limit: Annotated[int, typer.Option(min=0, help="Read only the first N pages; 0 for all.")] = 0,
    model: Model = None,
    quiet: Quiet = False,
) -> None:
    """Show every block with its label, language and scores: a table on a terminal, JSON Lines elsewhere.

    Example: classifier label page.html
    """
    options = reading.read_options()
    classifier = load_model(model)
    if not sys.stdout.isatty():
        job = Job(tuple(inputs), blocks="all", preset=preset, reading=options, limit=limit)
        run_told(job, classifier, quiet, strict=False)
        return
    pages = islice(read_pages(inputs, options), limit or None)
    labelled = (classifier.classify_batch([page], preset)[0] if isinstance(page, Page) else page for page in pages)
    if show(labelled, quiet):
        raise typer.Exit(1)


def show(pages: Iterable[LabelledPage | Rejection], quiet: bool) -> int:
    """Print a table a page; gives how many inputs could not be opened, which alone are told where `quiet`."""
    from rich.console import Console

    console, lost = Console(), 0
    for page in pages:
        if isinstance(page, Rejection):
            unopened = page.reason in UNOPENED
            lost += unopened
            if unopened or not quiet:
                print(reason_of(page), file=sys.stderr)
            continue
        console.print(_table(page))
    return lost


def _table(page: LabelledPage) -> object:
    from rich.table import Table
    from rich.text import Text

    shares = ", ".join(f"{tag} {share:.0%}" for tag, share in page.languages.items() if share >= 0.005)
    title = Text(f"{visible(page.page.source)}  ({shares})")
    table = Table(title=title, title_justify="left", expand=True, show_edge=False)
    for name in ("#", "label", "score", "lang"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("#", "score") else "left")
    table.add_column("text", ratio=1, overflow="ellipsis", no_wrap=True)
    for block in page.blocks:
        score = block.scores[LABELS.index(block.label)]
        doubt = "bold red" if score < _UNSURE else "" if score >= _SURE else "magenta"
        text = Text(one_line(block.text), style="" if block.kept else "dim")
        label_name = Text(block.label.value, style=_COLOURS[block.label])
        table.add_row(str(block.index), label_name, Text(f"{score:.2f}", style=doubt), block.language, text)
    return table


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("label")(grouped(label))
