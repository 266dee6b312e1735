"""`classifier train`: a label model from one's own pages."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

ORDER = 5


def train(
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA...", help="JSON Lines of gold or labelled pages, labelled blocks; files or folders."
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Model folder to write.")],
    language_model: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Model folder whose language model is taken over; the shipped one if not given.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="Use only records whose `split` field is this (or missing).")] = "",
    composed: Annotated[int, typer.Option(min=0, help="Pages to compose from loose labelled blocks.")] = 2400,
    seed: Annotated[
        int, typer.Option(help="Seed of everything random: the same seed and data give the same bytes.")
    ] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress messages.")] = False,
) -> None:
    """Train a label model; prints scores on sites held out from training.

    A gold page: {"html" or "text", "gold": [paragraphs]} or {"must": [...], "must_not": [...]}; a labelled page: {"blocks":
    [{"text", "label"}, ...]}, as `classifier label` writes; a labelled block: {"text", "label", "lang"}.

    Example: classifier train seeds my-pages.jsonl -o my-model
    """
    from classifier.settings import default_model
    from classifier.training import TrainingSettings
    from classifier.training import train as fit

    start = time.monotonic()

    def tell(message: str) -> None:
        if not quiet:
            print(f"[{time.monotonic() - start:5.0f} s] {message}", file=sys.stderr, flush=True)

    settings = TrainingSettings(composed=composed, split=split, seed=seed)
    manifest = fit(data, output, language_model or default_model(), settings, tell)
    print(f"{output}: trained in {time.monotonic() - start:.0f} s. Scores on held-out sites:")
    for name, rows in (
        ("all", manifest["scores"]["labels"]),
        *manifest["scores"]["views"].items(),
        *manifest["scores"]["sources"].items(),
    ):
        for label, row in rows.items():
            print(
                f"  {name:<16} {label:<12} precision {row['precision']:.3f}  recall {row['recall']:.3f}  f1 {row['f1']:.3f}  ({row['blocks']} blocks)"
            )
    print(f"  expected calibration error {manifest['scores']['calibration_error']:.4f}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)
