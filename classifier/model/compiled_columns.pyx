# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Loops over blocks and elements that numpy has no single call for: see `batch`, `elements` and `series`."""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memcmp, memset

import numpy as np

ctypedef long long Int
ctypedef fused Real:
    float
    double


def integers(values, Int base=0):
    """See `batch.integers_in_numpy`."""
    cdef list given = list(values) if isinstance(values, (list, tuple)) else np.array(values, np.int64).tolist()
    cdef Py_ssize_t place
    cdef Int number
    found = np.empty(len(given), np.int64)
    cdef Int[::1] found_ = found
    for place, value in enumerate(given):
        if not isinstance(value, int):
            raise TypeError(f"a list of integers holds {value!r}")
        number = value
        found_[place] = number + base if number >= 0 else number
    return found


def numbered(strings, dict ids not None):
    """See `batch.numbered_in_python`."""
    cdef list given = list(strings)
    cdef Py_ssize_t place
    cdef PyObject* held
    found = np.empty(len(given), np.int64)
    cdef Int[::1] found_ = found
    for place, string in enumerate(given):
        if not isinstance(string, str):
            raise TypeError(f"a list of strings holds {string!r}")
        held = PyDict_GetItemWithError(ids, string)
        if held == NULL:
            found_[place] = len(ids)
            ids[string] = len(ids)
        else:
            found_[place] = <object> held
    return found


def compact(const Int[::1] own, const Int[::1] parents, const Int[::1] keys, Py_ssize_t key_count):
    """See `batch.compact_in_numpy`."""
    cdef Py_ssize_t place, blocks = own.shape[0], size = parents.shape[0], count = 0
    cdef Int at
    if keys.shape[0] != size:
        raise ValueError(f"{len(keys)} keys for {size} elements")
    _check_range(own, size)
    _check_range(parents, size)
    _check_range(keys, key_count)
    cdef Int[::1] rank = np.zeros(size + 1, np.int64)  # 1 for elements that hold a block, then their new places
    for place in range(blocks):
        at = own[place]
        while at >= 0 and not rank[at]:
            rank[at] = 1
            at = parents[at]
    for place in range(size):
        if rank[place]:
            rank[place] = count
            count += 1
        else:
            rank[place] = -1
    element, up, left = np.empty(blocks, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    seen, numbers = np.zeros(key_count, np.int64), np.empty(key_count, np.int64)
    cdef Int[::1] element_ = element, up_ = up, left_ = left, seen_ = seen, numbers_ = numbers
    for place in range(blocks):
        element_[place] = rank[own[place]] if own[place] >= 0 else -1
    for place in range(size):
        if rank[place] >= 0:
            up_[rank[place]] = rank[parents[place]] if parents[place] >= 0 else -1
            left_[rank[place]] = keys[place]
            seen_[keys[place]] = 1
    count = 0
    for place in range(key_count):
        numbers_[place] = count
        count += seen_[place]
    for place in range(left.shape[0]):
        left_[place] = numbers_[left_[place]]
    return element, up, left, seen


cdef int _check_range(const Int[::1] places, Py_ssize_t size) except -1:
    """Raise ValueError where a place is not below `size`."""
    cdef Py_ssize_t row
    for row in range(places.shape[0]):
        if places[row] >= size:
            raise ValueError(f"place {places[row]} of {size}")
    return 0


def _check_above(const Int[::1] above, Py_ssize_t size):
    """Raise ValueError where `above` (E + 1,) does not lead up: each to an element before it, or to the last place, E.
    """
    cdef Py_ssize_t place, last = above.shape[0] - 1
    if size != last + 1:
        raise ValueError(f"{size} values for {last} elements and none")
    for place in range(last):
        if not (0 <= above[place] < place or above[place] == last):
            raise ValueError(f"element {place} lies in {above[place]}, which does not come before it")


def sums_below(const double[::1] values, const Int[::1] above):
    """See `elements.Forest.downward`."""
    cdef Py_ssize_t place, last = above.shape[0] - 1
    _check_above(above, len(values))
    total = np.array(values)
    cdef double[::1] total_ = total
    for place in range(last - 1, -1, -1):
        if above[place] != last:
            total_[above[place]] += total_[place]
    return total


def handed_up(const Int[::1] values, const Int[::1] above):
    """See `elements.Forest.inherit`."""
    cdef Py_ssize_t place, last = above.shape[0] - 1
    _check_above(above, len(values))
    found = np.array(values)
    cdef Int[::1] found_ = found
    for place in range(last - 1, -1, -1):
        if above[place] != last:
            found_[above[place]] = found_[place]
    return found


def groups_of_codes(const Int[::1] codes):
    """See `series.groups_of_codes_in_numpy`; the groups are numbered as they come."""
    cdef Py_ssize_t row, slot, rows = codes.shape[0], groups = 0, slots = 16
    while slots < 2 * rows:
        slots *= 2
    group = np.empty(rows, np.int64)
    sizes = np.zeros(rows, np.int64)
    cdef Int[::1] group_ = group, sizes_ = sizes, held = np.full(slots, -1), firsts = np.empty(rows, np.int64)
    for row in range(rows):
        slot = (<uint64_t> codes[row] * <uint64_t> 0x9E3779B97F4A7C15ULL >> 20) & (slots - 1)
        while held[slot] >= 0 and codes[firsts[held[slot]]] != codes[row]:
            slot = (slot + 1) & (slots - 1)
        if held[slot] < 0:
            held[slot], firsts[groups] = groups, row
            groups += 1
        group_[row] = held[slot]
        sizes_[held[slot]] += 1
    return group, sizes[:groups]


def shifted(const float[::1] values, const Int[::1] there, float fill):
    """See `series.shifted_in_numpy`."""
    cdef Py_ssize_t row, size = values.shape[0]
    found = np.empty(len(there), np.float32)
    cdef float[::1] found_ = found
    for row in range(there.shape[0]):
        found_[row] = values[there[row]] if 0 <= there[row] < size else fill
    return found


cdef int _check_bounds(const Int[::1] bounds, Py_ssize_t size) except -1:
    """ValueError where bounds of pages would lead beyond `size` blocks."""
    if not len(bounds) or bounds[0] != 0 or bounds[len(bounds) - 1] != size or (np.diff(bounds) < 0).any():
        raise ValueError(f"the bounds of pages are not those of {size} blocks")
    return 0


def best_run(const float[::1] gain, const Int[::1] bounds, double least):
    """See `series.best_run_in_numpy`."""
    cdef Py_ssize_t page, row, size = gain.shape[0]
    found = np.empty(size, np.float32)
    cdef float[::1] found_ = found
    cdef double[::1] through = np.empty(size)
    cdef double left, right, best
    _check_bounds(bounds, size)
    for page in range(bounds.shape[0] - 1):
        left = right = 0
        best = least
        for row in range(bounds[page], bounds[page + 1]):
            left = gain[row] + max(left, <double> 0)
            through[row] = left
        for row in range(bounds[page + 1] - 1, bounds[page] - 1, -1):
            through[row] += max(right, <double> 0)
            right = gain[row] + max(right, <double> 0)
            best = max(best, through[row])
        for row in range(bounds[page], bounds[page + 1]):
            found_[row] = <float> max(through[row] / best, <double> -1)
    return found


def hold_any(texts, names):
    """See `markup.hold_any_in_python`. Looks for names only where their first two bytes stand."""
    cdef dict groups = {}
    cdef uint8_t[1 << 16] begins
    cdef bytes text
    cdef const uint8_t* letters
    cdef Py_ssize_t number, place, size
    cdef int pair
    for one in names:
        if not isinstance(one, str):
            raise TypeError(f"a list of names holds {one!r}")
    wanted = [one.encode("utf-8", "surrogatepass") for one in names]
    if min(map(len, wanted), default=2) < 2:
        from classifier.model.markup import hold_any_in_python  # which imports this module

        return hold_any_in_python(texts, names)
    memset(begins, 0, sizeof(begins))
    for one in wanted:
        pair = one[0] << 8 | one[1]
        begins[pair] = 1
        groups.setdefault(pair, []).append(one)
    found = np.zeros(len(texts), np.uint8)
    cdef uint8_t[::1] found_ = found
    for number, string in enumerate(texts):
        if not isinstance(string, str):
            raise TypeError(f"a list of texts holds {string!r}")
        text = string.encode("utf-8", "surrogatepass")
        letters, size = <const uint8_t*> <const char*> text, len(text)
        for place in range(size - 1):
            pair = letters[place] << 8 | letters[place + 1]
            if begins[pair] and _begins(letters + place, size - place, groups[pair]):
                found_[number] = 1
                break
    return found.view(bool)


cdef bint _begins(const uint8_t* text, Py_ssize_t size, list wanted) except -1:
    """Whether the text begins with one of the wanted."""
    cdef bytes one
    for one in wanted:
        if len(one) <= size and memcmp(text, <const char*> one, len(one)) == 0:
            return True
    return False


def running_sums(const Real[:, ::1] keep, const Real[:, ::1] added, const Int[::1] bounds):
    """See `recurrence.running_sums_in_numpy`."""
    cdef Py_ssize_t page, row, column, size = keep.shape[0], width = keep.shape[1], half = keep.shape[1] // 2
    if added.shape[0] != size or added.shape[1] != width or width % 2:
        raise ValueError("running sums of tables that differ in size")
    _check_bounds(bounds, size)
    found = np.array(added)
    cdef Real[:, ::1] sums = found
    for page in range(bounds.shape[0] - 1):
        for row in range(bounds[page] + 1, bounds[page + 1]):
            for column in range(half):
                sums[row, column] += keep[row, column] * sums[row - 1, column]
        for row in range(bounds[page + 1] - 2, bounds[page] - 1, -1):
            for column in range(half, width):
                sums[row, column] += keep[row, column] * sums[row + 1, column]
    return found
