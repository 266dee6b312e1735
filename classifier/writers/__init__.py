"""Labelled pages to bytes: one function a format, and the files that take the bytes.

Reading order: the formats `jsonl`, `text` (with `tables`), `dolma`, `parquet`; `files` (how they come to the disk).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from classifier.records import LabelledPage
from classifier.settings import COMPRESSIONS, one_of
from classifier.writers import dolma, jsonl, text

__all__ = ["FORMATS", "Format", "format_by_name", "format_by_path"]

Render = Callable[[LabelledPage, str], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """An output format. `separator` stands between two pages of one file.

    `render` gives the bytes of one page; its second argument, one of BLOCK_CHOICES, says which blocks a record shows.
    `every_page`: pages without a kept block are written too. `convert` makes the final file of the rendered bytes
    (path of the rendered, path of the final) where these are not yet the format itself.
    """

    name: str
    suffix: str
    render: Render
    separator: bytes = b""
    every_page: bool = False
    convert: Callable[[Path, Path], None] | None = None


def _to_parquet(rendered: Path, final: Path) -> None:
    from classifier.writers.parquet import convert

    convert(rendered, final)


FORMATS = {
    f.name: f
    for f in (
        Format("jsonl", ".jsonl", jsonl.render),
        Format("text", ".txt", text.render_text, text.TEXT_SEPARATOR),
        Format("markdown", ".md", text.render_markdown, text.MARKDOWN_SEPARATOR),
        Format("parquet", ".parquet", jsonl.render, convert=_to_parquet),
        Format("dolma", ".jsonl", dolma.render, every_page=True),
    )
}
_SUFFIXES = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".txt": "text", ".text": "text", ".md": "markdown",
    ".markdown": "markdown", ".parquet": "parquet",
}  # fmt: skip


def format_by_name(name: str) -> Format:
    """The format called `name`; SettingsError naming near ones otherwise."""
    return FORMATS[one_of(name.lower(), FORMATS, "format")]


def format_by_path(path: str) -> Format | None:
    """The format that a file name asks for, compression aside; None where it asks for none we know."""
    pure = PurePath(path)
    if pure.suffix.lower() in COMPRESSIONS:
        pure = pure.with_suffix("")
    name = _SUFFIXES.get(pure.suffix.lower())
    return FORMATS[name] if name else None
