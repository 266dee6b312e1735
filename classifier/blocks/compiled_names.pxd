"""The tables of compiled_names.pyx, for compiled_html.pyx."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t


cdef struct Meaning:  # of a tag, as in tags.Tag
    bint opens
    bint closes
    bint block
    uint8_t flags


cdef struct Name:  # what the tags of one name mean
    Meaning start
    Meaning end
    uint32_t sets  # the sets of names that hold this one, a bit each
    uint32_t firm  # the set of parents under which its start tag closes nothing by itself, 0 where it never does
    uint32_t closing[2]  # elements.ROOM: what its start tag closes, 0 where nothing more
    uint32_t leaving[2]  # and what the search for that does not leave
    uint32_t stops  # what the search for the start of its end tag does not leave
    bint heading
    bint raised  # whether its text goes on with the word before it
    bint foreign  # whether it begins foreign content
    bint foreign_start  # whether its start tag ends such content or goes deeper into it
    bint foreign_end  # the same for its end tag
    const char* text  # of raw elements
    int length


cdef struct Word:  # up to 16 characters of lower-case ASCII; those of longer words and others are never found
    uint64_t head
    uint64_t tail


cdef enum Kind:  # of an attribute
    OTHER
    KEPT
    ADDRESS
    STYLE
    HIDDEN
    SHADOW


cdef struct AttributeName:
    Word word
    Kind kind


cdef Name* names  # by number; the last is that of every name not known here
cdef int KNOWN  # the number of that last one
cdef AttributeName* attributes
cdef int ATTRIBUTES
cdef int number_of(const Word* word) noexcept nogil


cdef inline bint add_letter(Word* word, Py_ssize_t place, uint32_t c) noexcept nogil:
    """Put a character in a word, in lower case; False where it does not fit."""
    c = c + 32 if 65 <= c <= 90 else c
    if place >= 16 or not 0 < c < 128:
        return False
    if place < 8:
        word.head |= <uint64_t>c << 8 * place
    else:
        word.tail |= <uint64_t>c << 8 * (place - 8)
    return True
