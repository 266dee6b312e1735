# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The way of blocks down trees, node by node: see `trees`."""

import numpy as np

cdef enum:
    LANES = 16  # rows that go down a tree side by side, so that the processor need not wait for one of them

cdef struct Node:
    int asked
    float threshold
    int[2] below


def tree_sums(
    const float[:, ::1] inputs, const int[::1] roots, const int[::1] asked, const float[::1] threshold,
    const int[:, ::1] below, const float[:, ::1] value,
):
    """See `trees.tree_sums_in_numpy`. The caller has checked the tables and the number of inputs, as `Trees` does."""
    cdef Py_ssize_t first, lane, tree, rows = inputs.shape[0], size = asked.shape[0]
    cdef int place, further, moved
    cdef int[LANES] node
    cdef const float* row[LANES]
    cdef double[LANES] article, consent
    cdef Node* at
    found, packed = np.empty((rows, 2), np.float32), np.empty((max(size, 1), sizeof(Node)), np.uint8)
    cdef float[:, ::1] found_ = found
    cdef unsigned char[:, ::1] packed_ = packed
    cdef Node* nodes = <Node*> &packed_[0, 0]
    for place in range(size):
        nodes[place].asked, nodes[place].threshold = max(asked[place], 0), threshold[place]
        for lane in range(2):
            nodes[place].below[lane] = below[place, lane] if asked[place] >= 0 else place  # a leaf leads to itself
    for first in range(0, rows, LANES):
        for lane in range(LANES):
            row[lane] = &inputs[min(first + lane, rows - 1), 0]
            article[lane] = consent[lane] = 0.0
        for tree in range(roots.shape[0]):
            for lane in range(LANES):
                node[lane] = roots[tree]
            moved = 1
            while moved:
                moved = 0
                for lane in range(LANES):
                    at = &nodes[node[lane]]
                    further = at.below[row[lane][at.asked] > at.threshold]
                    moved |= further ^ node[lane]
                    node[lane] = further
            for lane in range(LANES):
                article[lane] += value[node[lane], 0]
                consent[lane] += value[node[lane], 1]
        for lane in range(min(LANES, rows - first)):
            found_[first + lane, 0], found_[first + lane, 1] = <float> article[lane], <float> consent[lane]
    return found
