"""Plain text to blocks: by blank lines, or by single newlines where a page has no blank line.

Hard-wrapped paragraphs stay one block; a notice glued to a paragraph by one newline becomes its own block.
Does not handle markup.
"""

from __future__ import annotations

import re

from classifier.blocks.columns import BlockColumns

LINE = re.compile(r"[^\s](?:[^\n\r]*[^\s])?")
WRAP_LOW, WRAP_HIGH = 40, 100  # characters a line: the widths at which mail programs and editors wrap text
WRAP_SPREAD = 25  # characters by which full lines of one wrapped paragraph differ at most: one long word


def split_text(text: str) -> BlockColumns:
    """Split plain text into blocks; spans are offsets into `text` itself, so every block can be found again."""
    spans: list[tuple[int, int]] = []
    group: list[tuple[int, int]] = []
    end = 0
    lines = [m.span() for m in LINE.finditer(text)]
    for line in lines:
        if group and _newlines(text[end : line[0]]) > 1:
            spans.extend(_merge(text, group))
            group = []
        group.append(line)
        end = line[1]
    spans.extend(_merge(text, group))
    return BlockColumns(text, [a for a, _ in spans], [b for _, b in spans], [text[a:b] for a, b in spans])


def _newlines(gap: str) -> int:
    return gap.count("\n") + gap.count("\r") - gap.count("\r\n")


def _merge(text: str, lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The lines between two blank lines: runs of hard-wrapped lines become one block, others stay lines."""
    spans: list[tuple[int, int]] = []
    previous: tuple[int, int] | None = None
    for line in lines:
        if previous is not None and _wrapped(text, previous, line):
            spans[-1] = (spans[-1][0], line[1])
        else:
            spans.append(line)
        previous = line
    return spans


def _wrapped(text: str, first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether `second` goes on with the paragraph of `first`: full width, no sentence end before a capital."""
    width = first[1] - first[0]
    if not WRAP_LOW <= width <= WRAP_HIGH or second[1] - second[0] > width + WRAP_SPREAD:
        return False
    next_word = re.match(r"\S+", text[second[0] : second[1]])
    fills = width + 1 + len(next_word.group()) > WRAP_HIGH - 2 * WRAP_SPREAD if next_word else False
    ends = text[first[1] - 1] in ".!?:;…。！？"
    lower = text[second[0]].islower()
    return lower or (fills and not ends and not text[second[0]].isupper())
