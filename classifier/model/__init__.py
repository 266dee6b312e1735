"""Scores of blocks, in two stages, and the labels that follow from them; numpy alone, many pages at once.

Reading order:

- what is scored: `batch` (blocks of many pages in columns), `elements` (what holds them);
- the block alone: `characters`, `ngrams`, `shape` and `markup` (its features), `blocks` (the first stage);
- the block in its surroundings: `series`, `languages`, `cohesion` and `surroundings` (the inputs), `kinds` (of
  pages), `recurrence`, `context` (the second stage), `repeats`;
- what comes of it: `decide` (labels), `store` (the model folder).
"""
