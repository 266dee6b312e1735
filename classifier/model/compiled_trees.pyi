import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

def tree_sums(inputs: Floats, roots: Ints, asked: Ints, threshold: Floats, below: Ints, value: Floats) -> Floats: ...
