# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""`context.path_margins` compiled: one walk over the blocks of each page, the same numbers bit for bit."""

from libc.math cimport INFINITY

import numpy as np


def path_margins(const float[:, ::1] evidence, const Py_ssize_t[::1] first, float switch):
    """See `context.path_margins`."""
    cdef Py_ssize_t blocks = evidence.shape[0], width = evidence.shape[1], block, column, page, start, end
    margins = np.empty((blocks, width), np.float32)
    if not blocks or not width:
        return margins
    cdef float[:, ::1] out = margins
    for block in range(blocks):
        out[block, 0] = 0
        for column in range(1, width):
            out[block, column] = evidence[block, column] - evidence[block, 0] - 2 * switch
    cdef double[::1] runs = np.zeros(width)
    cdef float[:, ::1] walk = np.empty((2, width), np.float32)
    for page in range(first.shape[0]):
        end = first[page + 1] if page + 1 < first.shape[0] else blocks
        start = first[page]
        if not 0 <= start <= end <= blocks:
            raise ValueError(f"page {page} is said to begin at block {start} and to end before {end} of {blocks}")
        _decide_page(evidence[start:end], switch, out[start:end], runs, walk)
    return margins


cdef void _decide_page(
    const float[:, ::1] evidence, float switch, float[:, ::1] margins, double[::1] runs, float[:, ::1] walk
) noexcept:
    """Decode the stretches of a page that the main language may not hold throughout, see `context._stretches`."""
    cdef Py_ssize_t block, column, begin = 0, blocks = evidence.shape[0], width = evidence.shape[1]
    cdef double gain, lead, most = -1, limit
    cdef bint anchored = False, follows
    for block in range(blocks + 1):
        follows = block < blocks
        if follows:
            lead = -INFINITY
            for column in range(1, width):
                lead = max(lead, <double> (evidence[block, column] - evidence[block, 0]))
        if block and (not follows or lead <= -2 * switch):  # a stretch ends, by the page or by an anchor
            limit = switch if anchored or follows else switch / 2
            if most > limit:
                _decode(evidence[begin:block], switch, follows, margins[begin:block], walk)
            begin = block
        if follows:
            if block == begin:
                most = -INFINITY
                anchored = lead <= -2 * switch
                for column in range(1, width):
                    runs[column] = 0
            for column in range(1, width):
                gain = <double> (evidence[block, column] - evidence[block, 0])
                runs[column] = gain + max(runs[column], <double> 0)
                most = max(most, runs[column])


cdef void _decode(
    const float[:, ::1] evidence, float switch, bint closed, float[:, ::1] margins, float[:, ::1] walk
) noexcept:
    """Scores of the best paths through each language at each block; `closed`: after the last comes an anchor."""
    cdef Py_ssize_t block, column, blocks = evidence.shape[0], width = evidence.shape[1]
    for column in range(width):
        margins[0, column] = evidence[0, column]
    for block in range(1, blocks):
        _step(&margins[block - 1, 0], &evidence[block, 0], switch, width, &margins[block, 0])
    cdef float* best = &walk[0, 0]
    cdef float* before = &walk[1, 0]
    for column in range(width):
        best[column] = evidence[blocks - 1, column]
        if closed and column:
            best[column] -= switch
    for block in range(blocks - 1, -1, -1):
        if block < blocks - 1:
            best, before = before, best
            _step(before, &evidence[block, 0], switch, width, best)
        for column in range(width):
            margins[block, column] += best[column] - evidence[block, column]


cdef inline void _step(const float* before, const float* evidence, float switch, Py_ssize_t width, float* out) noexcept:
    """One block further: the language stays, or comes from the best of the others at the cost of a change."""
    cdef Py_ssize_t column
    cdef float most = before[0]
    for column in range(1, width):
        most = max(most, before[column])
    most = most - switch
    for column in range(width):
        out[column] = evidence[column] + max(before[column], most)
