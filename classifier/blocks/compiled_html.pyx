"""What html.py, tags.py and elements.py do, in C: the same blocks and elements of a page, ten times as fast.

What is rare and intricate is left to their functions: names and values with odd characters, character references of
unusual form, <pre>. Nothing is kept from page to page. One pass over the page finds elements and the parts of its text,
one over these makes the blocks.
"""

from html import unescape
from html.entities import html5

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from classifier.blocks.compiled_attributes cimport Attribute, address_of, hides, is_between, read_attribute
from classifier.blocks.compiled_names cimport (
    ADDRESS, HIDDEN, KEPT, KNOWN, SHADOW, STYLE, Meaning, Name, Word, add_letter, names, number_of,
)
from classifier.blocks.compiled_page cimport Page, Part
from classifier.blocks.compiled_scan cimport (
    Char, after_comment, after_foreign, after_raw, count, find, is_letter, is_seen, is_space, lower, tag_end,
)
from classifier.blocks.compiled_text cimport (
    Buffer, insert_blank, put, put_collapsed, put_part, put_text, reserve, restart, shows_any, text_at, text_of,
)

from classifier.blocks.columns import BlockColumns, Markup
from classifier.blocks.compiled_names import NUMBERS
from classifier.blocks.elements import DEPTH
from classifier.blocks.scan import seen_lines, tidy_lines, title_text
from classifier.blocks.tags import (
    BREAK, DROP, HIDE, LINK, PRE, RAW, VALUE_LENGTH, XML, read_tag, tidy, without_address,
)

cdef uint8_t _BREAK = BREAK, _RAW = RAW, _LINK = LINK, _DROP = DROP, _PRE = PRE, _HIDE = HIDE
cdef Py_ssize_t _DEPTH = DEPTH, _VALUE_LENGTH = VALUE_LENGTH
cdef dict _REFERENCES = html5, _NUMBERS = NUMBERS
cdef int _A = _NUMBERS["a"], _BODY = _NUMBERS["body"], _TEMPLATE = _NUMBERS["template"], _TITLE = _NUMBERS["title"]


cdef void add_text(Page self, const Char* page, Py_ssize_t first, Py_ssize_t end, bint line) noexcept nogil:
    """Take up a part of the text, if it shows anything or stands between parts that do."""
    cdef Py_ssize_t at = first, element = self.at
    while at < end and is_space(page[at]):
        at += 1
    if at == end:
        if (first == end and not line) or self.part_count == self.run_start():
            return
        element = self.parts[self.part_count - 1].element
    elif self.elements[element].state & _DROP:
        return
    self.parts[self.part_count] = Part(first, end, element, line)
    self.part_count += 1


cdef int walk(Page self, const Char* page, Py_ssize_t at) except -1:
    """Find the elements of the page and the parts of its text."""
    cdef Py_ssize_t name_end, text, piece, size = self.size
    cdef bint line
    cdef int name
    piece = find(page, at, size, c"<")
    add_text(self, page, at, piece, False)
    while piece < size:
        at = piece + 1
        line = False
        name = read_name(self, page, at, &name_end)
        if name >= 0:
            text = read(self, page, at, name_end, name, &line)
        elif at < size and (page[at] == c"!" or page[at] == c"?" or page[at] == c"/"):
            text = after_comment(page, at, size)
        else:  # a lone "<" is text
            text, piece = piece, find(page, at, size, c"<")
            add_text(self, page, text, piece, False)
            continue
        piece = find(page, text, size, c"<")
        add_text(self, page, text, piece, line)
    self.end_run()
    return 0


cdef int read_name(Page self, const Char* page, Py_ssize_t at, Py_ssize_t* name_end) except -2:
    """The number of the name that follows "<" or "</", -1 where none does."""
    cdef Word word = Word(0, 0)
    cdef Py_ssize_t i = at, first
    cdef bint odd = False
    cdef int number
    if i < self.size and page[i] == c"/":
        i += 1
    first = i
    if i >= self.size or not is_letter(page[i]):
        return -1
    while i < self.size and page[i] != c"/" and page[i] != c">" and page[i] != c"<" and not is_space(page[i]):
        odd |= not add_letter(&word, i - first, page[i])
        i += 1
    name_end[0] = i
    number = -1 if odd else number_of(&word)
    if number >= 0:
        return number
    text = text_at(page, first, i).lower()
    found = _NUMBERS.get(text)
    return self.custom.setdefault(text, KNOWN + len(self.custom)) if found is None else found


cdef Py_ssize_t read(
    Page self, const Char* page, Py_ssize_t at, Py_ssize_t name_end, int name, bint* line
) except -1:
    """Read a tag and do what it means; returns where the text after it begins. `line` tells of a <br>."""
    cdef Py_ssize_t content, end = tag_end(page, at, self.size)
    cdef Name* known = &names[min(name, KNOWN)]
    cdef Meaning* tag = &known.end if page[at] == c"/" else &known.start
    cdef uint8_t flags = tag.flags
    if end >= self.size:
        return self.size
    if tag.opens:
        if tag.block:
            self.end_run()
        self.make_room(known)
        if self.depth < _DEPTH:
            read_attributes(self, page, at, name_end, end, name, &flags)
            self.open(name, self.number_of_key(), flags)
        return end + 1
    if flags == _RAW:
        if self.xml and page[end - 1] == c"/":
            return end + 1
        at = after_raw(page, end + 1, self.size, known.text, known.length, &content)
        if name == _TITLE and not self.title:
            self.title = title_text(text_at(page, end + 1, content))
        return at
    if known.foreign and not tag.closes:
        return end + 1 if page[end - 1] == c"/" else after_foreign(page, end + 1, self.size)
    if tag.block:
        self.end_run()
    if tag.closes:
        self.close(name)
    elif flags == _BREAK and not self.elements[self.at].state & _DROP:
        line[0] = self.breaks = True
    return end + 1


cdef int read_attributes(
    Page self, const Char* page, Py_ssize_t at, Py_ssize_t name_end, Py_ssize_t end, int name, uint8_t* flags
) except -1:
    """Read a start tag as tags._any_start_tag does: the key goes to the buffer, what it says of its text to `flags`."""
    cdef Py_ssize_t i = name_end, first
    cdef Py_ssize_t address = address_of(page, at, end) if name == _A else -1
    cdef bint fits = address < 0  # whether the parser, too, takes the address for one
    cdef Attribute found
    restart(&self.buffer)
    if not put_name(&self.buffer, page, at, name_end):
        return read_odd(self, page, at, name_end, end, flags)
    while True:
        while i < end and is_between(page[i]):
            i += 1
        if i == end:
            break
        fits |= i == address
        first, i = i, read_attribute(page, i, end, &found)
        if found.kind == KEPT and found.start < found.end:
            if not put_attribute(&self.buffer, page, first, &found):
                return read_odd(self, page, at, name_end, end, flags)
        elif found.kind == ADDRESS and name == _A:
            flags[0] |= _LINK
        elif found.kind == SHADOW and name == _TEMPLATE:
            flags[0] &= ~_DROP
        elif name != _BODY and (found.kind == HIDDEN or found.kind == STYLE and hides(page, found.start, found.end)):
            flags[0] |= _HIDE
    if not fits:
        return read_odd(self, page, at, name_end, end, flags)
    if flags[0] & _HIDE:
        put_text(&self.buffer, "\thidden")
    return 0


cdef bint put_name(Buffer* key, const Char* page, Py_ssize_t at, Py_ssize_t end) except -1:
    """Write a name in lower case; False where it is not plain ASCII."""
    reserve(key, end - at)
    for i in range(at, end):
        if page[i] >= 128:
            return False
        put(key, lower(page[i]))
    return True


cdef bint put_attribute(Buffer* key, const Char* page, Py_ssize_t at, const Attribute* found) except -1:
    """Write what an attribute adds to a key; False where only the whole tag in lower case shows it."""
    cdef bint plain = True, ascii = True
    cdef Py_ssize_t i, length = found.end - found.start
    for i in range(found.start, found.end):
        plain &= 32 <= page[i] < 127 and page[i] != c"&"
        ascii &= page[i] < 128
    reserve(key, found.name_end - at + min(length, _VALUE_LENGTH) + 2)
    put(key, 9)
    put_name(key, page, at, found.name_end)
    put(key, c"=")
    if not plain:
        if found.single and not ascii:
            return False
        put_text(key, tidy(text_at(page, found.start, found.end).lower()))
        return True
    for i in range(found.start, found.start + min(length, _VALUE_LENGTH)):
        put(key, lower(page[i]))
    return True


cdef int read_odd(
    Page self, const Char* page, Py_ssize_t at, Py_ssize_t name_end, Py_ssize_t end, uint8_t* flags
) except -1:
    """Read a start tag with the Python function."""
    source, name = text_at(page, at, end), text_at(page, at, name_end).lower()
    if source.startswith("a "):
        source = without_address(source)
    _, _, _, flags[0], _, _, key = read_tag(source, name, False)
    restart(&self.buffer)
    put_text(&self.buffer, key)
    return 0


cdef bint starts_line(const Part* part, const Char* page) noexcept nogil:
    return part.line or (part.start < part.end and page[part.start] == 11)


cdef bint shows(const Part* part, const Char* page) except -1:
    """Whether a part of the page shows anything."""
    cdef Py_ssize_t at = part.start
    while at < part.end and not is_seen(page[at]):
        at += 1
    return at < part.end and (page[at] != c"&" or shows_any(unescape(part_text(part, page))))


cdef str part_text(const Part* part, const Char* page):
    text = text_at(page, part.start, part.end)
    return "\v" + text if part.line else text


cdef int cut_runs(Page self, const Char* page, list texts, list blocks, list links) except -1:
    """Make the blocks: one of each run of parts, or more where two <br> follow each other with nothing between."""
    cdef Py_ssize_t i, run, first, begin = 0
    cdef bint visible
    for run in range(self.run_count):
        first, visible = -1, True  # first part of the block at hand; whether its last line shows anything
        for i in range(begin, self.runs[run] if self.breaks else begin):
            if starts_line(&self.parts[i], page) and not self.elements[self.parts[i].element].state & _PRE:
                if not visible and first >= 0:
                    add_block(self, page, first, i, texts, blocks, links)
                    first = -1
                visible = False
            visible = visible or shows(&self.parts[i], page)
            if visible and first < 0:
                first = i
        if not self.breaks:
            first = begin
        begin = self.runs[run]
        if first >= 0:
            add_block(self, page, first, begin, texts, blocks, links)
    return 0


cdef int add_block(
    Page self, const Char* page, Py_ssize_t first, Py_ssize_t end, list texts, list blocks, list links
) except -1:
    """Make a block of parts `first` to `end`, if it shows anything."""
    cdef Py_ssize_t i, start, stop, linked = 0, element = self.common(first, end)
    cdef Part* part
    for i in range(first, end):
        part = &self.parts[i]
        if self.elements[part.element].state & _LINK:
            start, stop = part.start, part.end
            if end - first == 1:
                linked = stop - start + part.line
                break
            while start < stop and is_space(page[start]):
                start += 1
            while start < stop and is_space(page[stop - 1]):
                stop -= 1
            linked += stop - start
    text = block_text(self, page, first, end, self.elements[element].state & _PRE)
    if "\n" in text and not self.elements[element].state & _PRE:
        text = seen_lines(text)
    if shows_any(text):
        texts.append(text)
        blocks.append(element)
        links.append(min(linked, len(text)))
    return 0


cdef inline bint is_apart(Page self, Py_ssize_t part, Py_UCS4 last, Py_UCS4 first) noexcept:
    """Whether a part and the one before it, between which nothing stands, are to be set apart."""
    cdef Py_ssize_t one = self.parts[part - 1].element, other = self.parts[part].element
    return one != other and self.apart(one, other, last, first)


cdef str block_text(Page self, const Char* page, Py_ssize_t first, Py_ssize_t end, bint pre):
    cdef Py_ssize_t i, at
    cdef Part* part
    restart(&self.buffer)
    for i in range(first, first if pre else end):
        part = &self.parts[i]
        at = self.buffer.size
        if part.line:
            put_collapsed(&self.buffer, 11)
        if not put_part(&self.buffer, page, part.start, part.end, _REFERENCES):
            break
        if i > first and 0 < at < self.buffer.size and is_apart(self, i, self.buffer.data[at - 1], self.buffer.data[at]):
            insert_blank(&self.buffer, at)
    else:
        if not pre:
            return text_of(&self.buffer)
    texts = [unescape(part_text(&self.parts[i], page)) for i in range(first, end)]
    for i in range(1, 0 if pre else len(texts)):
        if texts[i] and texts[i - 1] and is_apart(self, first + i, ord(texts[i - 1][-1]), ord(texts[i][0])):
            texts[i] = " " + texts[i]
    text = "".join(texts)
    if pre:
        return tidy_lines(text)
    restart(&self.buffer)
    reserve(&self.buffer, len(text) + 1)
    for c in <str>text:
        put_collapsed(&self.buffer, c)
    return text_of(&self.buffer)


cdef object split(const Char* page, Py_ssize_t size, bint xml):
    cdef Page self = Page(size, count(page, size, c"<") + 2)
    cdef list texts = [], blocks = [], links = []
    cdef Py_ssize_t i, at = 0
    self.xml = xml
    walk(self, page, 1 if size and page[0] == 0xFEFF else 0)
    cut_runs(self, page, texts, blocks, links)
    starts, ends = [], []
    for text in texts:
        starts.append(at)
        at += len(<str>text)
        ends.append(at)
        at += 2
    parents = [self.elements[i].parent for i in range(self.element_count)]
    tags = [self.elements[i].key for i in range(self.element_count)]
    hidden = [self.elements[<Py_ssize_t>block].state & _HIDE > 0 for block in blocks]
    markup = Markup(parents, tags, list(self.keys), blocks, links, hidden, self.title)
    return BlockColumns("\n\n".join(texts), starts, ends, texts, markup)


def split_html(str html not None):
    """The same as classifier.blocks.html.split_html."""
    data = PyUnicode_DATA(html)
    cdef bint xml = html.startswith(XML, html.startswith("\ufeff"))
    if PyUnicode_KIND(html) == 1:
        return split(<const uint8_t*>data, len(html), xml)
    if PyUnicode_KIND(html) == 2:
        return split(<const uint16_t*>data, len(html), xml)
    return split(<const uint32_t*>data, len(html), xml)
