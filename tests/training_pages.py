"""Small labelled pages to train on."""

import numpy as np

from classifier.training.examples import Example, join_blocks


def page(name, texts, labels, group=None):
    return Example(name, join_blocks(texts), np.array(labels, dtype=np.int8), group or name, "test", "en")
