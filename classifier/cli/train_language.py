"""`classifier train-language`: a language model of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classifier.settings import LARGEST_SEED

ORDER = 6


def train_language(
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="JSON Lines: text, lang; also .gz, .zst.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Model folder to put it into.")],
    dev: Annotated[
        Path | None, typer.Option(help="Rows kept apart, to tune priors and calibration on.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of everything random.")] = 1,
    share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of the rows used.")] = 1.0,
    threads: Annotated[int, typer.Option(min=1, help="Threads of fastText; one gives the same model every time.")] = 2,
) -> None:
    """Train a language model from rows of text and language code.

    Example: classifier train-language rows.jsonl.zst -o my-model --dev held-out.jsonl
    """
    from classifier import language_training as training

    settings = training.Settings(share=share, threads=threads)
    facts = training.train_language(data, output, seed, dev, settings)
    print(f"{output / 'language.ftz'}: {facts['bytes'] / 1e6:.1f} MB, {len(facts['rows'])} languages")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-language")(train_language)
