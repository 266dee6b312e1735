"""The command `classifier`. A command is one module of this package with a function `register(app)` and an `ORDER`."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from typing import Annotated

import typer

from classifier.cli.terminal import visible
from classifier.errors import ClassifierError, LanguageCodeError, SettingsError
from classifier.settings import VERSION

_SUMMARY = "Find the article, the boilerplate and the consent notices in scraped pages, and the language of each block."
# numpy's threads gain nothing on matrices as small as ours and get into each other's way with --workers; they can only
# be told before numpy is loaded, which is when the commands are
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def build() -> typer.Typer:
    """The application with every command found in this package, in the order of their `ORDER`."""
    app = typer.Typer(
        name="classifier", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    app.callback(help=_SUMMARY)(_version)
    names = [found.name for found in pkgutil.iter_modules(__path__)]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    commands = [module for module in modules if hasattr(module, "register")]
    for module in sorted(commands, key=lambda m: (m.ORDER, m.__name__)):
        module.register(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        print(VERSION)
        raise typer.Exit


def _version(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """Entry point: our errors become one line on stderr; exit code 2 for wrong usage, 1 for everything else."""
    if not sys.argv[1:2] or not sys.argv[1].startswith("train"):
        for name in _THREADS:
            os.environ.setdefault(name, "1")
    try:
        build()()
    except (SettingsError, LanguageCodeError) as error:
        print(f"error: {visible(str(error))}", file=sys.stderr)
        raise SystemExit(2) from None
    except ClassifierError as error:
        print(f"error: {visible(str(error))}", file=sys.stderr)
        raise SystemExit(1) from None
