"""`classifier explain`: why each block of a page got its label."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classifier.cli.options import Model, Preset, ReadingOptions, grouped
from classifier.cli.running import load_model
from classifier.cli.terminal import one_line, visible
from classifier.errors import InputError
from classifier.readers import read_pages
from classifier.records import LABELS, Page
from classifier.settings import ReadOptions

if TYPE_CHECKING:  # imported where needed: it loads the model's code, which other commands can do without
    from classifier.explaining import Explanation, Reason, Stage

ORDER = 3
_COLUMNS = {"text": "words", "markup": "markup", "shape": "shape"}  # kinds of reasons in the table of all blocks
_REASONS = 2  # of the surroundings, in the same table
_WIDE = 100  # columns of a terminal from which that table has room for them


def explain(
    page: Annotated[
        str, typer.Argument(metavar="PAGE", help="A file with a page, or - for stdin.", show_default=False)
    ],
    reading: ReadingOptions,
    block: Annotated[
        list[int] | None, typer.Option(min=0, help="Number of a block; may be repeated.", show_default=False)
    ] = None,
    number: Annotated[
        int | None,
        typer.Option("--page", min=0, help="Which page of several, from 0; the first if none.", show_default=False),
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="Reasons shown for and against; 0 for all.")] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on a terminal too.")] = False,
    preset: Preset = "balanced",
    model: Model = None,
) -> None:
    """Show what pushed each block to its label and against it: a table on a terminal, JSON elsewhere.

    Example: classifier explain page.html --block 3
    """
    from classifier import explaining

    found = read_one(page, number, reading.read_options())
    classifier = load_model(model)
    explanations = explaining.explain(classifier, found, block, preset)
    if not explanations:
        raise InputError(f"{found.source}: no_blocks: the page holds no visible text.")
    if as_json or not sys.stdout.isatty():
        facts = record(found, classifier.model_name, explanations, top)
        sys.stdout.buffer.write(json.dumps(facts, indent=1, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    else:
        show(found, explanations, top, details=bool(block))


def read_one(path: str, number: int | None, options: ReadOptions) -> Page:
    """The page with this number (from 0) among those of the input; InputError where there is none.

    Where no number is given it is the first, and it is told where there are more.
    """
    pages = read_pages([path], options)
    found = next(islice(pages, number or 0, None), None)
    if isinstance(found, Page):
        if number is None and next(pages, None) is not None:
            print(visible(f"{found.source}: the first of several pages: --page 1 takes the next"), file=sys.stderr)
        return found
    if found is None:
        raise InputError(f"{path}: holds no page {number}: --page counts from 0.")
    raise InputError(f"{found.source}: {found.reason}: {found.detail}")


def record(page: Page, model: str, explanations: list[Explanation], top: int) -> dict[str, Any]:
    """All that is known about the blocks, for JSON; the reasons and the rest of each stage add up to its log-odds."""
    blocks = [_block_record(found, top) for found in explanations]
    return {"id": page.id, "source": page.source, "model": model, "blocks": blocks}


def _block_record(found: Explanation, top: int) -> dict[str, Any]:
    block = found.block
    return {
        "index": block.index, "text": block.text, "start": block.start, "end": block.end, "label": block.label,
        "rival": found.rival, "language": block.language, "language_score": block.language_score,
        "alone": _stage_record(found, found.alone, top), "context": _stage_record(found, found.context, top),
    }  # fmt: skip


def _stage_record(found: Explanation, stage: Stage, top: int) -> dict[str, Any]:
    reasons, others = stage.strongest(found.block.label, found.rival, top)
    return {
        "scores": dict(zip(LABELS, stage.scores, strict=True)),
        "log_odds": dict(zip(("article", "consent"), stage.log_odds, strict=True)),
        "reasons": [_reason_record(found, reason) for reason in reasons],
        "others": _reason_record(found, others),
    }


def _reason_record(found: Explanation, reason: Reason) -> dict[str, Any]:
    return {
        "kind": reason.kind, "text": reason.text, "count": reason.count, "value": reason.value,
        "article": reason.article, "consent": reason.consent, "push": reason.push(found.block.label, found.rival),
    }  # fmt: skip


def show(page: Page, explanations: list[Explanation], top: int, details: bool) -> None:
    """Print one table with all blocks, or with `details` tables for each block."""
    from rich.console import Console

    console = Console()
    tables = [table for found in explanations for table in _details(found, top)] if details else []
    for table in tables or [_overview(page, explanations, console.width >= _WIDE)]:
        console.print(table)


def _overview(page: Page, explanations: list[Explanation], wide: bool) -> object:
    """Where it is not `wide`, without the reasons in context, and without what has no number on the page."""
    from rich.table import Table
    from rich.text import Text

    meaning = "score of the label alone and in context; what pushes to it, against the next likely label"
    table = Table(title=Text(f"{visible(page.source)}: {meaning}"), title_justify="left", expand=True, show_edge=False)
    spoken = {total.text for found in explanations for total in found.alone.by_kind()}
    shown = [kind for kind in _COLUMNS if wide or kind in spoken]
    for name in ("#", "label", "alone", "context", *(_COLUMNS[kind] for kind in shown)):
        table.add_column(name, no_wrap=True, justify="left" if name == "label" else "right")
    if wide:
        table.add_column("in context", ratio=5, overflow="ellipsis", no_wrap=True)
    table.add_column("block", ratio=4, overflow="ellipsis", no_wrap=True)
    for found in explanations:
        block, at = found.block, LABELS.index(found.block.label)
        scores = [f"{stage.scores[at]:.2f}" for stage in (found.alone, found.context)]
        sums = {total.text: f"{total.push(block.label, found.rival):+.1f}" for total in found.alone.by_kind()}
        around = found.context.strongest(block.label, found.rival, _REASONS)[0][:_REASONS]
        told = [Text(", ".join(_push(found, reason) for reason in around))] if wide else []
        kinds = [sums.get(kind, "") for kind in shown]
        table.add_row(str(block.index), block.label.value, *scores, *kinds, *told, Text(one_line(block.text)))
    return table


def _push(found: Explanation, reason: Reason) -> str:
    return f"{_name(reason)} {reason.push(found.block.label, found.rival):+.1f}"


def _details(found: Explanation, top: int) -> Iterator[object]:
    from rich.text import Text

    block, rival = found.block, found.rival
    score, other = (block.scores[LABELS.index(label)] for label in (block.label, rival))
    yield Text(f"\n{block.index}  {one_line(block.text)}", style="bold")
    yield Text(f"{block.label} {score:.3f}, against {rival} {other:.3f}; language {block.language}")
    for name, stage in (("By itself", found.alone), ("In its surroundings", found.context)):
        yield _stage_table(name, found, stage, top)


def _stage_table(name: str, found: Explanation, stage: Stage, top: int) -> object:
    from rich.table import Table
    from rich.text import Text

    from classifier.explaining import Reason

    label, rival = found.block.label, found.rival
    scores = ", ".join(f"{label} {score:.3f}" for label, score in zip(LABELS, stage.scores, strict=True))
    table = Table(title=Text(f"{name}: {scores}"), title_justify="left", show_edge=False)
    table.add_column("kind", no_wrap=True)
    table.add_column("what", overflow="fold")
    for column in ("count\nor value", f"{label}\nagainst {rival}", "article", "consent"):
        table.add_column(column, justify="right", no_wrap=True)
    reasons, others = stage.strongest(label, rival, top)
    for reason in reasons:
        push = reason.push(label, rival)
        amount = str(reason.count) if reason.value is None else f"{reason.value:.3g}"
        numbers = (Text(f"{push:+.3f}", style="green" if push > 0 else "red"), *_odds(reason.article, reason.consent))
        table.add_row(reason.kind, Text(_name(reason)), amount, *numbers)
    if others.count:
        push = others.push(label, rival)
        table.add_row("others", "", str(others.count), f"{push:+.3f}", *_odds(others.article, others.consent))
    table.add_section()
    for total in [*stage.by_kind(), Reason("sum", "log-odds", *stage.log_odds, len(stage.reasons))]:
        push = total.push(label, rival)
        table.add_row("sum", total.text, str(total.count), f"{push:+.3f}", *_odds(total.article, total.consent))
    return table


def _odds(article: float, consent: float) -> tuple[str, str]:
    return f"{article:+.3f}", f"{consent:+.3f}"


def _name(reason: Reason) -> str:
    return f"“{one_line(reason.text, '␣')}”" if reason.kind in ("ngram", "word", "pair") else one_line(reason.text)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(grouped(explain))
