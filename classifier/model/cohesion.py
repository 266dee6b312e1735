"""What a block's words share with the rest of its page: lexical cohesion (Hearst 1997).

A teaser or a notice speaks of something else than the article. What is looked at are terms: words of some letters;
where a script puts no space between words, pairs of neighbouring signs, or all pieces of a long run of letters. Pairs
of hiragana alone are left out: they are particles and endings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.model.characters import is_wide
from classifier.model.ngrams import MIX, Ints, Substrings, encode
from classifier.model.series import groups_of_codes

NAMES = (  # of a block, by its terms; counts and sums are logarithms, those of sums with their sign
    "terms",  # how many it has
    "terms elsewhere",  # share of them that other blocks of the page have
    "term frequency",  # mean logarithm of how many blocks have them
    "terms in article",  # mean log-odds of article in the other blocks that have them, against those of the page
    "terms in article, sum",  # sum of these log-odds
    "terms in sure blocks",  # share of them that other blocks have which are surely article
    "rare terms in sure blocks",  # the same, each weighted by its rarity on the page
    "sure terms",  # how many are in such blocks
    "terms in title",  # share of them that the page's title has
    "title terms",  # how many the title has
)
LEAST, MOST = 4, 20  # letters of a run that is a term as a whole
PIECE, SIGNS = 4, 2  # letters of the pieces of longer runs, and wide signs that make a term
HIRAGANA = (0x3041, 0x309F)  # first and last
CLIP, FEWEST = 4.0, 0.02  # bounds of the log-odds of a term, and of the share of article that is expected
TINY = 1e-3  # instead of division by 0
_CHUNK = 20_000  # texts encoded at once
Floats = NDArray[np.float32]
Hashes = NDArray[np.uint64]


class Terms(NamedTuple):
    """The distinct terms of T texts, in the order of their first places.

    `hashes` (n,) are those of the terms, `first` (T + 1,) the first term of each text.
    """

    hashes: Hashes
    first: Ints


def terms_in_numpy(texts: Sequence[str]) -> Terms:
    """The terms of the parts of texts that are read, see `ngrams.clip`."""
    found, counts = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
    for first in range(0, len(texts), _CHUNK):
        part = texts[first : first + _CHUNK]
        owner, hashes = _places(part)
        keys = np.stack([owner.astype(np.uint64), hashes])
        kept = np.sort(np.unique(keys, axis=1, return_index=True)[1])
        found.append(hashes[kept])
        counts.append(np.bincount(owner[kept], minlength=len(part)))
    return Terms(np.concatenate(found), np.append(0, np.cumsum(np.concatenate(counts))))


def _places(texts: Sequence[str]) -> tuple[Ints, Hashes]:
    """Terms as they come, some of them again: the text of each, and its hash."""
    frames = encode(texts)
    strings = Substrings(frames)
    first, last = strings.runs()
    wide = is_wide(frames.codes)
    signs = np.append(0, np.cumsum(wide))
    spaced = signs[last] == signs[first]
    whole = spaced & (last - first >= LEAST) & (last - first <= MOST)
    run = np.repeat(np.arange(len(first)), last - first)  # of each place inside runs
    place = np.arange(len(run)) - np.repeat(np.cumsum(last - first) - last, last - first)
    left = last[run] - place
    pairs = place[(left >= SIGNS) & (signs[np.minimum(place + SIGNS, len(wide))] - signs[place] == SIGNS)]
    hiragana = (frames.codes >= HIRAGANA[0]) & (frames.codes <= HIRAGANA[1])
    pairs = pairs[~(hiragana[pairs] & hiragana[pairs + 1])]
    pieces = place[(left >= PIECE) & (spaced & (last - first > MOST))[run]]
    starts = np.concatenate([first[whole], pairs, pieces])
    ends = np.concatenate([last[whole], pairs + SIGNS, pieces + PIECE])
    order = np.argsort(starts)  # no two terms start at one place
    starts, ends = starts[order], ends[order]
    return np.searchsorted(frames.starts, starts, side="right") - 1, strings.hashes(starts, ends)


def shared_in_numpy(
    terms: Terms, which: Ints, bounds: Ints, article: Floats, sure: NDArray[np.bool_], titles: Terms
) -> Floats:  # fmt: skip
    """What the terms of N blocks of P pages share with other blocks of the page: float32 (len(NAMES), N).

    `terms` are those of the texts, `which` (N,) the text of each block, `bounds` (P + 1,) the first block of each page;
    `article` (N,) how likely each block is article, `sure` (N,) whether it is so for sure; `titles` the terms of the
    pages' titles. What each row is stands beside its name in NAMES.
    """
    size, blocks = len(which), np.diff(bounds)
    page = np.repeat(np.arange(len(blocks)), blocks)
    counts = np.diff(terms.first)[which]
    owner = np.repeat(np.arange(size), counts)  # block of each term of a block
    at = np.arange(len(owner)) + np.repeat(terms.first[which] - np.cumsum(counts) + counts, counts)
    codes = _of_page(terms.hashes[at], page[owner])
    group, held = groups_of_codes(codes.view(np.int64))
    sures = np.bincount(group, weights=sure[owner], minlength=len(held))
    in_sure = sures[group] - sure[owner] > 0.5
    rarity = np.log(np.maximum(blocks, 2)[page[owner]] / held[group])
    in_title = np.isin(codes, _of_page(titles.hashes, np.repeat(np.arange(len(blocks)), np.diff(titles.first))))

    def add(values: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.bincount(owner, weights=values, minlength=size).astype(np.float64)

    number = np.maximum(counts, 1)
    log_odds, sure_terms, title_terms = add(_log_odds(group, held, owner, article, page)), add(in_sure), add(in_title)
    return np.stack([
        np.log1p(counts), add(held[group] > 1) / number, add(np.log(held[group])) / number, log_odds / number,
        np.sign(log_odds) * np.log1p(np.abs(log_odds)), sure_terms / number,
        add(in_sure * rarity) / np.maximum(add(rarity), TINY), np.log1p(sure_terms), title_terms / number,
        np.log1p(title_terms),
    ]).astype(np.float32)  # fmt: skip


def _log_odds(group: Ints, held: Ints, owner: Ints, article: Floats, page: Ints) -> NDArray[np.float64]:
    """Log-odds of article in the other blocks with each term, against those of the page: as `group` (n,).

    Terms of one group are the same on the same page, `held` are the sizes of the groups; `owner` (n,) is the block of
    each term, `page` (N,) that of a block.
    """
    likely = article.astype(np.float64)
    usual = np.bincount(page, weights=likely) / np.maximum(np.bincount(page), 1)
    usual = np.clip(usual, FEWEST, 1 - FEWEST)[page[owner]]
    there = np.maximum(np.bincount(group, weights=likely[owner])[group] - likely[owner], 0.0)
    others = np.maximum(held[group] - 1 - there, 0.0)
    odds = np.log((there + usual) / (others + 1 - usual)) - np.log(usual / (1 - usual))
    return np.asarray(np.clip(odds, -CLIP, CLIP), dtype=np.float64)


def _of_page(hashes: Hashes, page: Ints) -> Hashes:
    """Hashes that are the same for the same term of the same page."""
    return hashes + page.astype(np.uint64) * MIX
