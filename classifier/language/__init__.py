"""Languages: the identifier, its page context, and language codes."""
