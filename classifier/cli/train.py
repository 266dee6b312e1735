"""`classifier train`: labelled or gold pages to a model folder."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from classifier.cli.figures import columns_of
from classifier.cli.models import held_out
from classifier.cli.terminal import visible
from classifier.settings import LARGEST_SEED, default_model

ORDER = 5
_LanguageModel = Annotated[
    Path | None,
    typer.Option(
        "--language-model", metavar="DIR", show_default=False,
        help="Folder with a language model; that of --base if not given, else the shipped one.",
    ),
]  # fmt: skip


def train(
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Files and folders: pages with gold or blocks, texts."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of the new model.")],
    language: _LanguageModel = None,
    base: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Model whose weights the examples correct; its own data is not needed."),
    ] = None,
    split: Annotated[str, typer.Option(help="Such as train: leave out records whose field split says otherwise.")] = "",
    licence: Annotated[str, typer.Option(help="What the manifest says of the licence.")] = "",
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of everything random.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only the scores, no progress on stderr.")] = False,
) -> None:
    """Train a label model and print its held-out scores by label and language.

    DATA are .jsonl files, also .gz and .zst, or folders of them, with one object a line, of any of these shapes:

    A page and its article: {"html": "<p>...", "gold": "the article"}; "markdown", "text" or "file" for "html"

    A page of labelled blocks, as `label` writes it: {"blocks": [{"text": "We use cookies", "label": "consent"}]}

    A block without a page: {"text": "Sign up", "label": "boilerplate", "lang": "en"}

    Example: classifier train seeds -o my-model

    Example: classifier train corrected-pages.jsonl --base models/default -o my-model
    """
    from classifier import training

    facts = {"date": datetime.now(UTC).date().isoformat(), **({"licence": licence} if licence else {})}
    settings = training.TrainingSettings(split=split, seed=seed, base=base)
    tell = _hush if quiet else _tell
    manifest = training.train(data, output, language or base or default_model(), settings, tell, facts)
    print(held_out(manifest["scores"], columns_of(sys.stdout)))


def _tell(message: str) -> None:
    print(visible(message), file=sys.stderr, flush=True)


def _hush(message: str) -> None:
    """Say nothing."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train")(train)
