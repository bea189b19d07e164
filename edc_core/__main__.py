"""The command line: `python -m edc_core COMMAND`, or `python PATH/edc_core COMMAND` from anywhere."""

import sys
from pathlib import Path

if not __package__:  # by its path: Python then looks for modules in this folder, where they have other names
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from edc_core.console.streams import guard  # noqa: E402


def start() -> None:
    """Run the command line; an interruption while it loads ends as quietly as a later one."""
    guard()
    try:
        from edc_core.cli import main
    except KeyboardInterrupt:
        print("stopped: nothing was started.", file=sys.stderr)
        sys.exit(130)
    main()


if __name__ == "__main__":
    start()
