"""Labels for the blocks of a page whose article text is known: from gold text, or from segments that must (not) appear.

A long block belongs to the article where its letters occur in the gold text, or where most of its shingles do (gold
text is often lightly reworked), and no other block has these words already. A short block says little by itself
("Sport", a name), so it counts only at its place: between the gold positions of the long blocks around it. What stays
open is left out of training.
Does not handle gold text that reorders the page. Where somebody has labelled the blocks of a page one by one, they are
found again in its markup by order.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher
from unicodedata import normalize

import numpy as np

from classifier.records import LABELS, Label

UNKNOWN = -1  # neither article nor boilerplate for certain
LONG = 25  # letters and digits from which a block can be told by its text alone
SHINGLE = 12  # letters a shingle
SHARE = 0.6  # share of a reworked block's shingles that the gold text must hold
_OPEN_SHARE = 0.25  # between this and SHARE a block stays open
_TINY = 2  # letters up to which a block counts only between two long ones
_SLACK = 400  # letters of gold text around the neighbours' positions in which a short block may be found
_ARTICLE, _BOILERPLATE, _CONSENT = (LABELS.index(x) for x in (Label.ARTICLE, Label.BOILERPLATE, Label.CONSENT))
_NOT_WORD = re.compile(r"[\W_]+")


def squash(text: str) -> str:
    """Lower case letters and digits alone, in one Unicode form: what two renderings of one text have in common."""
    return _NOT_WORD.sub("", normalize("NFKC", text).lower())


def match_gold(texts: Sequence[str], gold: Sequence[str]) -> np.ndarray:
    """Labels of blocks against the article's paragraphs.

    `texts` are a page's n blocks in order, `gold` the article text in order, whole or in pieces of any size. Gives int8
    (n,): an index into LABELS, article or boilerplate, or UNKNOWN.
    """
    whole = squash("".join(gold))
    blocks = [squash(t) for t in texts]
    labels = np.full(len(blocks), _BOILERPLATE, dtype=np.int8)
    if not whole:
        return labels
    held = {text for text in set(blocks) if len(text) >= LONG and text in whole}
    free = np.ones(len(whole), dtype=bool)  # letters of the gold text that no block stands for yet
    places = _match_whole(blocks, whole, held, labels, free)
    _match_reworked(blocks, whole, held, labels, free, places)
    _match_short(blocks, whole, labels, places)
    return labels


def _match_whole(
    blocks: list[str], whole: str, held: set[str], labels: np.ndarray, free: np.ndarray
) -> dict[int, int]:  # fmt: skip
    """Label the long blocks that the gold text has letter by letter, `held`; gives their positions there, by block.

    A block that it holds only inside a longer one stays open. Of a text more frequent on the page than in the gold text
    (a heading, and its line in a menu), those copies are article that stand where the blocks around that place do.
    """
    copies: dict[str, list[int]] = defaultdict(list)
    for i, block in enumerate(blocks):
        if block in held:
            copies[block].append(i)
    spots: dict[str, list[int]] = {}
    for text in sorted(copies, key=len, reverse=True):
        spots[text] = [at for at in _occurrences(whole, text) if free[at : at + len(text)].all()]
        for at in spots[text][: len(copies[text])]:
            free[at : at + len(text)] = False
    places: dict[int, int] = {}
    for text, rows in copies.items():
        if not spots[text]:
            labels[rows] = UNKNOWN
        elif len(rows) <= len(spots[text]):
            places.update(zip(rows, spots[text], strict=False))
    anchors = _increasing(places)
    middle = anchors[len(anchors) // 2][0] if anchors else len(blocks) // 2
    for text, rows in copies.items():
        if len(rows) > len(spots[text]):
            places.update(_nearest(rows, spots[text], anchors, middle, len(blocks)))
    labels[list(places)] = _ARTICLE
    return places


def _occurrences(whole: str, text: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(text), whole)]


def _nearest(
    rows: list[int], spots: list[int], anchors: list[tuple[int, int]], middle: int, size: int
) -> dict[int, int]:  # fmt: skip
    """For each position in the gold text the block of `rows` nearest to the anchors around it, then to the middle."""
    left, found = list(rows), {}
    for at in spots:
        k = bisect.bisect(anchors, at, key=lambda anchor: anchor[1])
        first = anchors[k - 1][0] if k else 0
        last = anchors[k][0] if k < len(anchors) else size
        best = min(left, key=lambda i: (max(0, first - i, i - last), abs(i - middle)))
        left.remove(best)
        found[best] = at
    return found


def _match_reworked(
    blocks: list[str], whole: str, held: set[str], labels: np.ndarray, free: np.ndarray, places: dict[int, int]
) -> None:
    """Label the other long blocks by their shingles, and add the positions of those that are article to `places`.

    Most of a block's shingles must be in the gold text, and most of these where no other block stands: a teaser or a
    numbered line of a menu has the words of a heading again. Blocks near the article's middle come first.
    """
    starts = range(len(whole) - SHINGLE + 1)
    known = {whole[i : i + SHINGLE] for i in starts}
    spare = {whole[i : i + SHINGLE] for i in starts if free[i]}
    middle = sorted(places)[len(places) // 2] if places else len(blocks) // 2
    long = (i for i, block in enumerate(blocks) if len(block) >= LONG and block not in held)
    seen: set[str] = set()
    for i in sorted(long, key=lambda i: abs(i - middle)):
        shingles = [blocks[i][j : j + SHINGLE] for j in range(len(blocks[i]) - SHINGLE + 1)]
        found = [s for s in shingles if s in known]
        if len(found) < _OPEN_SHARE * len(shingles):
            continue
        if len(found) < SHARE * len(shingles):
            labels[i] = UNKNOWN
        elif blocks[i] not in seen and 2 * sum(s in spare for s in found) >= len(found):
            labels[i], places[i] = _ARTICLE, whole.find(found[0])
            seen.add(blocks[i])


def _match_short(blocks: list[str], whole: str, labels: np.ndarray, places: dict[int, int]) -> None:
    """Label the short blocks by the gold text near the positions of the long blocks before and after them."""
    anchors = _increasing(places)
    rows = [i for i, _ in anchors]
    used: set[int] = set()
    reached: dict[str, int] = {}  # where the search for a repeated text goes on
    for i, block in enumerate(blocks):
        if len(block) >= LONG:
            continue
        if not block:
            labels[i] = UNKNOWN
            continue
        if not anchors:
            labels[i] = UNKNOWN if block in whole else _BOILERPLATE
            continue
        k = bisect.bisect(rows, i)
        between = 0 < k < len(rows)
        low, high = _span(blocks, whole, anchors, k)
        at = whole.find(block, max(low, reached.get(block, 0)), high)
        while at in used:
            at = whole.find(block, at + 1, high)
        if at >= 0 and (len(block) > _TINY or between):
            labels[i] = _ARTICLE
            used.add(at)
            reached[block] = at + 1
        elif between and block in whole:
            labels[i] = UNKNOWN


def _span(blocks: list[str], whole: str, anchors: list[tuple[int, int]], k: int) -> tuple[int, int]:
    """The part of the gold text that belongs to blocks between anchor k - 1 and anchor k: from, to."""
    if k == 0:
        high = anchors[0][1]
        low = max(0, high - _SLACK)
    else:
        row, at = anchors[k - 1]
        low = at + len(blocks[row])
        high = anchors[k][1] if k < len(anchors) else min(len(whole), low + _SLACK)
    return max(0, low - 1), high + 1


def _increasing(places: dict[int, int]) -> list[tuple[int, int]]:
    """The longest run of (block, position) in which positions grow with the blocks."""
    tails: list[int] = []
    ends: list[int] = []
    items = sorted(places.items())
    back = [-1] * len(items)
    for n, (_, at) in enumerate(items):
        k = bisect.bisect_left(tails, at)
        if k == len(tails):
            tails.append(at)
            ends.append(n)
        else:
            tails[k], ends[k] = at, n
        back[n] = ends[k - 1] if k else -1
    chain: list[tuple[int, int]] = []
    n = ends[-1] if ends else -1
    while n >= 0:
        chain.append(items[n])
        n = back[n]
    return chain[::-1]


def _several(texts: str | Sequence[str]) -> Sequence[str]:
    """Texts, or one, as in the records of training data."""
    return [texts] if isinstance(texts, str) else texts


def match_segments(texts: Sequence[str], must: Sequence[str], must_not: Sequence[str]) -> np.ndarray:
    """Labels of blocks that hold a segment of a text known to be article (`must`) or not (`must_not`).

    A text is one segment. All other blocks are UNKNOWN, as are those that hold segments of both kinds. Gives int8 (n,).
    """
    blocks = [squash(t) for t in texts]
    labels = np.full(len(blocks), UNKNOWN, dtype=np.int8)
    for segments, label in ((must, _ARTICLE), (must_not, _BOILERPLATE)):
        for segment in filter(None, map(squash, _several(segments))):
            hits = [i for i, block in enumerate(blocks) if segment in block]
            if len(hits) > 1:  # the same words elsewhere, in a teaser say: only an own block is certain
                hits = [i for i in hits if blocks[i] == segment] if len(segment) < LONG else hits
            for i in hits:
                other = labels[i] not in (UNKNOWN, label)
                labels[i] = UNKNOWN if other else label
    return labels


def match_consent(texts: Sequence[str], notices: Sequence[str], labels: np.ndarray) -> np.ndarray:
    """`labels` with the blocks of the consent texts set to consent, article blocks apart: int8 (n,).

    A block is one where it is made of such texts (a notice, two buttons side by side), or where it is long and part of
    one (a notice that was split). Letters and digits count; where there are none ("×"), the signs.
    """
    wanted = sorted({squash(t) or t.strip() for t in _several(notices)} - {""})
    whole = "\n".join(wanted)
    out = labels.copy()
    for i, text in enumerate(texts):
        own = squash(text) or text.strip()
        if out[i] != _ARTICLE and (_made_of(own, wanted) or (len(own) >= LONG and own in whole)):
            out[i] = _CONSENT
    return out


def match_labelled(texts: Sequence[str], known: Sequence[str], labels: Sequence[int]) -> np.ndarray:
    """Labels of blocks, where the `known` texts of the page have them, one each: int8 (n,).

    Both are in page order. A block that is not among the known ones, spaces aside, is UNKNOWN: one may have been left
    out, or the page is split otherwise than when it was labelled.
    """
    out = np.full(len(texts), UNKNOWN, dtype=np.int8)
    own, wanted = (["".join(text.split()) for text in some] for some in (texts, known))
    for first, place, size in SequenceMatcher(None, own, wanted, autojunk=False).get_matching_blocks():
        out[first : first + size] = labels[place : place + size]
    return out


def _made_of(text: str, pieces: Sequence[str]) -> bool:
    """Whether a text is a series of pieces; not where it is empty."""
    reached = [0] if text else []
    for at in reached:  # grows on the way
        reached.extend({at + len(p) for p in pieces if text.startswith(p, at)} - set(reached))
    return len(text) in reached


def recovered(texts: Sequence[str], labels: np.ndarray, gold: Sequence[str]) -> float:
    """How much of the gold text the article blocks hold, and they of it: F1 of their words, 0 to 1.

    0 without gold text.
    """
    found = Counter(w for text, label in zip(texts, labels, strict=True) if label == _ARTICLE for w in _words(text))
    wanted = Counter(w for text in _several(gold) for w in _words(text))
    both = sum((found & wanted).values())
    return 2 * both / max(1, sum(found.values()) + sum(wanted.values()))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", normalize("NFKC", text).lower())
