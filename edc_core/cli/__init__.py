"""The command line. Progress goes to stderr; the last line on stdout is one JSON object.

Exit status: 0 success, 2 a wrong setting (one line that names it and the cure), 1 failure,
130 stopped by Ctrl-C or cancel (the run can be resumed). A reader who left changes none of them (see `streams`).
"""

import os
import signal
import sys

from typer.exceptions import Abort, TyperException

from edc_core.cli import (  # noqa: F401  they register their commands
    ablate,
    bench,
    data,
    evaluate,
    exchange,
    jobs,
    landscape,
    merge,
    report,
    run,
    runs,
    worth,
)
from edc_core.cli.old_words import renewed
from edc_core.cli.options import app
from edc_core.environment import set_before_torch
from edc_core.errors import EDCError


def _interrupt(*_) -> None:
    raise KeyboardInterrupt


def _say(message: str) -> None:
    """One line on stderr, whatever is in it."""
    line = " ".join(message.split())
    print(line if len(line) <= 1000 else f"{line[:500]} ... {line[-400:]}", file=sys.stderr, flush=True)


def main() -> None:
    """Run the command line; every error is one line on stderr."""
    set_before_torch()
    signal.signal(signal.SIGTERM, _interrupt)
    sys.argv[1:] = renewed(sys.argv[1:], _say) or ["--help"]
    try:
        status = app(standalone_mode=False) or 0
        if status == 130:  # typer's own word for Ctrl-C
            raise KeyboardInterrupt
        sys.exit(status)
    except EDCError as error:
        _say(f"error: {error}")
        sys.exit(error.exit_status)
    except TyperException as error:
        _say(f"error: {error.format_message()}")
        sys.exit(2)
    except (KeyboardInterrupt, Abort):
        _say("stopped: everything finished is kept, and the same command goes on from there.")
        sys.exit(130)
    except Exception as error:  # the last resort: one line, and the report for whoever asks
        if os.environ.get("EDC_DEBUG"):
            raise
        _say(f"error: {type(error).__name__}: {error}; EDC_DEBUG=1 shows the full report.")
        sys.exit(1)
