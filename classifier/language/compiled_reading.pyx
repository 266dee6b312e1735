# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""`reading.TextReader` compiled: one pass for each text, a table of words of its own, the same results bit for bit.

Texts that need more than a look at each character (addresses, marks that may compose) are settled in Python first.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

import numpy as np

from classifier.language import normalise, scripts, words
from classifier.language.reading import Reading

cdef extern from *:
    """
    #if defined(__GNUC__)
    #define PREFETCH(place) __builtin_prefetch(place)
    #else
    #define PREFETCH(place) ((void)0)
    #endif
    #if defined(__SSE__)
    #include <xmmintrin.h>
    #endif
    static inline void add_two_pairs(const float* one, const float* two, float norm, float* total) {
    #if defined(__SSE__)
        __m128 four = _mm_loadh_pi(_mm_loadl_pi(_mm_setzero_ps(), (const __m64*) one), (const __m64*) two);
        _mm_storeu_ps(total, _mm_add_ps(_mm_loadu_ps(total), _mm_mul_ps(four, _mm_set1_ps(norm))));
    #else
        float four[4] = {one[0] * norm, one[1] * norm, two[0] * norm, two[1] * norm};
        for (int each = 0; each < 4; each++) total[each] += four[each];
    #endif
    }
    """
    void PREFETCH(const void* place) noexcept nogil  # memory is what new words wait for
    void add_two_pairs(const float* one, const float* two, float norm, float* total) noexcept nogil

ctypedef fused Unit:
    uint8_t
    uint16_t
    uint32_t

cdef enum:
    SCRIPT_BIT = 18  # of an entry of a table: below it the code point, from it on the script
    CODE_BITS = (1 << SCRIPT_BIT) - 1
    LOOK = 1 << 30  # may begin an address
    SCRIPT_COUNT = 64
    BLANK = 32
    BASIS = 2166136261U
    PRIME = 16777619

cdef uint32_t UNSETTLED = normalise.UNSETTLED
cdef Py_ssize_t LAST_CODE = len(normalise.becomes()) - 1
cdef Py_ssize_t FEW_LETTERS = normalise.FEW_LETTERS


def _packed(table):
    """A table of code points with the script of each result beside it: uint32, one entry a code point."""
    codes = np.where(table == normalise.UNSETTLED, 0, table)
    known = codes | scripts.script_of_code().take(codes, mode="clip").astype(np.uint32) << np.uint32(SCRIPT_BIT)
    return np.where(table == normalise.UNSETTLED, table, known).astype(np.uint32)


cdef class CompiledReader:
    """See `reading.TextReader`."""

    cdef object _model
    cdef const uint32_t[::1] _at_once, _settled
    cdef Words _words
    cdef uint32_t[::1] _codes  # the text at hand
    cdef Py_ssize_t _blanks  # among them
    cdef int32_t _counts[SCRIPT_COUNT]  # of its characters by script

    def __init__(self, model):
        at_once = _packed(normalise.becomes_at_once())
        at_once[[ord(sign) for sign in ":wW"]] |= LOOK
        self._at_once, self._settled = at_once, _packed(normalise.becomes())
        self._model = model
        self._words = Words(model)
        self._codes = np.empty(1024, np.uint32)

    def __reduce__(self):
        return CompiledReader, (self._model,)

    def read(self, texts, Py_ssize_t window):
        """See `reading.Reader`."""
        cdef Py_ssize_t number, size, dimension = self._words.width - 1
        vectors = np.empty((len(texts), dimension), np.float32)
        found = np.zeros(len(texts), np.intp)
        letters = np.zeros(len(texts), np.intp)
        cdef float[:, ::1] vectors_ = vectors
        cdef Py_ssize_t[::1] found_ = found, letters_ = letters
        self._words.start()
        for number, text in enumerate(texts):
            size = self._read(text, window)
            _main_script(self._counts, &found_[number], &letters_[number])
            self._words.mean(self._codes, size, &vectors_[number, 0] if dimension else NULL)
        return Reading(vectors, found, letters)

    cdef Py_ssize_t _read(self, text, Py_ssize_t window) except -1:
        """Fill `_codes` with the normalised beginning of a text and give its length."""
        cdef Py_ssize_t size = self._take(text, window)
        if size - self._blanks < FEW_LETTERS and len(text) > window:
            size = self._take(normalise.widened(text, window), window)
        return size

    cdef Py_ssize_t _take(self, text, Py_ssize_t window) except -1:
        cdef Py_ssize_t size = self._put(text, min(<Py_ssize_t>len(text), window), self._at_once)
        if size < 0:
            whole = normalise.settled([text[:window]])
            size = self._put(whole, len(whole), self._settled)
        return size

    cdef Py_ssize_t _put(self, text, Py_ssize_t size, const uint32_t[::1] table) except -2:
        """The first `size` characters of a text into `_codes`; -1 where it has to be settled first."""
        if not isinstance(text, str):
            raise TypeError(f"a text is a {type(text).__name__}, not a str")
        size = min(size, PyUnicode_GET_LENGTH(text))
        if size > len(self._codes):
            self._codes = np.empty(2 * size, np.uint32)
        memset(self._counts, 0, sizeof(self._counts))
        cdef const void* data = PyUnicode_DATA(text)
        cdef int kind = PyUnicode_KIND(text)
        if kind == 1:
            return _put_units(<const uint8_t*> data, size, &table[0], &self._codes[0], self._counts, &self._blanks)
        if kind == 2:
            return _put_units(<const uint16_t*> data, size, &table[0], &self._codes[0], self._counts, &self._blanks)
        return _put_units(<const uint32_t*> data, size, &table[0], &self._codes[0], self._counts, &self._blanks)


cdef Py_ssize_t _put_units(
    const Unit* text, Py_ssize_t size, const uint32_t* table, uint32_t* codes, int32_t* counts, Py_ssize_t* blanks
) noexcept nogil:
    cdef Py_ssize_t place, put = 0
    cdef uint32_t entry, code
    blanks[0] = 0
    for place in range(size):
        code = text[place]
        entry = table[code if code < LAST_CODE else LAST_CODE]
        if entry >= LOOK:
            if entry == UNSETTLED or _address(text + place, size - place):
                return -1
            entry &= LOOK - 1
        code = entry & CODE_BITS
        if code:
            codes[put] = code
            put += 1
            blanks[0] += code == BLANK
            counts[entry >> SCRIPT_BIT] += 1
    return put


cdef inline bint _address(const Unit* text, Py_ssize_t left) noexcept nogil:
    """Whether "://" or "www." begins here, in whatever letters; others are told apart when the text is settled."""
    if text[0] == c":":
        return left > 2 and text[1] == c"/" and text[2] == c"/"
    return left > 3 and text[3] == c"." and text[1] | 32 == c"w" and text[2] | 32 == c"w"


cdef Py_ssize_t LATN = scripts.LATN, HANI = scripts.HANI, KANA = scripts.KANA, HANG = scripts.HANG
cdef Py_ssize_t JPAN = scripts.JPAN, KORE = scripts.KORE, SCRIPTS_KNOWN = len(scripts.SCRIPTS)
cdef int32_t SIGN_WEIGHT = scripts.SIGN_WEIGHT, OTHER_WEIGHT = scripts.OTHER_WEIGHT, KANA_SHARE = scripts.KANA_SHARE
if SCRIPTS_KNOWN > SCRIPT_COUNT:
    raise ImportError("more scripts than the compiled reader has room for")


cdef void _main_script(int32_t* counts, Py_ssize_t* script, Py_ssize_t* letters) noexcept nogil:
    """`scripts.main_scripts` from the counts of one text, which are used up."""
    cdef Py_ssize_t each, best = 0
    cdef int32_t weight, most = 0
    counts[0] = 0
    if counts[KANA] and counts[KANA] * KANA_SHARE >= counts[KANA] + counts[HANI]:
        counts[JPAN] = counts[KANA] + counts[HANI]
        counts[HANI] = 0
    counts[KANA] = 0
    counts[KORE], counts[HANG] = counts[HANG], 0
    counts[HANI] *= SIGN_WEIGHT
    counts[JPAN] *= SIGN_WEIGHT
    counts[KORE] *= SIGN_WEIGHT
    for each in range(SCRIPTS_KNOWN):
        weight = counts[each] if each == LATN else counts[each] * OTHER_WEIGHT
        if weight > most:
            best, most = each, weight
    script[0], letters[0] = best, counts[best]


cdef class Words:
    """`words.WordVectors` and `ngrams.word_sums`, for one word after the other."""

    cdef const uint64_t[::1] _factors
    cdef const int32_t[::1] _rows_of  # n-gram bucket to row of `_packed`, or beyond where the n-gram was pruned
    cdef const uint8_t[:, ::1] _packed  # codes of the parts of a row, then that of its norm; half a line of cache each
    cdef const float[:, :, ::1] _centroids  # see `model_file.Quantised`
    cdef const float[::1] _norms
    cdef readonly Py_ssize_t width  # numbers of a row, the count of n-grams last
    cdef Py_ssize_t _shortest, _longest, _held_count, _kept
    cdef int _shift
    cdef uint64_t[::1] _held  # keys by slot, 0 where free
    cdef int32_t[::1] _places  # rows of `_sums` by slot
    cdef float[:, ::1] _sums
    cdef float[::1] _total
    cdef uint32_t[::1] _marked, _states
    cdef int32_t[::1] _found

    def __init__(self, model):
        self._factors = words.PLACES
        self._rows_of = np.ascontiguousarray(model.rows.clip(0, len(model.packed.codes)), np.int32)
        self._packed = _rows_in_lines(model.packed)
        self._centroids = np.ascontiguousarray(model.packed.centroids, np.float32)
        self._norms = np.ascontiguousarray(model.packed.norms, np.float32)
        self.width = model.packed.dimension + 1
        self._kept = len(model.packed.codes)
        self._shortest, self._longest = model.shortest, model.longest
        self._total = np.zeros(self.width, np.float32)
        self._marked, self._states, self._found = np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.int32)
        self._clear()

    cdef _clear(self):
        self._held_count = 0
        self._shift = 64 - words.FIRST_BITS
        self._held = np.zeros(1 << words.FIRST_BITS, np.uint64)
        self._places = np.zeros(1 << words.FIRST_BITS, np.int32)
        self._sums = np.zeros((words.MOST_WORDS, self.width), np.float32)  # takes memory as it is filled

    cdef start(self):
        """Before a batch: forget all words where there are too many."""
        if self._held_count > words.MOST_WORDS:
            self._clear()

    cdef int mean(self, const uint32_t[::1] codes, Py_ssize_t size, float* out) except -1:
        """Write the mean of the n-gram vectors of a text, `width` - 1 numbers; its words are parted by BLANK."""
        cdef Py_ssize_t place = 0, first, found, each
        cdef const float* row
        cdef float* total = &self._total[0]
        cdef uint64_t key
        cdef Py_ssize_t last_factor = len(self._factors) - 1
        for each in range(self.width):
            total[each] = 0
        while place < size:
            if codes[place] == BLANK:
                place += 1
                continue
            first, key = place, 0
            while place < size and codes[place] != BLANK:
                key += codes[place] * self._factors[min(place - first, last_factor)]
                place += 1
            found = self._row(key, &codes[first], place - first)  # may move `_sums`
            row = &self._sums[found, 0]
            for each in range(self.width):
                total[each] += row[each]
        for each in range(self.width - 1):
            out[each] = total[each] / max(total[self.width - 1], <float> 1)
        return 0

    cdef Py_ssize_t _row(self, uint64_t key, const uint32_t* word, Py_ssize_t length) except -1:
        """The row of a word in `_sums`, which is filled first where the word is new."""
        key ^= key >> 32
        key = key * <uint64_t> 0x9E3779B97F4A7C15 | 1
        cdef Py_ssize_t slot = self._slot(key)
        if self._held[slot] == 0:
            if 3 * (self._held_count + 1) > len(self._held):
                self._widen()
                slot = self._slot(key)
            if self._held_count == len(self._sums):
                grown = np.zeros((2 * self._held_count, self.width), np.float32)
                grown[: self._held_count] = self._sums
                self._sums = grown
            self._add_ngrams(word, length, &self._sums[self._held_count, 0])
            self._held[slot], self._places[slot] = key, self._held_count
            self._held_count += 1
        return self._places[slot]

    cdef Py_ssize_t _slot(self, uint64_t key) noexcept nogil:
        """Where a key is held, or would be."""
        cdef Py_ssize_t slot = key >> self._shift, last = self._held.shape[0] - 1
        while self._held[slot] != 0 and self._held[slot] != key:
            slot = (slot + 1) & last
        return slot

    cdef _widen(self):
        """Twice the slots: at most a third is filled, so that few searches go far."""
        cdef const uint64_t[::1] held = self._held
        cdef const int32_t[::1] places = self._places
        cdef Py_ssize_t old, slot
        self._shift -= 1
        self._held = np.zeros(2 * len(held), np.uint64)
        self._places = np.zeros(2 * len(held), np.int32)
        for old in range(held.shape[0]):
            if held[old]:
                slot = self._slot(held[old])
                self._held[slot], self._places[slot] = held[old], places[old]

    cdef int _add_ngrams(self, const uint32_t* word, Py_ssize_t length, float* total) except -1:
        """Add the vectors of the n-grams of "<word>" to `total`, in the order of `ngrams.word_sums`."""
        cdef Py_ssize_t size = length + 2, order, place, margin, count = 0
        cdef uint32_t buckets = self._rows_of.shape[0]
        cdef Py_ssize_t parts = self._centroids.shape[0]
        cdef const uint8_t* codes
        if size > len(self._marked):
            self._marked, self._states = np.empty(2 * size, np.uint32), np.empty(2 * size, np.uint32)
            self._found = np.empty(2 * size * self._longest, np.int32)
        self._marked[0], self._marked[size - 1] = c"<", c">"
        for place in range(length):
            self._marked[place + 1] = word[place]
        for place in range(size):
            self._states[place] = BASIS
        for order in range(1, min(self._longest, size) + 1):
            margin = order == 1  # the marks alone are no n-grams
            for place in range(size - order + 1):
                self._states[place] = _hashed(self._states[place], self._marked[place + order - 1])
                if order >= self._shortest and margin <= place < size - order + 1 - margin:
                    self._found[count] = self._states[place] % buckets
                    PREFETCH(&self._rows_of[self._found[count]])
                    count += 1
        for place in range(count):
            self._found[place] = self._rows_of[self._found[place]]
            PREFETCH(&self._packed[self._found[place], 0])
        for place in range(count):
            if self._found[place] < self._kept:
                codes = &self._packed[self._found[place], 0]
                _add_row(codes, &self._centroids[0, 0, 0], parts, self._centroids.shape[2], self._norms[codes[parts]], total)
        return 0


cdef inline void _add_row(
    const uint8_t* codes, const float* centroid, Py_ssize_t parts, Py_ssize_t width, float norm, float* total
) noexcept nogil:
    """Add a row of the input matrix to `total`: the norm times a centroid of each part, and 1."""
    cdef Py_ssize_t part = 0, each
    if width == 2:  # as in the shipped model
        while part + 2 <= parts:
            add_two_pairs(centroid + 2 * codes[part], centroid + 512 + 2 * codes[part + 1], norm, total)
            total += 4
            centroid += 1024
            part += 2
    while part < parts:
        for each in range(width):
            total[each] += centroid[width * codes[part] + each] * norm
        total += width
        centroid += 256 * width
        part += 1
    total[0] += 1


def _rows_in_lines(packed):
    """The codes of each row and of its norm, rows at places that are multiples of 32: uint8, a row more than needed."""
    count, parts = packed.codes.shape
    stride = -(-(parts + 1) // 32) * 32
    room = np.zeros((count + 3) * stride, np.uint8)
    first = -room.ctypes.data % 64
    rows = room[first : first + (count + 1) * stride].reshape(count + 1, stride)
    rows[:count, :parts], rows[:count, parts] = packed.codes, packed.norm_codes
    return rows


cdef inline uint32_t _hashed(uint32_t state, uint32_t code) noexcept nogil:
    """FNV-1a over the UTF-8 bytes of one more character, each widened as a signed char."""
    if code < 0x80:
        return (state ^ code) * PRIME
    if code < 0x800:
        state = (state ^ (0xFFFFFFC0U | code >> 6)) * PRIME
    else:
        if code < 0x10000:
            state = (state ^ (0xFFFFFFE0U | code >> 12)) * PRIME
        else:
            state = (state ^ (0xFFFFFFF0U | code >> 18)) * PRIME
            state = (state ^ (0xFFFFFF80U | code >> 12 & 63)) * PRIME
        state = (state ^ (0xFFFFFF80U | code >> 6 & 63)) * PRIME
    return (state ^ (0xFFFFFF80U | code & 63)) * PRIME
