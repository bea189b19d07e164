"""The command line: `python -m edc_core COMMAND`."""

from edc_core.cli import main

if __name__ == "__main__":
    main()
