"""The language of blocks.

Reading order: `codes` and `code_tables` (tags), `model_file` (the fastText model as arrays), `normalise` (text as the
model sees it), `scripts`, `ngrams` and `words` (what a text is told by), `reading` (these for many texts), `scoring`
(a text alone), `groups` (near relatives), `context` (with the page around it), `chinese` (its scripts), `identifier`
(what others call).
"""
