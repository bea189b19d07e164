"""The command line: `python -m edc_core COMMAND`."""

import sys

from edc_core.streams import guard


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
