"""The sets of tags.py, elements.py and scan.py as tables in C, made when this module is loaded."""

from libc.stdint cimport uint32_t, uint64_t

from classifier.blocks import elements, scan, tags

cdef Name _names[256]
cdef AttributeName _attributes[16]
cdef struct Slot:
    Word word
    int number
cdef Slot _slots[1024]  # by hash, found by going on from there; most stay empty

names = _names
attributes = _attributes
TEXTS = sorted({name.removeprefix("/") for name in tags.NAMES | tags.DROPPED | scan.FOREIGN_STARTS})
NUMBERS = {name: number for number, name in enumerate(TEXTS)}
KNOWN = len(TEXTS)
ATTRIBUTES = len(tags.READ)
_bytes = [name.encode("ascii") for name in TEXTS]  # what Name.text points at
_bits = {}


cdef Word _word(text: str):
    cdef Word word = Word(0, 0)
    packed = int.from_bytes(text.encode("ascii"), "little")
    word.head = packed & 0xFFFFFFFFFFFFFFFF
    word.tail = packed >> 64
    return word


cdef inline uint32_t _place(const Word* word) noexcept nogil:
    return ((word.head * 0x9E3779B97F4A7C15u) ^ (word.tail * 0xC2B2AE3D27D4EB4Fu)) >> 54


cdef int number_of(const Word* word) noexcept nogil:
    """The number of a name, -1 where it is not known."""
    cdef uint32_t place = _place(word)
    while _slots[place].number >= 0:
        if _slots[place].word.head == word.head and _slots[place].word.tail == word.tail:
            return _slots[place].number
        place = (place + 1) & 1023
    return -1


def _bit(names_in_set: frozenset) -> int:
    """The bit that stands for a set of names."""
    return _bits.setdefault(names_in_set, 1 << len(_bits))


cdef Meaning _meaning(source: str):
    opens, closes, block, flags, _, _, _ = tags.read_tag(source, source, False)
    return Meaning(opens, closes, block, flags)


cdef Name _record(text: str):
    cdef Name name
    room = elements.ROOM.get(text, [])
    name.start, name.end = _meaning(text), _meaning(f"/{text}")
    name.firm = _bit(tags.FIRM_PARENTS[text]) if text in tags.FIRM_PARENTS else 0
    for step in range(2):
        name.closing[step], name.leaving[step] = map(_bit, room[step]) if step < len(room) else (0, 0)
    name.stops = _bit(elements.end_stops(text))
    name.heading = text in elements.HEADINGS
    name.raised = text in elements.RAISED
    name.foreign = text in tags.FOREIGNS
    name.foreign_start, name.foreign_end = text in scan.FOREIGN_STARTS, text in scan.FOREIGN_ENDS
    name.sets, name.text, name.length = 0, b"", 0
    return name


cdef void _fill():
    cdef Word word
    cdef uint32_t place
    for place in range(1024):
        _slots[place].number = -1
    for number, text in enumerate([*TEXTS, "any-other"]):
        _names[number] = _record(text)
    for number, text in enumerate(TEXTS):
        _names[number].sets = sum(bit for names_in_set, bit in _bits.items() if text in names_in_set)
        _names[number].text, _names[number].length = _bytes[number], len(text)
        word = _word(text)
        place = _place(&word)
        while _slots[place].number >= 0:
            place = (place + 1) & 1023
        _slots[place] = Slot(word, number)
    special = {"href": ADDRESS, "style": STYLE, "hidden": HIDDEN, tags.SHADOW: SHADOW}
    for number, text in enumerate(sorted(tags.READ)):
        _attributes[number] = AttributeName(_word(text), special.get(text, KEPT))


_fill()
