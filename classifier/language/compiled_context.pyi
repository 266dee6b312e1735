import numpy as np
from numpy.typing import NDArray

def path_margins(evidence: NDArray[np.float32], first: NDArray[np.intp], switch: float) -> NDArray[np.float32]: ...
