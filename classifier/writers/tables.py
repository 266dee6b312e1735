"""Which kept blocks of a page are the cells of a table that Markdown can show as one.

Tables that only lay a page out hold long texts, headings or lists, or have one row or column: they are none here, nor
are those whose rows differ in their number of cells, as spans are not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier.records import MarkupView, and_above, tag_of

Place = tuple[int, str]  # the element that says what a block is, and its tag
CELLS = ("td", "th")
_LEAST_ROWS, _LEAST_COLUMNS, _MOST_COLUMNS = 2, 2, 30
_LONGEST = 400  # characters of a cell: above, a line of such a table is no table any more
_MOST_BLOCKS = 4  # of a cell


@dataclass(frozen=True, slots=True)
class Table:
    """The blocks of each cell, row by row; every row has as many cells, empty ones for those without a kept block."""

    rows: list[list[list[int]]]

    @property
    def blocks(self) -> int:
        """How many there are in all cells."""
        return sum(len(cell) for row in self.rows for cell in row)


def find_tables(
    markup: MarkupView, kept: Sequence[int], places: Mapping[int, Place], texts: Sequence[str]
) -> dict[int, Table]:  # fmt: skip
    """Tables by their first kept block; `places` and `texts` are those of the blocks, `kept` in order."""
    tags = list(map(tag_of, markup.keys))
    if "table" not in tags:
        return {}
    inside: dict[int, list[int]] = {}  # what is kept of each table but its caption
    number = {block: i for i, block in enumerate(kept)}
    for block in kept:
        element, tag = places[block]
        table = next((e for e in and_above(element, markup.parents) if tags[markup.tags[e]] == "table"), -1)
        if table >= 0 and tag != "caption":
            inside.setdefault(table, []).append(block)
    columns = _columns(markup, tags)
    out = {}
    for blocks in inside.values():
        together = number[blocks[-1]] - number[blocks[0]] == len(blocks) - 1
        if together and all(places[b][1] in CELLS and len(texts[b]) <= _LONGEST for b in blocks):
            table_of = _table(markup, blocks, places, columns)
            if table_of is not None:
                out[blocks[0]] = table_of
    return out


def _columns(markup: MarkupView, tags: Sequence[str]) -> tuple[dict[int, int], dict[int, int]]:
    """The place of each cell in its row, from 0, and the number of cells of each row."""
    place: dict[int, int] = {}
    width: dict[int, int] = {}
    for element, (parent, tag) in enumerate(zip(markup.parents, markup.tags, strict=True)):
        if tags[tag] in CELLS and parent >= 0 and tags[markup.tags[parent]] == "tr":
            place[element] = width.get(parent, 0)
            width[parent] = place[element] + 1
    return place, width


def _table(
    markup: MarkupView, blocks: Sequence[int], places: Mapping[int, Place],
    columns: tuple[dict[int, int], dict[int, int]],
) -> Table | None:  # fmt: skip
    place, width = columns
    cells = [places[block][0] for block in blocks]
    if not all(cell in place for cell in cells):  # of no row
        return None
    by_row: dict[int, list[list[int]]] = {}
    for block, cell in zip(blocks, cells, strict=True):
        row = markup.parents[cell]
        by_row.setdefault(row, [[] for _ in range(width[row])])[place[cell]].append(block)
    rows = list(by_row.values())
    columns_of = {len(row) for row in rows}  # several where cells span: what stands below which is not known then
    if len(rows) < _LEAST_ROWS or len(columns_of) > 1 or not _LEAST_COLUMNS <= max(columns_of) <= _MOST_COLUMNS:
        return None
    return None if any(len(cell) > _MOST_BLOCKS for row in rows for cell in row) else Table(rows)
