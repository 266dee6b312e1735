"""Options that commands share, in groups: a command takes a group as one parameter (see `grouped`)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from classifier import settings
from classifier.blocks.elements import DEPTH
from classifier.records import Label
from classifier.settings import PRESETS, Limits, ReadOptions

LABEL_NAMES = ",".join(Label)
_LIMITS = Limits()


def _preset(name: str) -> str:
    """Check the name before a model is loaded; a callback of Typer takes one parameter."""
    return settings.known_preset(name)


Inputs = Annotated[
    list[str], typer.Argument(help="Files, folders, globs, or - for stdin.", metavar="IN...", show_default=False)
]
Model = Annotated[
    Path | None, typer.Option("--model", "-m", help="Model folder; the shipped one if not given.", show_default=False)
]
Preset = Annotated[str, typer.Option("--preset", callback=_preset, help=f"Thresholds: {', '.join(PRESETS)}.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No summary and no progress on stderr.")]


@dataclass(frozen=True)
class KeepOptions:
    """Which blocks are kept. Options that take several may be repeated, too."""

    keep: Annotated[
        list[str] | None,
        typer.Option(help=f"Labels to keep, of {LABEL_NAMES}.", metavar="LABELS", show_default="article"),
    ] = None
    title: Annotated[bool, typer.Option("--title", help="Keep the page's title too, whatever its label.")] = False
    language: Annotated[
        list[str] | None,
        typer.Option(
            help="Languages of blocks to keep, as en,tr; blocks that tell none go with their page.",
            metavar="CODES",
            show_default=False,
        ),
    ] = None
    drop_language: Annotated[
        list[str] | None, typer.Option(help="Languages of blocks to drop.", metavar="CODES", show_default=False)
    ] = None
    page_language: Annotated[
        list[str] | None,
        typer.Option(help="Keep only pages mainly in these languages.", metavar="CODES", show_default=False),
    ] = None
    min_score: Annotated[
        list[str] | None,
        typer.Option(help="Lowest score of a label; may be repeated.", metavar="article=0.7", show_default=False),
    ] = None


@dataclass(frozen=True)
class ReadingOptions:
    """How input is read."""

    id_key: Annotated[str, typer.Option(help="Key or column of the page's id.", rich_help_panel="Reading")] = "id"
    url_key: Annotated[str, typer.Option(help="Key or column of the address.", rich_help_panel="Reading")] = "url"
    html_key: Annotated[str, typer.Option(help="Key or column of the HTML.", rich_help_panel="Reading")] = "html"
    markdown_key: Annotated[str, typer.Option(help="Key or column of Markdown.", rich_help_panel="Reading")] = (
        "markdown"
    )
    text_key: Annotated[str, typer.Option(help="Key or column of the plain text.", rich_help_panel="Reading")] = "text"
    encoding_errors: Annotated[
        str,
        typer.Option(
            help="Bytes that do not decode: tolerate (replace a few, refuse pages with many), replace, strict.",
            rich_help_panel="Reading",
        ),
    ] = "tolerate"
    max_page: Annotated[int, typer.Option(min=1, help="Largest page, in characters.", rich_help_panel="Reading")] = (
        _LIMITS.page
    )
    max_record: Annotated[
        int, typer.Option(min=1, help="Largest file or record when decompressed, in bytes.", rich_help_panel="Reading")
    ] = _LIMITS.record
    max_line: Annotated[
        int, typer.Option(min=1, help="Longest line of JSON Lines, in bytes.", rich_help_panel="Reading")
    ] = _LIMITS.line
    max_depth: Annotated[
        int,
        typer.Option(
            min=0, max=DEPTH, rich_help_panel="Reading",
            help=f"Reject pages with HTML nested deeper, at most {DEPTH}; 0 for none.",
        ),
    ] = _LIMITS.depth  # fmt: skip

    def read_options(self) -> ReadOptions:
        """The options as readers want them; SettingsError for an unknown word."""
        errors = settings.one_of(self.encoding_errors, settings.ENCODING_ERRORS, "value of --encoding-errors")
        limits = Limits(self.max_page, self.max_record, self.max_line, self.max_depth)
        keys = self.id_key, self.url_key, self.html_key, self.markdown_key, self.text_key
        return ReadOptions(*keys, encoding_errors=errors, limits=limits)


def grouped(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command take dataclasses of options: Typer sees their fields, the command gets the dataclass.

    Typer itself knows only one parameter an option, and a command with 25 parameters reads badly.
    """
    hints = get_type_hints(function, include_extras=True)
    groups: dict[str, Any] = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in groups:
            parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name]))
            continue
        group = groups[parameter.name]
        inner = get_type_hints(group, include_extras=True)
        parameters.extend(
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=inner[f.name])
            for f in fields(group)
        )

    @functools.wraps(function)
    def command(**values: Any) -> None:
        made = {name: group(**{f.name: values.pop(f.name) for f in fields(group)}) for name, group in groups.items()}
        function(**values, **made)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command
