"""Plain text to blocks: every line is a block, but the lines of a hard-wrapped paragraph are one.

So a menu of one entry a line comes apart, a notice glued to a paragraph by one newline is a block of its own, and a
page without any blank line needs no rule of its own. Whether lines are wrapped is decided for the page as a whole, by
their widths. Does not handle markup; does not undo hyphenation at a line's end.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import accumulate, compress, pairwise

from classifier.blocks.columns import SEEN, BlockColumns

WIDEST = 130  # characters: editors and mail programs wrap text at 60 to 100, rarely more
NARROWEST = 40, 18  # characters, for scripts with spaces between words and without
LINES = 3  # line ends it takes to see that a page is wrapped; fewer must also read on in lower case
CASELESS_LINES = 8  # where no lower case tells: three sentences, each on its line, are often of like width
FULL_SHARE = 0.7  # of the line ends of a wrapped page that leave no room for the next word; others end paragraphs
LOWER_SHARE = 0.2  # of the lines of a wrapped page that go on in lower case; even German, with its nouns, has 0.6
OPEN_SHARE = 0.6  # of the lines of a wrapped page that end within a sentence, where a script has no lower case
TRIED = 8  # widths tried, widest first: a page may hold a few lines wider than its wrapped ones
SENTENCE_END = frozenset('.!?:;…。！？：；।۔؟»”"')
ITEM = re.compile(r"(?:[-*•·–—▪◦‣►>|]|#+|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s|[●○■□◆◇★☆※◎✓✔➤]")
RULE = re.compile(r"[\W_]{3,}+$")  # a line drawn with "-" or the like, not the stop that a wrapped line may begin with
FIRST_UNSEEN = "\xad"  # lines that begin with a character before it need no look at SEEN
PROMPT = ">>> "
QUOTE = "> "  # what mail puts before each line that someone else wrote
WORD = re.compile(  # of Thai, Lao, Burmese and Khmer, whose words no blank ends, a long one
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{1,8}"
    r"|[^\s\u2010-\u2015-]+[\u2010-\u2015-]?|\S"
)


def split_text(text: str) -> BlockColumns:
    """Split plain text into blocks; offsets are those in `text` itself, so that every block can be found again.

    Lines end as for str.splitlines: at LF, CR, CRLF, form feed, U+2028 and their like.
    """
    rows = text.splitlines(keepends=True)
    stripped = [line if line < FIRST_UNSEEN or SEEN.search(line) else "" for line in map(str.strip, rows)]
    begins = accumulate(map(len, rows), initial=0)
    kept = list(compress(zip(begins, rows, strict=False), stripped))
    indents = [row[: len(row) - len(row.lstrip())] for _, row in kept]
    starts = [begin + len(indent) for (begin, _), indent in zip(kept, indents, strict=True)]
    texts = list(filter(None, stripped))
    ends = [start + len(line) for start, line in zip(starts, texts, strict=True)]
    numbers = list(compress(range(len(rows)), stripped))
    followed = [i for i, (number, after) in enumerate(pairwise(numbers)) if after == number + 1]
    going_on = _line_ends_within(texts, indents, followed) if followed else set()
    if going_on:
        starts = [start for i, start in enumerate(starts) if i - 1 not in going_on]
        ends = [end for i, end in enumerate(ends) if i not in going_on]
        texts = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return BlockColumns(text, starts, ends, texts)


def _line_ends_within(lines: list[str], indents: list[str], followed: list[int]) -> set[int]:
    """The lines, of those `followed` by another without a blank line between, whose paragraph goes on in the next.

    The width of a line is the column where it ends: paragraphs may begin with an indent, or items hang from their mark.
    """
    lines, followed = _unquoted(lines, followed)
    followed = [i for i in followed if NARROWEST[1] <= len(lines[i]) <= WIDEST and not ITEM.match(lines[i + 1])]
    followed = [i for i in followed if not RULE.match(lines[i]) and not RULE.match(lines[i + 1])]
    columns = {i: len(lines[i]) + len(indents[i].expandtabs()) for i in followed}
    for width in sorted(set(columns.values()), reverse=True)[:TRIED]:
        near = [i for i in followed if width / 2 < columns[i] <= width]
        full = [i for i in near if columns[i] + 1 + _first_word(lines[i + 1]) > width]
        if len(full) >= max(LINES, FULL_SHARE * len(near)) and _reads_on(lines, full, width):
            return {*full, *filter(partial(_goes_on, lines), followed)}
    return set() if max(map(len, lines)) > WIDEST else set(filter(partial(_goes_on, lines), followed))


def _unquoted(lines: list[str], followed: list[int]) -> tuple[list[str], list[int]]:
    """The lines without their marks of quotation; of those `followed`, the ones not cut off by a change of marks.

    ">>> " is the prompt of Python more often than a quote of a quote of a quote.
    """
    quoted = [line[0] == QUOTE[0] and not line.startswith(PROMPT) for line in lines]
    if not any(quoted):
        return lines, followed
    bare = [line.lstrip(QUOTE) if mark else line for line, mark in zip(lines, quoted, strict=True)]
    depths = [line[: len(line) - len(rest)].count(QUOTE[0]) for line, rest in zip(lines, bare, strict=True)]
    return bare, [i for i in followed if bare[i + 1] and depths[i + 1] in (0, depths[i])]


def _goes_on(lines: list[str], i: int) -> bool:
    return len(lines[i]) >= NARROWEST[0] and _open(lines[i]) and lines[i + 1][0].islower()


def _first_word(line: str) -> int:
    word = WORD.match(line)
    return len(word[0]) if word else 0


def _open(line: str) -> bool:
    return line[-1] not in SENTENCE_END


def _reads_on(lines: list[str], full: list[int], width: int) -> bool:
    """Whether the lines after those of `full` look like the middle of sentences, not like the entries of a list."""
    firsts = [lines[i + 1][0] for i in full]
    lower, upper = sum(map(str.islower, firsts)), sum(map(str.isupper, firsts))
    if lower + upper > len(full) / 2:
        return width >= NARROWEST[0] and lower >= LOWER_SHARE * (lower + upper)
    words = sum(_first_word(lines[i + 1]) > 1 for i in full)  # Chinese and Japanese break after any character
    enough = CASELESS_LINES if words > len(full) / 2 else LINES
    return len(full) >= enough and sum(_open(lines[i]) for i in full) >= OPEN_SHARE * len(full)
