"""`python -m classifier` does what the command `classifier` does."""

from classifier.cli import main

main()
