"""Labelled pages and evaluation figures as HTML files that need nothing but a browser.

One file each, with its style, script, data and plots inside; what pages hold is only ever shown as text.

Reading order: `document` (the frame and its safety), `svg` (plots), `pages` (the report of pages), `figures` (that of
an evaluation).
"""
