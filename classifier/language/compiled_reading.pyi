from collections.abc import Sequence

from classifier.language.model_file import Matrices
from classifier.language.reading import Reading

class CompiledReader:
    def __init__(self, model: Matrices) -> None: ...
    def read(self, texts: Sequence[str], window: int) -> Reading: ...
