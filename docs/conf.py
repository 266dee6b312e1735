"""The site of the documentation: `make docs` builds it with Sphinx from the Markdown pages in this folder."""

import re
from pathlib import Path

project = "multilingual content classifier"
extensions = ["myst_parser"]
exclude_patterns = ["tutorial/*"]
html_theme = "alabaster"
html_theme_options = {
    "description": "article, boilerplate and consent notices, with the language of every block",
    "page_width": "1200px",
    "body_max_width": "none",
    "fixed_sidebar": True,
}
html_sidebars = {"**": ["about.html", "navigation.html", "searchfield.html"]}
html_show_sphinx = False
myst_heading_anchors = 3
# links that lead out of this folder are for readers on a forge; tests/test_docs.py checks them
suppress_warnings = ["myst.xref_missing"]


def add_contents(app, name, source):
    """Make contents of the links of the index, and fetch the model card; on a forge both are plain links."""
    if name == "index":
        pages = "\n".join(dict.fromkeys(re.findall(r"\(([\w-]+)\.md\)", source[0])))
        source[0] += f"\n```{{toctree}}\n:hidden:\n\n{pages}\n```\n"
    if name == "model-card":
        source[0] = (Path(app.srcdir).parent / "models" / "default" / "CARD.md").read_text(encoding="utf-8")


def setup(app):
    app.connect("source-read", add_contents)
