"""`classifier filter`: the main job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from classifier.cli.options import Inputs, KeepOptions, Model, Preset, ReadingOptions, grouped
from classifier.cli.running import check_values_apart, choose_format, load_model, output_name, run_told, selection_of
from classifier.pipeline import Job
from classifier.settings import BLOCK_CHOICES, one_of

ORDER = 1
_PANEL = "Running"
_DAY = 86_400  # seconds


@dataclass(frozen=True)
class OutputOptions:
    """Where the result goes and in which shape."""

    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="OUT",
            help="File (.jsonl .txt .md, also .gz .zst; .parquet), or folder/ for one output an input.",
        ),
    ] = "-"  # fmt: skip
    format: Annotated[
        str,
        typer.Option(
            help="jsonl, text, markdown, parquet or dolma. By the suffix of OUT if not given; on stdout text for a"
            " single text, Markdown or HTML page, jsonl otherwise.",
            show_default=False,
        ),
    ] = ""
    blocks: Annotated[
        str,
        typer.Option(
            help="Blocks in a record: none, kept or all (writes every page). Text and Markdown always show those kept."
        ),
    ] = "kept"
    rejected: Annotated[
        str, typer.Option(help="JSONL file for what was not written, with reasons.", metavar="FILE", show_default=False)
    ] = ""
    preset: Preset = "balanced"


@dataclass(frozen=True)
class RunningOptions:
    """How the run goes; nothing here changes what is written, apart from the limit."""

    limit: Annotated[
        int, typer.Option(min=0, help="Read only the first N pages; 0 for all.", rich_help_panel=_PANEL)
    ] = 0
    workers: Annotated[int, typer.Option(min=1, help="Processes.", rich_help_panel=_PANEL)] = 1
    page_timeout: Annotated[
        float,
        typer.Option(
            min=0, max=_DAY, rich_help_panel=_PANEL, show_default=False,
            help="Seconds after which a page is rejected; 60 if not given and --workers is 2 or more. Uses a worker.",
        ),
    ] = 0.0  # fmt: skip
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run cut short.", rich_help_panel=_PANEL)] = (
        False
    )
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 3 where any page was rejected.", rich_help_panel=_PANEL)
    ] = False
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No summary and no progress on stderr.", rich_help_panel=_PANEL)
    ] = False


def filter_pages(
    inputs: Inputs,
    output: OutputOptions,
    keep: KeepOptions,
    running: RunningOptions,
    reading: ReadingOptions,
    model: Model = None,
) -> None:
    """Keep blocks by label and language, and write what is left of every page.

    Example: classifier filter crawl/ -o articles.jsonl.gz --language en --rejected lost.jsonl
    """
    blocks = one_of(output.blocks, BLOCK_CHOICES, "value of --blocks")
    read_options = reading.read_options()
    target = output_name(output.output)
    output_format = choose_format(inputs, target, output.format)
    selection_of(keep, None)  # a wrong label is told before the model is loaded
    check_values_apart(keep, inputs)
    classifier = load_model(model)
    job = Job(
        tuple(inputs), target, output_format, blocks=blocks, preset=output.preset, rejected=output.rejected,
        selection=selection_of(keep, classifier.language_tags), reading=read_options, limit=running.limit,
        workers=running.workers, page_timeout=running.page_timeout, resume=running.resume,
    )  # fmt: skip
    run_told(job, classifier, running.quiet, running.strict)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("filter")(grouped(filter_pages))
