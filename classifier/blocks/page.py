"""A page to its blocks, by its kind."""

from __future__ import annotations

from dataclasses import replace

from classifier.blocks.columns import BlockColumns
from classifier.blocks.hints import page_hints
from classifier.blocks.html import split_html
from classifier.blocks.text import split_text
from classifier.records import without_nul


def split_page(content: str, is_html: bool, url: str | None = None) -> BlockColumns:
    """The blocks of a page; HTML is split `without_nul` and comes with `hints`, for which its address is read too."""
    if not is_html:
        return split_text(content)
    content = without_nul(content, is_html)
    columns = split_html(content)
    if columns.markup is None:
        return columns
    return replace(columns, markup=replace(columns.markup, hints=page_hints(content, url)))
