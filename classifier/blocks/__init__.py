"""Pages to blocks.

Reading order: `columns` (what comes out), `text` (plain text); for HTML `tags` (what a tag means), `elements` (which of
them are open), `scan` (comments, scripts and the like), `html` (the walk over a page) and `hints` (what a page says of
its kind); `page` (a page of either kind).
"""
