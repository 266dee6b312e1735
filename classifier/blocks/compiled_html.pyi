"""See `classifier.blocks.html`."""

from classifier.blocks.columns import BlockColumns

def split_html(html: str) -> BlockColumns: ...
