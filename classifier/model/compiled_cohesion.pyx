# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled parts of `cohesion`: tables of the terms of each text, and of each page with sums over its blocks."""

cimport cython
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ
from libc.math cimport fabs, log, log1p
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from functools import lru_cache

import numpy as np

from classifier.model import characters, cohesion, ngrams

ctypedef long long Int

cdef enum:
    ROWS = 10
    LEAST = 4  # of a term
    MOST = 20
    PIECE = 4
    SIGNS = 2
    HEAD = 220
    TAIL = 60
    SLOTS = 512  # of the table of a text's terms: a power of 2, more than a text has places
    CODE_BIT = 18  # of an entry of the table of characters: below it the folded code point, then whether words hold it

cdef uint32_t[4] WIDE = characters.WIDE
cdef uint32_t[2] HIRAGANA = cohesion.HIRAGANA
cdef double CLIP = cohesion.CLIP, FEWEST = cohesion.FEWEST, TINY = cohesion.TINY
cdef uint32_t LAST_CODE = characters.TABLE_SIZE - 1
cdef uint64_t[HEAD + TAIL] UP  # powers of the base of hashes
if (ROWS, LEAST, MOST, PIECE, SIGNS, HEAD, TAIL, CODE_BIT) != (
    len(cohesion.NAMES), cohesion.LEAST, cohesion.MOST, cohesion.PIECE, cohesion.SIGNS, ngrams.HEAD, ngrams.TAIL,
    characters.READING_BIT,
):
    raise ImportError("classifier.model.compiled_cohesion was built for other numbers: build it again")
for _place in range(HEAD + TAIL):
    UP[_place] = pow(ngrams.BASE, _place, 2**64)


@cython.final
cdef class TextTerms:
    """The distinct terms of one text."""

    cdef const uint32_t[::1] table  # code point to folded code point, and whether words hold it
    cdef uint64_t[HEAD + TAIL] hashes, run  # of the terms; folded code points of the run of letters at hand
    cdef Py_ssize_t[SLOTS] slots  # by hash: the number of a term, and `base`; below `base` where the slot is free
    cdef Py_ssize_t count, size, base

    def __init__(self):
        self.table = characters.reading()
        self.base = 1  # slots are 0 at first

    cdef int find(self, text) except -1:
        """Take in the terms of a text."""
        if not isinstance(text, str):
            raise TypeError(f"a text is a {type(text).__name__}, not a str")
        cdef const void* data = PyUnicode_DATA(text)
        cdef int kind = PyUnicode_KIND(text)
        cdef Py_ssize_t place, length = PyUnicode_GET_LENGTH(text)
        self.base += HEAD + TAIL  # frees all slots
        self.count = self.size = 0
        for place in range(length if length <= HEAD + TAIL else HEAD):
            self.put(PyUnicode_READ(kind, data, place))
        if length > HEAD + TAIL:
            for place in range(length - TAIL, length):
                self.put(PyUnicode_READ(kind, data, place))
        self.close()
        return 0

    cdef inline void put(self, uint32_t code) noexcept:
        cdef uint32_t entry = self.table[code if code < LAST_CODE else LAST_CODE]
        if entry >> CODE_BIT:
            self.run[self.size] = entry & ((1 << CODE_BIT) - 1)
            self.size += 1
        elif self.size:
            self.close()

    cdef void close(self) noexcept:
        """The run of letters has ended: add its terms."""
        cdef Py_ssize_t place
        cdef bint wide = False
        for place in range(self.size):
            if _is_wide(self.run[place]):
                wide = True
                if place + 1 < self.size and _is_pair(self.run[place], self.run[place + 1]):
                    self.add(self.hash(place, SIGNS))
        if not wide and LEAST <= self.size <= MOST:
            self.add(self.hash(0, self.size))
        elif not wide and self.size > MOST:
            for place in range(self.size - PIECE + 1):
                self.add(self.hash(place, PIECE))
        self.size = 0

    cdef inline uint64_t hash(self, Py_ssize_t first, Py_ssize_t count) noexcept:
        """As `ngrams.Substrings.hashes`."""
        cdef uint64_t total = 0
        cdef Py_ssize_t place
        for place in range(count):
            total += self.run[first + place] * UP[place]
        return total

    cdef inline void add(self, uint64_t hashed) noexcept:
        cdef Py_ssize_t slot = _spread(hashed) & (SLOTS - 1)
        while self.slots[slot] >= self.base:
            if self.hashes[self.slots[slot] - self.base] == hashed:
                return
            slot = (slot + 1) & (SLOTS - 1)
        self.slots[slot] = self.base + self.count
        self.hashes[self.count] = hashed
        self.count += 1


cdef inline bint _is_wide(uint64_t code) noexcept nogil:
    return WIDE[0] <= code <= WIDE[1] or WIDE[2] <= code <= WIDE[3]


cdef inline bint _is_pair(uint64_t wide, uint64_t following) noexcept nogil:
    """Whether a wide sign and the following letter are a term."""
    cdef bint hiragana = HIRAGANA[0] <= wide <= HIRAGANA[1] and HIRAGANA[0] <= following <= HIRAGANA[1]
    return _is_wide(following) and not hiragana


cdef inline Py_ssize_t _spread(uint64_t hashed) noexcept nogil:
    """Where in a table a hash belongs; less its lower bits, which say little."""
    return hashed * 0x9E3779B97F4A7C15ULL >> 20


@lru_cache(maxsize=1)
def _text_terms():
    return TextTerms()


def terms_of(texts):
    """See `cohesion.terms_in_numpy`."""
    cdef TextTerms terms = _text_terms()
    cdef Py_ssize_t number, at, count = 0
    first = np.zeros(len(texts) + 1, np.int64)
    found = np.empty(16 * len(texts) + HEAD + TAIL, np.uint64)
    cdef uint64_t[::1] found_ = found
    cdef Int[::1] first_ = first
    for number, text in enumerate(texts):
        if count + HEAD + TAIL > found_.shape[0]:
            found = np.append(found[:count], np.empty(count + HEAD + TAIL, np.uint64))
            found_ = found
        terms.find(text)
        for at in range(terms.count):
            found_[count + at] = terms.hashes[at]
        count += terms.count
        first_[number + 1] = count
    return cohesion.Terms(found[:count].copy(), first)


@cython.final
cdef class Table:
    """The terms of one page, numbered as they come, with what is counted of each."""

    cdef uint64_t[::1] hashes
    cdef Int[::1] slots  # by hash: the number of a term, -1 where the slot is free
    cdef Int[::1] held, sures  # blocks that hold a term, and how many of these are sure
    cdef double[::1] mass, frequency  # article probabilities of those blocks, and the logarithm of their number
    cdef uint8_t[::1] titled
    cdef double usual, usual_odds, rarest  # share of article on the page, the same as log-odds; the highest rarity
    cdef Py_ssize_t mask, count

    def __init__(self, Py_ssize_t most):
        self.hashes, self.titled = np.empty(most, np.uint64), np.empty(most, np.uint8)
        self.held, self.sures = np.empty(most, np.int64), np.empty(most, np.int64)
        self.mass, self.frequency = np.empty(most), np.empty(most)
        self.slots = np.empty(_slots(most), np.int64)

    cdef void clear(self, Py_ssize_t most) noexcept:
        """Make ready for a page of at most so many terms."""
        self.mask, self.count = _slots(most) - 1, 0
        self.slots[: self.mask + 1] = -1

    cdef inline Py_ssize_t slot(self, uint64_t hashed) noexcept:
        """The slot of a term, free if it is new."""
        cdef Py_ssize_t place = _spread(hashed) & self.mask
        while self.slots[place] >= 0 and self.hashes[self.slots[place]] != hashed:
            place = (place + 1) & self.mask
        return place

    cdef inline Int add(self, uint64_t hashed, double article, bint sure) noexcept:
        """Count a term of a block; gives its number."""
        cdef Py_ssize_t place = self.slot(hashed), term = self.slots[place]
        if term < 0:
            term = self.slots[place] = self.count
            self.count += 1
            self.hashes[term] = hashed
            self.held[term] = self.sures[term] = self.titled[term] = 0
            self.mass[term] = 0
        self.held[term] += 1
        self.sures[term] += sure
        self.mass[term] += article
        return term

    cdef void close(self, double article, Py_ssize_t blocks, const uint64_t[::1] title) noexcept:
        """All terms of a page of so many blocks are in: mark those of the title, and take logarithms.

        `article` is the sum of the article probabilities.
        """
        cdef Py_ssize_t at, place
        self.usual = min(max(article / max(blocks, 1), FEWEST), 1 - FEWEST)
        self.usual_odds = log(self.usual / (1 - self.usual))
        self.rarest = log(max(blocks, 2))
        for at in range(title.shape[0]):
            place = self.slot(title[at])
            if self.slots[place] >= 0:
                self.titled[self.slots[place]] = 1
        for at in range(self.count):
            self.frequency[at] = log(self.held[at])


cdef Py_ssize_t _slots(Py_ssize_t terms) noexcept:
    cdef Py_ssize_t size = 16
    while size < 2 * terms:
        size *= 2
    return size


def shared(terms, const Int[::1] which, const Int[::1] bounds, const float[::1] article, sure, titles):
    """See `cohesion.shared_in_numpy`."""
    cdef const uint64_t[::1] hashes = terms.hashes, title_hashes = titles.hashes
    cdef const Int[::1] first = terms.first, title_first = titles.first
    cdef const uint8_t[::1] sure_ = np.ascontiguousarray(sure, bool).view(np.uint8)
    cdef Py_ssize_t size = which.shape[0], page, block, at, place, most
    _check_first(first, hashes.shape[0])
    _check_first(title_first, title_hashes.shape[0])
    _check_first(bounds, size)
    if article.shape[0] != size or sure_.shape[0] != size or title_first.shape[0] != bounds.shape[0]:
        raise ValueError("the blocks, their scores and the pages' titles differ in number")
    if size and not 0 <= np.min(which) <= np.max(which) < len(first) - 1:
        raise ValueError("a block has no text")
    before = np.append(0, np.cumsum(np.diff(first)[np.asarray(which)]))[np.asarray(bounds)]  # terms before each page
    most = np.max(np.diff(before), initial=0)
    cdef const Int[::1] before_ = before
    cdef Table table = Table(most)
    cdef Int[::1] number = np.empty(most, np.int64)  # of each term of each block of a page
    out = np.empty((ROWS, size), np.float32)
    cdef float[:, ::1] rows = out
    cdef double total
    for page in range(bounds.shape[0] - 1):
        table.clear(before_[page + 1] - before_[page])
        total, place = 0, 0
        for block in range(bounds[page], bounds[page + 1]):
            total += article[block]
            for at in range(first[which[block]], first[which[block] + 1]):
                number[place] = table.add(hashes[at], article[block], sure_[block])
                place += 1
        table.close(total, bounds[page + 1] - bounds[page], title_hashes[title_first[page] : title_first[page + 1]])
        place = 0
        for block in range(bounds[page], bounds[page + 1]):
            at = first[which[block] + 1] - first[which[block]]
            _sum(table, number[place : place + at], article[block], sure_[block], rows[:, block])
            place += at
    return out


cdef void _sum(Table table, const Int[::1] terms, double article, bint sure, float[:] out) noexcept:
    """The numbers of one block from its terms."""
    cdef double elsewhere = 0, frequency = 0, odds = 0, rare = 0, in_sure = 0, rare_in_sure = 0, titled = 0
    cdef double there, others, rarity, usual = table.usual, count = max(len(terms), 1)
    cdef Py_ssize_t at
    cdef Int term
    for at in range(terms.shape[0]):
        term = terms[at]
        rarity = table.rarest - table.frequency[term]
        frequency += table.frequency[term]
        rare += rarity
        titled += table.titled[term]
        if table.sures[term] > sure:
            in_sure += 1
            rare_in_sure += rarity
        if table.held[term] > 1:
            elsewhere += 1
            there = max(table.mass[term] - article, <double> 0)
            others = max(table.held[term] - 1 - there, <double> 0)
            odds += min(max(log((there + usual) / (others + 1 - usual)) - table.usual_odds, -CLIP), CLIP)
    out[0] = log1p(terms.shape[0])
    out[1] = elsewhere / count
    out[2] = frequency / count
    out[3] = odds / count
    out[4] = log1p(odds) if odds > 0 else -log1p(fabs(odds))
    out[5] = in_sure / count
    out[6] = rare_in_sure / max(rare, TINY)
    out[7] = log1p(in_sure)
    out[8] = titled / count
    out[9] = log1p(titled)


cdef int _check_first(const Int[::1] first, Py_ssize_t size) except -1:
    """ValueError where the first places of rows (n + 1,) would lead beyond `size`."""
    if not len(first) or first[0] != 0 or first[len(first) - 1] != size or (np.diff(first) < 0).any():
        raise ValueError(f"the bounds of rows are not those of {size} places")
    return 0
