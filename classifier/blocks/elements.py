"""The elements of a page while it is read: the open ones, and those that a tag closes by itself.

The rules are those of the HTML standard, section 13.2.6 (tree construction), as far as they move text between blocks:
implied end tags, end tags without a start, the borders of table cells. Left out are foster parenting (text between the
rows of a table) and the reopening of formatting elements that a block left open.
"""

from __future__ import annotations

from classifier.blocks.tags import BLOCKS, CELLS, CLOSING_P, LIST_ITEMS, LISTS, ROW_GROUPS, TABLE_PARTS

DEPTH = 500  # elements nested deeper hang on the one at this depth; browsers cut at 512
SEARCHED = 500  # open elements looked through for the start of an end tag: bounds the time that hostile pages take
CLOSED = {
    **{name: (CELLS, TABLE_PARTS) for name in CELLS},
    **{name: (ROW_GROUPS, frozenset(("table",))) for name in ROW_GROUPS},
    "li": (frozenset(("li",)), LISTS | TABLE_PARTS),
    "dt": (frozenset(("dt", "dd")), LISTS | TABLE_PARTS),
    "dd": (frozenset(("dt", "dd")), LISTS | TABLE_PARTS),
    "tr": (frozenset(("tr",)), ROW_GROUPS | {"table"}),
}
P = frozenset(("p",))


class Elements:
    """The elements met so far (`parents` and `keys`, as in Markup) and the open ones, outermost first.

    `names` and `chain` are the names and numbers of the open elements; element 0 is the root and never closes.
    """

    __slots__ = ("chain", "keys", "names", "numbers", "parents")

    def __init__(self) -> None:
        self.parents = [-1]
        self.keys = [0]
        self.numbers = {"html": 0}  # the distinct keys, numbered as they come
        self.names = ["html"]
        self.chain = [0]

    def close(self, name: str) -> None:
        """Close the element that an end tag means, with all inside it; an end tag without a start means none."""
        names = self.names[-SEARCHED:]
        if name not in names:
            return
        inline, part = name not in BLOCKS, name in TABLE_PARTS
        for back, other in enumerate(reversed(names), 1):
            if other == name:
                self._cut(back)
                return
            if (inline and other in BLOCKS) or (not part and other in TABLE_PARTS):
                return

    def make_room(self, name: str) -> None:
        """Close what a start tag closes by itself: the list item, cell, row or paragraph before it."""
        if name in CLOSED:
            self._close_nearest(*CLOSED[name])
        if name in CLOSING_P or name in LIST_ITEMS:
            self._close_nearest(P, BLOCKS)

    def common(self, where: list[int]) -> int:
        """The innermost element that holds all of `where`; parents have smaller numbers than their children."""
        parents, at = self.parents, where[0]
        for other in where:
            while at != other:
                if at > other:
                    at = parents[at]
                else:
                    other = parents[other]
        return at

    def _close_nearest(self, closing: frozenset[str], stops: frozenset[str]) -> None:
        for back, other in enumerate(reversed(self.names[-SEARCHED:]), 1):
            if other in closing:
                self._cut(back)
                return
            if other in stops:
                return

    def _cut(self, count: int) -> None:
        del self.names[-count:]
        del self.chain[-count:]
