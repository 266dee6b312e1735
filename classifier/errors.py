"""The errors that users see: each says what went wrong, where, and what to do next."""

from __future__ import annotations


class ClassifierError(Exception):
    """Base of every error of this package; the command line turns it into one line and exit code 1."""


class InputError(ClassifierError):
    """The input as a whole cannot be read: a missing file, an unknown format, an unsupported compression."""


class DamagedInput(InputError):
    """One file or record cannot be read; readers turn it into a rejection with `reason`, a stable token."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class OutputError(ClassifierError):
    """The output cannot be written: a missing folder, a read-only place, a full disk."""


class ModelError(ClassifierError):
    """The model folder is missing, incomplete, changed, or of a format this version does not know."""


class LanguageCodeError(ClassifierError):
    """A language code is unknown, or one that the model cannot emit; the message names near ones."""


class SettingsError(ClassifierError):
    """An option has a value that makes no sense: an unknown label, a threshold outside 0 to 1."""


class ResumeError(ClassifierError):
    """An interrupted run cannot go on: its options, model or input changed, or its files are not as they were left."""


class TrainingError(ClassifierError):
    """The training data cannot make a model: no pages, a missing label, an unreadable record."""
