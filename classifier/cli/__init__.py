"""The command `classifier`: its entry point, which loads everything else, so that Ctrl-C is heard meanwhile.

Reading order: `app` (finds the commands), `options` (those that commands share), `running` (from options to a run),
`tell`, `terminal` and `figures` (what is printed); one module a command: `filter`, `label`, `explain`, `report`,
`train`, `evaluate`, `train_language`, `models`.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from classifier.errors import ClassifierError, LanguageCodeError, SettingsError

# numpy's threads gain nothing on matrices as small as ours and get into each other's way with --workers; they can only
# be told before numpy is loaded, which is when the commands are
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
INTERRUPTED = 130  # what shells give for a process ended by Ctrl-C


def main() -> None:
    """Entry point: our errors become one line on stderr; exit code 2 for wrong usage, 1 for everything else."""
    if not sys.argv[1:2] or not sys.argv[1].startswith("train"):
        for name in _THREADS:
            os.environ.setdefault(name, "1")
    try:
        _stand_in_for_closed()
        _check_given(sys.argv[1:])
        _run()
    except (SettingsError, LanguageCodeError) as error:
        _end(str(error), 2)
    except ClassifierError as error:
        _end(str(error), 1)
    except OSError as error:
        _end(f"{error.filename or 'stdout'}: {error.strerror}: check the place, the permissions and the free space.", 1)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _run() -> None:
    try:
        from classifier.cli.app import build

        build()()
    finally:
        try:
            sys.stdout.flush()  # at exit, an error could not be told any more
        except OSError:
            # what cannot be written is still there, and would be tried again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise


def _check_given(arguments: list[str]) -> None:
    """SettingsError for an empty argument, as a shell makes of a variable that is not set.

    No option has a use for one, and a path would be the folder where the command runs.
    """
    for before, argument in zip(["classifier", *arguments], arguments, strict=False):
        option, equals, value = argument.partition("=")
        if not argument or (option.startswith("--") and equals and not value):
            raise SettingsError(f"the value after {option or before} is empty: write one, or leave it out.")


def _stand_in_for_closed() -> None:
    """Where the shell has closed stdout, writing to it is an error; what stderr would get is lost."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _end(message: str, code: int) -> NoReturn:
    from classifier.cli.terminal import visible

    print(f"error: {visible(message)}", file=sys.stderr)
    raise SystemExit(code) from None
