"""For `classifier.blocks.compiled_html`."""

TEXTS: list[str]
NUMBERS: dict[str, int]
