"""A model folder with random weights in every place: no label of it makes sense, every sum must hold."""

import numpy as np

from classifier.model import store
from classifier.model.blocks import MARKUP_BITS, TEXT_BITS, BlockModel, shape_rows
from classifier.model.context import ContextModel, Network, Networks, input_names
from classifier.model.recurrence import Recurrence
from classifier.model.shape import NAMES
from classifier.settings import default_model
from classifier.training_files import write_folder

_RECURRENCE = ((24, 40), 0.3), (40, 1.0), ((20, 2), 0.3)  # shapes and widths of its tables
THRESHOLDS = {"article": 0.5, "consent": 0.5}


def save(folder, seed=41):  # with 41 no label is given to less than a quarter of the blocks of the sample pages
    """Write the model, with the language model of the shipped one."""
    rng, course = np.random.default_rng(seed), np.random.default_rng(seed)

    def numbers(*shape, size=1.0):
        return rng.normal(0, size, shape).astype(np.float32)

    edges = np.sort(np.abs(numbers(len(NAMES), 5)), axis=1)
    edges[::3, 3:] = np.inf
    blocks = BlockModel(
        numbers(2**TEXT_BITS, 2, size=0.5), numbers(2**MARKUP_BITS, 2, size=0.1),
        numbers(shape_rows(edges), 2, size=0.3), edges, numbers(2),
    )  # fmt: skip
    size = len(input_names())

    def network():
        weights = numbers(size, 24, size=0.1), numbers(24, 2)
        tables = (course.normal(0, width, shape).astype(np.float32) for shape, width in _RECURRENCE)
        recurrence = Recurrence(*tables)
        return Network(numbers(size), np.abs(numbers(size)), weights, (numbers(24), numbers(2)), recurrence)

    presets = {name: THRESHOLDS for name in ("balanced", "precision", "recall")}
    context = ContextModel(Networks(network(), network(), network()), notice_names=("cookie", "häuser"))
    language = {name: (default_model() / name).read_bytes() for name in ("language.ftz", "language.json")}
    write_folder(folder, language | store.contents(blocks, context, {"presets": presets, "scores": {}}))
    return folder
