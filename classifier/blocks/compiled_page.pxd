"""What is known of a page while compiled_html.pyx reads it."""

cimport cython
from libc.stdint cimport uint8_t

from classifier.blocks.compiled_names cimport KNOWN, Name, names
from classifier.blocks.compiled_text cimport Buffer


cdef struct Element:
    Py_ssize_t parent
    int name
    int key
    uint8_t state  # own and inherited flags


cdef struct Part:  # of the text, between two tags
    Py_ssize_t start
    Py_ssize_t end
    Py_ssize_t element
    bint line  # whether a <br> stands before it


@cython.final
cdef class Page:
    cdef Element* elements
    cdef Part* parts
    cdef Py_ssize_t* runs  # where each run of parts, from one block's border to the next, ends
    cdef Py_ssize_t* unmatched  # by name, one more than the element where an end tag last closed nothing, or 0
    cdef Py_ssize_t size, element_count, part_count, run_count
    cdef Py_ssize_t at, depth  # the element at hand
    cdef Buffer buffer
    cdef bint xml  # whether <script/> ends where it begins
    cdef bint breaks  # whether the page has a <br>
    cdef dict custom  # the numbers of names that are not known
    cdef dict keys  # and of keys
    cdef str title

    cdef void close(self, int name) noexcept nogil
    cdef void make_room(self, const Name* opened) noexcept nogil
    cdef Py_ssize_t common(self, Py_ssize_t first, Py_ssize_t end) noexcept nogil
    cdef bint apart(self, Py_ssize_t one, Py_ssize_t other, Py_UCS4 last, Py_UCS4 first) noexcept
    cdef int number_of_key(self) except -1

    cdef inline Name* name_of(self, Py_ssize_t element) noexcept nogil:
        return &names[min(self.elements[element].name, KNOWN)]

    cdef inline Py_ssize_t run_start(self) noexcept nogil:
        return self.runs[self.run_count - 1] if self.run_count else 0

    cdef inline void end_run(self) noexcept nogil:
        if self.part_count > self.run_start():
            self.runs[self.run_count] = self.part_count
            self.run_count += 1

    cdef inline void open(self, int name, int key, uint8_t flags) noexcept nogil:
        self.elements[self.element_count] = Element(self.at, name, key, self.elements[self.at].state | flags)
        self.at = self.element_count
        self.element_count += 1
        self.depth += 1
