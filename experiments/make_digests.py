"""Write down the SHA-256 of every file that comes with the project in `assets/store`, which its readers check.

    python -m experiments.make_digests

The scripts that make the bundled store do so themselves; after a change by hand it is for you.
"""

from pathlib import Path

from edc_core.store import BUNDLED
from edc_core.store.digests import LIST, digests_in
from edc_core.store.files import write_json


def main(target: Path) -> None:
    write_json(target / LIST, digests_in(target))


if __name__ == "__main__":
    main(BUNDLED)
