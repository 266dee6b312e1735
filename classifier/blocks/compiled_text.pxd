"""Text in C: a buffer that grows, white space collapsed on the way into it, character references of usual form."""

from cpython.mem cimport PyMem_Realloc
from cpython.unicode cimport PyUnicode_FromKindAndData
from libc.stdint cimport uint32_t
from libc.string cimport memmove

from classifier.blocks.compiled_scan cimport Char, is_seen, is_space


cdef enum Gap:  # the white space between what was written and what comes
    NONE
    BLANK
    LINE


cdef struct Buffer:
    uint32_t* data
    Py_ssize_t size
    Py_ssize_t capacity
    Gap gap


cdef inline int reserve(Buffer* out, Py_ssize_t more) except -1:
    """Make room for `more` characters."""
    cdef Py_ssize_t wanted = out.size + more
    cdef uint32_t* grown
    if wanted > out.capacity:
        wanted += wanted // 2 + 64
        grown = <uint32_t*>PyMem_Realloc(out.data, wanted * sizeof(uint32_t))
        if grown == NULL:
            raise MemoryError
        out.data, out.capacity = grown, wanted
    return 0


cdef inline void restart(Buffer* out) noexcept:
    out.size, out.gap = 0, NONE


cdef inline void put(Buffer* out, uint32_t c) noexcept nogil:
    """Write a character for which there is room."""
    out.data[out.size] = c
    out.size += 1


cdef inline int put_text(Buffer* out, str text) except -1:
    reserve(out, len(text))
    for c in text:
        put(out, c)
    return 0


cdef inline str text_of(Buffer* out):
    return PyUnicode_FromKindAndData(4, out.data, out.size)


cdef inline int insert_blank(Buffer* out, Py_ssize_t at) except -1:
    """Put a blank before the character `at`."""
    reserve(out, 1)
    memmove(out.data + at + 1, out.data + at, (out.size - at) * sizeof(uint32_t))
    out.data[at] = 32
    out.size += 1
    return 0


cdef inline void put_collapsed(Buffer* out, uint32_t c) noexcept nogil:
    """Write a character, or note it as white space; there must be room for two."""
    if is_space(c):
        if c == 11:
            out.gap = LINE
        elif out.gap == NONE:
            out.gap = BLANK
        return
    if out.gap != NONE:
        if out.size:
            put(out, 10 if out.gap == LINE else 32)
        out.gap = NONE
    put(out, c)


cdef inline Py_ssize_t put_reference(
    Buffer* out, const Char* page, Py_ssize_t at, Py_ssize_t end, dict known
) except -2:
    """Write what stands for the character reference whose "&" is at `at`; returns what follows it.

    -1 where html.unescape must decide: unusual forms.
    """
    cdef uint32_t c, number = 0
    cdef Py_ssize_t i = at + 1
    if i >= end or page[i] in (9, 10, 12, 32) or page[i] == c"<" or page[i] == c"&" or page[i] == c";":
        put_collapsed(out, c"&")
        return i
    if page[i] == c"#":
        i += 1
        while i < end and i < at + 9 and c"0" <= page[i] <= c"9":
            number = number * 10 + page[i] - c"0"
            i += 1
        # what browsers read otherwise than as written lies below or above
        if i >= end or page[i] != c";" or not (32 <= number < 127 or 160 <= number < 0xD800):
            return -1
        put_collapsed(out, number)
        return i + 1
    while i < end and i < at + 32 and (c"a" <= page[i] <= c"z" or c"A" <= page[i] <= c"Z" or c"0" <= page[i] <= c"9"):
        i += 1
    if i >= end or page[i] != c";":
        return -1
    found = known.get(PyUnicode_FromKindAndData(sizeof(Char), page + at + 1, i - at))
    if found is None:
        return -1
    for c in <str>found:
        put_collapsed(out, c)
    return i + 1


cdef inline bint put_part(
    Buffer* out, const Char* page, Py_ssize_t at, Py_ssize_t end, dict known
) except -1:
    """Write a part of a block, collapsed and with its references resolved; False where html.unescape must do it."""
    reserve(out, end - at + 2)
    while at < end:
        if page[at] == c"&":
            at = put_reference(out, page, at, end, known)
            if at < 0:
                return False
        else:
            put_collapsed(out, page[at])
            at += 1
    return True


cdef inline bint shows_any(str text) noexcept:
    """Whether there is anything in a text that is seen."""
    for c in text:
        if is_seen(c):
            return True
    return False


cdef inline str text_at(const Char* page, Py_ssize_t at, Py_ssize_t end):
    return PyUnicode_FromKindAndData(sizeof(Char), page + at, end - at)
