# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""`blocks.text_sums` and `blocks.key_weights` compiled: one pass over each text, sums in the order numpy adds them."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.math cimport sqrtf
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from functools import lru_cache

import numpy as np

from classifier.model import characters, markup, ngrams, shape

ctypedef fused Unit:
    uint8_t
    uint16_t
    uint32_t

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define PREFETCH(place) __builtin_prefetch(place)
    #else
    #define PREFETCH(place) ((void)0)
    #endif
    """
    void PREFETCH(const void* place) noexcept nogil

cdef enum:
    HEAD = 220
    TAIL = 60
    PAD = 4
    ORDERS = 5  # n-grams of 1 to so many characters
    ROOM = HEAD + TAIL + PAD + 1  # positions of the longest frame
    PAIR_GAP = 3
    WORD_KIND = 6
    PAIR_KIND = 7
    ROLES = 4
    ROLE_STEP = 16
    START = 2
    END = 3
    CODE_BIT = 18  # of an entry of the table: below it the folded code point, then whether that is part of a word,
    CLASS_BIT = CODE_BIT + 1  # from here on the class of the code point as it stands
    COUNTS = 11
    FIELDS = 6
    FIELD_BITS = 10

cdef uint64_t BASE = 0x9E3779B97F4A7C15ULL
cdef uint64_t MIX = 0xD6E8FEB86659FD93ULL
cdef uint32_t LAST_CODE = characters.TABLE_SIZE - 1
cdef uint64_t[ROOM + 1] UP, DOWN  # powers of BASE and of its inverse
cdef uint64_t[ORDERS] MIXED  # powers of BASE times MIX

if (HEAD, TAIL, PAD, ORDERS, PAIR_GAP, WORD_KIND, PAIR_KIND, ROLES, ROLE_STEP, FIELDS, FIELD_BITS) != (
    ngrams.HEAD, ngrams.TAIL, ngrams.PAD, max(ngrams.ORDERS), ngrams.PAIR_GAP, ngrams.WORD_KIND, ngrams.PAIR_KIND,
    len(markup.ROLES), markup.ROLE_STEP, shape.FIELDS, shape.FIELD_BITS,
) or len(ngrams.ORDERS) != ORDERS or (BASE, MIX, CODE_BIT) != (ngrams.BASE, int(ngrams.MIX), characters.READING_BIT):
    raise ImportError("classifier.model.compiled_text was built for other constants: build it again")
for _place in range(ROOM + 1):
    UP[_place], DOWN[_place] = pow(ngrams.BASE, _place, 2**64), pow(ngrams.BASE, -_place, 2**64)
for _place in range(ORDERS):
    MIXED[_place] = UP[_place] * MIX


cdef class Frame:
    """One text framed by marks, as `ngrams.encode` has it, with what is found in it."""

    cdef const uint32_t[::1] _table  # code point to folded code point, word or not, class
    cdef const uint64_t[:, ::1] _fields  # by class, counts side by side, see `shape`
    cdef uint32_t[ROOM] raw
    cdef uint64_t[ROOM] codes  # folded
    cdef uint64_t[ROOM + 1] sums  # of the folded ones times UP, before each position: from them come the hashes
    cdef uint8_t[ROOM] in_word
    cdef Py_ssize_t size
    cdef uint64_t[2] fields
    cdef Py_ssize_t words, pairs
    cdef int32_t[ROOM] word_at, pair_at
    cdef uint64_t[ROOM] word_hash, pair_hash

    def __init__(self):
        names, tables = shape.counters()
        _, first, classes = np.unique(tables[0] | tables[1] << np.uint64(1), return_index=True, return_inverse=True)
        self._table = characters.reading() | classes.astype(np.uint32) << CLASS_BIT
        self._fields = np.ascontiguousarray(tables[:, first].T)
        if len(names) != COUNTS:
            raise ImportError("classifier.model.compiled_text was built for other counts: build it again")

    cdef int read(self, text) except -1:
        """Take a text in: its start and its end, folded, counted, and its words found."""
        if not isinstance(text, str):
            raise TypeError(f"a text is a {type(text).__name__}, not a str")
        cdef const void* data = PyUnicode_DATA(text)
        cdef int kind = PyUnicode_KIND(text)
        cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
        self.size, self.sums[0], self.fields[0], self.fields[1] = 0, 0, 0, 0
        self._put(START)
        if kind == 1:
            self._put_units(<const uint8_t*> data, length)
        elif kind == 2:
            self._put_units(<const uint16_t*> data, length)
        else:
            self._put_units(<const uint32_t*> data, length)
        for _ in range(PAD):
            self._put(END)
        self._find_words()
        return 0

    cdef void _put_units(self, const Unit* text, Py_ssize_t length) noexcept:
        cdef Py_ssize_t place
        for place in range(length if length <= HEAD + TAIL else HEAD):
            self._put(text[place])
        if length > HEAD + TAIL:
            for place in range(length - TAIL, length):
                self._put(text[place])

    cdef inline void _put(self, uint32_t code) noexcept:
        code = code if code < LAST_CODE else LAST_CODE
        cdef uint32_t entry = self._table[code]
        self.raw[self.size] = code
        self.codes[self.size] = entry & ((1 << CODE_BIT) - 1)
        self.sums[self.size + 1] = self.sums[self.size] + self.codes[self.size] * UP[self.size]
        self.in_word[self.size] = entry >> CODE_BIT & 1
        self.fields[0] += self._fields[entry >> CLASS_BIT, 0]
        self.fields[1] += self._fields[entry >> CLASS_BIT, 1]
        self.size += 1

    cdef void _find_words(self) noexcept:
        """Where words and pairs of neighbouring words begin, and their hashes, as `ngrams.Substrings.words`."""
        cdef Py_ssize_t place = 0, first = 0, last = 0, before = -1
        self.words = self.pairs = 0
        while place < self.size:
            if not self.in_word[place]:
                place += 1
                continue
            first = place
            while self.in_word[place]:  # ends at the marks
                place += 1
            self.word_at[self.words] = first
            self.word_hash[self.words] = self._hash(first, place)
            self.words += 1
            if before >= 0 and first - last <= PAIR_GAP:
                self.pair_at[self.pairs] = before
                self.pair_hash[self.pairs] = self._hash(before, place)
                self.pairs += 1
            before, last = first, place

    cdef inline uint64_t _hash(self, Py_ssize_t first, Py_ssize_t last) noexcept:
        return (self.sums[last] - self.sums[first]) * DOWN[first]


@lru_cache(maxsize=1)
def _frame():
    return Frame()


cdef inline uint64_t _spread(uint64_t mixed, int bits) noexcept nogil:
    """The bucket of a hash that was multiplied by MIX, see `ngrams.bucket`."""
    mixed ^= mixed >> 32
    return mixed * MIX >> (64 - bits)


def text_sums(texts, const float[:, ::1] weights):
    """See `blocks.text_sums`."""
    cdef Frame frame = _frame()
    cdef int bits = (len(weights) - 1).bit_length()
    if bits < 1 or len(weights) != 1 << bits or weights.shape[1] != 2:
        raise ValueError(f"weights of {len(weights)} buckets in {weights.shape[1]} columns")
    cdef Py_ssize_t number, each
    scores = np.empty((len(texts), 2), np.float32)
    counts = np.empty((COUNTS, len(texts)), np.float32)
    ends = np.empty((3, len(texts)), np.int64)
    cdef float[:, ::1] scores_ = scores, counts_ = counts
    cdef long long[:, ::1] ends_ = ends
    for number, text in enumerate(texts):
        frame.read(text)
        _text_sum(frame, &weights[0, 0], bits, &scores_[number, 0])
        for each in range(COUNTS):
            counts_[each, number] = <float> (
                frame.fields[each // FIELDS] >> (FIELD_BITS * (each % FIELDS)) & ((1 << FIELD_BITS) - 1)
            )
        ends_[0, number] = frame.raw[1]
        ends_[1, number] = frame.raw[frame.size - PAD - 1]
        ends_[2, number] = frame.size - PAD - 1
    return scores, shape.Seen(dict(zip(shape.counters()[0], counts)), *ends)


cdef void _text_sum(Frame frame, const float* weights, int bits, float* out) noexcept:
    """Sum of the weights of a text's n-grams and words over the root of their number."""
    cdef uint32_t[ORDERS * ROOM] buckets
    cdef float[2 * ROOM] total
    cdef Py_ssize_t place, order, size = frame.size, count = 0
    cdef uint64_t mixed
    cdef const float* pair
    for place in range(size):
        mixed = 0
        for order in range(min(ORDERS, size - place)):
            mixed += frame.codes[place + order] * MIXED[order]
            buckets[count] = _spread(mixed + (order + 1) * MIX, bits)
            PREFETCH(weights + 2 * buckets[count])
            count += 1
    count = 0
    for place in range(size):
        total[2 * place] = total[2 * place + 1] = 0
        for order in range(min(ORDERS, size - place)):
            pair = weights + 2 * buckets[count]
            total[2 * place] += pair[0]
            total[2 * place + 1] += pair[1]
            count += 1
    for place in range(frame.words):
        pair = weights + 2 * _spread((frame.word_hash[place] + WORD_KIND) * MIX, bits)
        total[2 * frame.word_at[place]] += pair[0]
        total[2 * frame.word_at[place] + 1] += pair[1]
    for place in range(frame.pairs):
        pair = weights + 2 * _spread((frame.pair_hash[place] + PAIR_KIND) * MIX, bits)
        total[2 * frame.pair_at[place]] += pair[0]
        total[2 * frame.pair_at[place] + 1] += pair[1]
    cdef float root = sqrtf(<float> (count + frame.words + frame.pairs))
    cdef float[2] rest
    _add_pairs(total + 2, 2 * (size - 1), rest)
    out[0] = (total[0] + rest[0]) / root
    out[1] = (total[1] + rest[1]) / root


cdef void _add_pairs(const float* values, Py_ssize_t size, float* out) noexcept nogil:
    """Sums of the even and of the odd ones of `size` numbers, in the order of numpy's pairwise summation."""
    cdef float[8] part
    cdef float[2] second
    cdef Py_ssize_t place, each
    if size < 8:
        out[0] = out[1] = 0
        place = 0
    elif size <= 128:
        for each in range(8):
            part[each] = values[each]
        for place in range(8, size - size % 8, 8):
            for each in range(8):
                part[each] += values[place + each]
        out[0] = (part[0] + part[2]) + (part[4] + part[6])
        out[1] = (part[1] + part[3]) + (part[5] + part[7])
        place = size - size % 8
    else:
        place = size // 2 - size // 2 % 8
        _add_pairs(values, place, out)
        _add_pairs(values + place, size - place, second)
        out[0] += second[0]
        out[1] += second[1]
        return
    while place < size:
        out[0] += values[place]
        out[1] += values[place + 1]
        place += 2


def key_weights(keys, const float[:, ::1] weights):
    """See `markup.key_weights_in_numpy`."""
    cdef Frame frame = _frame()
    cdef int bits = (len(weights) - 1).bit_length()
    if bits < 1 or len(weights) != 1 << bits or weights.shape[1] != 2:
        raise ValueError(f"weights of {len(weights)} buckets in {weights.shape[1]} columns")
    cdef Py_ssize_t number, role, place
    cdef double[2] words, pairs
    sums = np.empty((ROLES, len(keys), 2), np.float32)
    cdef float[:, :, ::1] sums_ = sums
    for number, key in enumerate(keys):
        frame.read(key)
        for role in range(ROLES):
            words[:] = [0, 0]
            pairs[:] = [0, 0]
            for place in range(frame.words):
                _add(&weights[0, 0], bits, frame.word_hash[place] + ROLE_STEP * (role + 1) + WORD_KIND, words)
            for place in range(frame.pairs):
                _add(&weights[0, 0], bits, frame.pair_hash[place] + ROLE_STEP * (role + 1) + PAIR_KIND, pairs)
            sums_[role, number, 0] = <float> (words[0] + pairs[0])
            sums_[role, number, 1] = <float> (words[1] + pairs[1])
    return sums.view(np.complex64)[:, :, 0]


cdef inline void _add(const float* weights, int bits, uint64_t hashed, double* out) noexcept:
    cdef const float* pair = weights + 2 * _spread(hashed * MIX, bits)
    out[0] += pair[0]
    out[1] += pair[1]


def bin_sums(const float[:, ::1] shapes, const float[:, ::1] edges, const float[:, ::1] weights):
    """See `blocks.bin_sums_in_numpy`."""
    cdef Py_ssize_t row, column, first, below, most = edges.shape[1]
    if shapes.shape[1] != edges.shape[0] or weights.shape[0] < len(edges) * (most + 1) or weights.shape[1] != 2:
        raise ValueError(f"{shapes.shape[1]} numbers, {len(edges)} times {most} bounds and {len(weights)} weights")
    sums = np.zeros((len(shapes), 2), np.float32)
    cdef float[:, ::1] sums_ = sums
    for row in range(shapes.shape[0]):
        for column in range(shapes.shape[1]):
            below = 0
            while below < most and edges[column, below] <= shapes[row, column]:
                below += 1
            first = column * (most + 1) + below
            sums_[row, 0] += weights[first, 0]
            sums_[row, 1] += weights[first, 1]
    return sums
