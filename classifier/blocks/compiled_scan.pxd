"""What scan.py does, in C: the end of a tag, and the parts of a page that are no plain tags.

`page` holds `size` code points; a function takes the place to begin at and returns the place to go on with, `size`
where the page ends before. A piece is what stands between one "<" and the next, as in scan.py.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from classifier.blocks.compiled_names cimport Word, add_letter, names, number_of

ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t


cdef extern from "Python.h":
    bint Py_UNICODE_ISSPACE(uint32_t) noexcept nogil


cdef inline bint is_space(uint32_t c) noexcept nogil:
    """Whether str.split() takes a character for white space."""
    if c < 128:
        return c == 32 or 9 <= c <= 13 or 28 <= c <= 31
    return (c < 0xA1 or 0x1680 <= c <= 0x3000) and Py_UNICODE_ISSPACE(c)


cdef inline bint is_seen(uint32_t c) noexcept nogil:
    """Whether columns.SEEN finds a character."""
    if c < 0xAD:
        return not is_space(c)
    return not (
        c == 0xAD or c == 0x34F or c == 0x61C or 0x115F <= c <= 0x1160 or 0x17B4 <= c <= 0x17B5 or 0x180B <= c <= 0x180F
        or 0x200B <= c <= 0x200F or 0x202A <= c <= 0x202E or 0x2060 <= c <= 0x206F or c == 0x2800 or c == 0x3164
        or 0xFE00 <= c <= 0xFE0F or c == 0xFEFF or c == 0xFFA0 or is_space(c)
    )


cdef inline bint is_letter(uint32_t c) noexcept nogil:
    return 97 <= lower(c) <= 122


cdef inline bint ends_name(uint32_t c) noexcept nogil:
    """Whether the name of a tag in foreign content is over, as in FOREIGN_END."""
    return c == 32 or 9 <= c <= 13 or c == c"/" or c == c">" or c == c"<"


cdef inline uint32_t lower(uint32_t c) noexcept nogil:
    """An ASCII letter in lower case; others as they are."""
    return c + 32 if 65 <= c <= 90 else c


cdef inline Py_ssize_t find(const Char* page, Py_ssize_t at, Py_ssize_t size, uint32_t wanted) noexcept nogil:
    """The next `wanted` at `at` or after it; 32 characters a step, which the compiler turns into vectors."""
    cdef int k
    cdef Char hits, sought = <Char>wanted
    while at + 32 <= size:
        hits = 0
        for k in range(32):
            hits |= page[at + k] == sought
        if hits:
            break
        at += 32
    while at < size and page[at] != sought:
        at += 1
    return at


cdef inline Py_ssize_t count(const Char* page, Py_ssize_t size, uint32_t wanted) noexcept nogil:
    """How often a character stands in the page."""
    cdef Py_ssize_t at, found = 0
    cdef Char sought = <Char>wanted, some
    cdef int k
    for at in range(0, size - 127, 128):  # so few that their number fits into any Char
        some = 0
        for k in range(128):
            some += page[at + k] == sought
        found += some
    for at in range(size - size % 128, size):
        found += page[at] == sought
    return found


cdef inline bint stands(const Char* page, Py_ssize_t at, Py_ssize_t size, const char* word, int length) noexcept nogil:
    """Whether a word of lower-case ASCII stands at `at`, in any case."""
    cdef int k
    if at + length > size:
        return False
    for k in range(length):
        if lower(page[at + k]) != <uint8_t>word[k]:
            return False
    return True


cdef inline Py_ssize_t after_bracket(const Char* page, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """What follows the next ">" of the piece, or the piece's end."""
    while at < size and page[at] != c"<":
        if page[at] == c">":
            return at + 1
        at += 1
    return at


cdef inline Py_ssize_t rest_of_tag(const Char* page, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """The ">" that ends the tag, past the quoted values of its attributes."""
    while at < size:
        if page[at] == c">":
            return at
        at += 1
        if page[at - 1] == c"=":
            while at < size and is_space(page[at]):
                at += 1
            if at < size and (page[at] == c'"' or page[at] == c"'"):
                at = find(page, at + 1, size, page[at]) + 1
    return size


cdef inline Py_ssize_t tag_end(const Char* page, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """The ">" that ends a tag. Where all quotes are in pairs before the first, that is taken for it."""
    cdef Py_ssize_t i = at
    cdef bint double = False, single = False
    while i < size and page[i] != c">" and page[i] != c"<":
        double ^= page[i] == c'"'
        single ^= page[i] == c"'"
        i += 1
    if i < size and page[i] == c">" and not double and not single:
        return i
    return rest_of_tag(page, at, size)


cdef inline Py_ssize_t after_comment(const Char* page, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """What follows <!-- ... -->, a doctype, or what browsers take for a comment; `at` is past its "<"."""
    cdef Py_ssize_t start, odd = -1
    cdef bint whole = stands(page, at, size, b"!-->", 4) or stands(page, at, size, b"!--->", 5)
    if whole or not stands(page, at, size, b"!--", 3):
        at = find(page, at, size, c">")
        return at + 1 if at < size else size
    start = at = at + 3
    while at < size:
        if page[at] == c">":
            if at >= start + 2 and page[at - 1] == c"-" and page[at - 2] == c"-":
                return at + 1
            if odd < 0 and at >= start + 3 and stands(page, at - 3, size, b"--!>", 4):
                odd = at + 1
        elif page[at] == c"<" and odd >= 0:
            break
        at += 1
    return odd if odd >= 0 else size


cdef inline bint ends_raw_name(const Char* page, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """Whether one of SPACE_OR_END stands at `at`."""
    return at < size and (page[at] in (32, 9, 10, 13, 12) or page[at] == c"/" or page[at] == c">")


cdef inline Py_ssize_t after_raw(
    const Char* page, Py_ssize_t at, Py_ssize_t size, const char* name, int length, Py_ssize_t* content
) noexcept nogil:
    """What follows an element that holds no tags, such as <script>; `content` becomes the end of what it holds."""
    cdef bint closing, nested = False, commented = False, script = length == 6 and name[0] == c"s"
    cdef Py_ssize_t end
    at = find(page, at, size, c"<")
    while at < size:
        at += 1
        end = find(page, at, size, c"<")
        closing = at < end and page[at] == c"/" and stands(page, at + 1, end, name, length)
        if closing and ends_raw_name(page, at + 1 + length, end):
            if not nested:
                content[0] = at - 1
                return after_bracket(page, at, size)
            nested = False
        elif script:
            nested = nested or (commented and stands(page, at, end, name, 6) and ends_raw_name(page, at + 6, end))
            commented = commented or stands(page, at, end, b"!--", 3)
        if commented and has_arrow(page, at, end):
            nested = commented = False
        at = end
    content[0] = size
    return size


cdef inline bint has_arrow(const Char* page, Py_ssize_t at, Py_ssize_t end) noexcept nogil:
    """Whether "-->" stands between two places."""
    at += 2
    while at < end:
        if page[at] == c">" and page[at - 1] == c"-" and page[at - 2] == c"-":
            return True
        at += 1
    return False


cdef inline Py_ssize_t after_foreign(const Char* page, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """What follows the end of <svg> or <math>, or the "<" of the HTML tag that breaks out of it."""
    cdef Py_ssize_t first, depth = 1, links = 0
    cdef Word word
    cdef bint closing, odd
    cdef int name
    at = find(page, at, size, c"<")
    while at < size:
        at += 1
        if stands(page, at, size, b"!--", 3):
            at = find(page, after_comment(page, at, size), size, c"<")
            continue
        closing = at < size and page[at] == c"/"
        first = at + closing
        odd, word = False, Word(0, 0)
        while not odd and first < size and not ends_name(page[first]):
            odd = not add_letter(&word, first - at - closing, page[first])
            first += 1
        name = -1 if odd else number_of(&word)
        if name >= 0 and (names[name].foreign_end if closing else names[name].foreign_start):
            if word.head == c"a" and not word.tail and (links or not closing):
                links += -1 if closing else 1
                at = find(page, at, size, c"<")
                continue
            if not names[name].foreign:
                return at - 1
            at = after_bracket(page, at, size)
            if closing:
                depth -= 1
                if not depth:
                    return at
            elif page[at - 2 if page[at - 1] == c">" else at - 1] != c"/":
                depth += 1
        at = find(page, at, size, c"<")
    return size
