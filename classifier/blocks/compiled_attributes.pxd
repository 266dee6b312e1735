"""The attributes of one tag in C, as tags.ATTRIBUTE finds them; `end` is the end of the tag's source in the page."""

from libc.stdint cimport uint32_t

from classifier.blocks.compiled_names cimport ATTRIBUTES, OTHER, Kind, Word, add_letter, attributes
from classifier.blocks.compiled_scan cimport Char, find, is_space, stands


cdef struct Attribute:
    Kind kind
    Py_ssize_t name_end
    Py_ssize_t start  # of the value
    Py_ssize_t end
    bint single  # whether the value stands between single quotes


cdef inline Kind kind_of(const Word* word) noexcept nogil:
    cdef int i
    for i in range(ATTRIBUTES):
        if attributes[i].word.head == word.head and attributes[i].word.tail == word.tail:
            return attributes[i].kind
    return OTHER


cdef inline bint is_between(uint32_t c) noexcept nogil:
    """Whether a character stands between attributes."""
    return c == c"/" or c == c"=" or c == c">" or is_space(c)


cdef inline Py_ssize_t read_attribute(
    const Char* page, Py_ssize_t at, Py_ssize_t end, Attribute* found
) noexcept nogil:
    """Read the attribute whose name begins at `at`; returns what follows it."""
    cdef Word word = Word(0, 0)
    cdef Py_ssize_t i = at, close
    cdef bint odd = False
    while i < end and not is_between(page[i]):
        odd |= not add_letter(&word, i - at, page[i])
        i += 1
    found[0] = Attribute(OTHER if odd else kind_of(&word), i, i, i, False)
    while i < end and is_space(page[i]):
        i += 1
    if i == end or page[i] != c"=":
        return found.name_end
    i += 1
    while i < end and is_space(page[i]):
        i += 1
    if i < end and (page[i] == c'"' or page[i] == c"'"):
        close = find(page, i + 1, end, page[i])
        if close < end:
            found.start, found.end, found.single = i + 1, close, page[i] == c"'"
            return close + 1
    found.start = i
    while i < end and page[i] != c">" and not is_space(page[i]):
        i += 1
    found.end = i
    return i


cdef inline bint hides(const Char* page, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    """Whether a style hides its element: tags.HIDING."""
    cdef Py_ssize_t i, start = at
    cdef bint shown
    while at < end:
        shown = stands(page, at, end, b"display", 7)
        if shown or stands(page, at, end, b"visibility", 10) and not (
            at - start >= 9 and stands(page, at - 9, at, b"backface-", 9)
        ):
            i = at + (7 if shown else 10)
            while i < end and is_space(page[i]):
                i += 1
            if i < end and page[i] == c":":
                i += 1
                while i < end and is_space(page[i]):
                    i += 1
                if stands(page, i, end, b"none", 4) if shown else stands(page, i, end, b"hidden", 6):
                    return True
        at += 1
    return False


cdef inline Py_ssize_t address_of(const Char* page, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    """Where the address that tags.without_address takes out is named, -1 where it takes out none."""
    cdef const char* sought = b' href="'
    cdef Py_ssize_t i
    cdef int k
    if at + 1 >= end or page[at] != c"a" or page[at + 1] != c" ":
        return -1
    for i in range(at + 1, end - 6):
        k = 0
        while k < 7 and page[i + k] == <unsigned char>sought[k]:
            k += 1
        if k == 7:
            at = find(page, i + 7, end, c'"')
            return i + 1 if at < end and find(page, i + 7, at, c"'") == at else -1
    return -1
