"""The application behind the command. A command is one module of this package with `register(app)` and an `ORDER`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Annotated

import typer

from classifier import cli
from classifier.settings import VERSION

_SUMMARY = "Find the article, the boilerplate and the consent notices in scraped pages, and the language of each block."


def build() -> typer.Typer:
    """The application with every command found in this package, in the order of their `ORDER`."""
    app = typer.Typer(
        name="classifier", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    app.callback(help=_SUMMARY)(_version)
    names = [found.name for found in pkgutil.iter_modules(cli.__path__)]
    modules = [importlib.import_module(f"{cli.__name__}.{name}") for name in names]
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
