"""The site of the documentation: `make docs` builds it with Sphinx from the Markdown pages in this folder."""

project = "multilingual content classifier"
extensions = ["myst_parser"]
exclude_patterns = ["tutorial/*"]
html_theme = "alabaster"
html_theme_options = {"description": "article, boilerplate and consent notices, with the language of every block"}
myst_heading_anchors = 3
# links that lead out of docs/ are for readers on a forge; they are checked by tests/test_docs.py
suppress_warnings = ["myst.xref_missing"]
