"""Finds the article, the boilerplate and the consent notices in scraped pages, with the language of every block."""
