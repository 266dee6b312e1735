"""The elements and the parts of text of one page, in C: what elements.py holds and does, and room for the rest."""

cimport cython
from cpython.mem cimport PyMem_Calloc, PyMem_Free

from classifier.blocks.compiled_names cimport KNOWN, Name, names
from classifier.blocks.compiled_text cimport text_of

from classifier.blocks.compiled_names import NUMBERS
from classifier.blocks.elements import CLOSING

cdef str _CLOSING = CLOSING
cdef int HTML = NUMBERS["html"], A = NUMBERS["a"]


@cython.final
cdef class Page:
    """A page of `size` characters in `pieces`: room is made at once, since each "<" adds one of everything at most."""

    def __cinit__(self, Py_ssize_t size, Py_ssize_t pieces):
        self.elements = <Element*>PyMem_Calloc(pieces + 1, sizeof(Element))
        self.parts = <Part*>PyMem_Calloc(pieces, sizeof(Part))
        self.runs = <Py_ssize_t*>PyMem_Calloc(pieces, sizeof(Py_ssize_t))
        self.unmatched = <Py_ssize_t*>PyMem_Calloc(KNOWN + pieces, sizeof(Py_ssize_t))
        if self.elements == NULL or self.parts == NULL or self.runs == NULL or self.unmatched == NULL:
            raise MemoryError
        self.size, self.title = size, ""
        self.custom, self.keys = {}, {"html": 0}
        self.elements[0] = Element(-1, HTML, 0, 0)
        self.element_count = 1

    def __dealloc__(self):
        PyMem_Free(self.elements)
        PyMem_Free(self.parts)
        PyMem_Free(self.runs)
        PyMem_Free(self.unmatched)
        PyMem_Free(self.buffer.data)

    cdef void close(self, int name) noexcept nogil:
        """Elements.close: an element and all inside it."""
        cdef Name* meant = &names[min(name, KNOWN)]
        cdef Py_ssize_t up = self.at, height = self.depth
        cdef Element* other
        if self.unmatched[name] == self.at + 1:
            return
        while up > 0:
            other = &self.elements[up]
            if other.name == name or (meant.heading and self.name_of(up).heading):
                self.at, self.depth = other.parent, height - 1
                return
            if self.name_of(up).sets & meant.stops:
                break
            up = other.parent
            height -= 1
        self.unmatched[name] = self.at + 1

    cdef void make_room(self, const Name* opened) noexcept nogil:
        """Elements.make_room: close what a start tag closes by itself."""
        cdef int step
        cdef Py_ssize_t up, height
        if not opened.firm or self.name_of(self.at).sets & opened.firm:
            return
        for step in range(2):
            up, height = self.at, self.depth
            while up > 0 and opened.closing[step]:
                if self.name_of(up).sets & opened.closing[step]:
                    self.at, self.depth = self.elements[up].parent, height - 1
                    break
                if self.name_of(up).sets & opened.leaving[step]:
                    break
                up = self.elements[up].parent
                height -= 1

    cdef Py_ssize_t common(self, Py_ssize_t first, Py_ssize_t end) noexcept nogil:
        """The innermost element that holds parts `first` to `end`; parents have smaller numbers than their children."""
        cdef Py_ssize_t i, other, at = self.parts[first].element
        for i in range(first + 1, end):
            other = self.parts[i].element
            if other == self.parts[i - 1].element:
                continue
            while at != other:
                if at > other:
                    at = self.elements[at].parent
                else:
                    other = self.elements[other].parent
        return at

    cdef bint apart(self, Py_ssize_t one, Py_ssize_t other, Py_UCS4 last, Py_UCS4 first) noexcept:
        """Elements.apart: whether words in two elements that nothing sets apart in the source are two."""
        cdef Py_ssize_t top = -1, other_top = -1
        cdef bint linked = False
        if not (last.isalnum() or last in _CLOSING) or not first.isalnum():
            return False
        while one != other:
            if one > other:
                linked |= self.elements[one].name == A
                top, one = one, self.elements[one].parent
            else:
                linked |= self.elements[other].name == A
                other_top, other = other, self.elements[other].parent
        if top < 0 or other_top < 0 or self.name_of(top).raised or self.name_of(other_top).raised:
            return False
        return linked or first.isupper() or first.isdigit()

    cdef int number_of_key(self) except -1:
        """The number of the key in the buffer."""
        return self.keys.setdefault(text_of(&self.buffer), len(self.keys))
