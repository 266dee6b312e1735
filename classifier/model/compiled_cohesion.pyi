from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.model.cohesion import Terms

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

def shared(
    terms: Terms, which: Ints, bounds: Ints, article: Floats, sure: NDArray[np.bool_], titles: Terms
) -> Floats: ...
def terms_of(texts: Sequence[str]) -> Terms: ...
