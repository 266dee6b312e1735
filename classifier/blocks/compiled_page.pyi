"""For `classifier.blocks.compiled_html`."""
