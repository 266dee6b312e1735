from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.model.shape import Seen

def text_sums(texts: Sequence[str], weights: NDArray[np.float32]) -> tuple[NDArray[np.float32], Seen]: ...
def key_weights(keys: Sequence[str], weights: NDArray[np.float32]) -> NDArray[np.complex64]: ...
def bin_sums(
    shapes: NDArray[np.float32], edges: NDArray[np.float32], weights: NDArray[np.float32]
) -> NDArray[np.float32]: ...
