"""How uploads leave the disk: whole, with their last row, and with the pixels that were decoded from them."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from edc_core.data.decoded import Decoded, decoded
from edc_core.data.short_names import folder_of
from edc_core.jobs.dataset_usage import digests_at_work, resting
from edc_core.store import Store
from edc_core.store.schema import as_store_error, transaction


def is_upload(store: Store, address: str) -> bool:
    return Path(folder_of(address)).parent == (store.home / "uploads").resolve()


def places(store: Store) -> set[str]:
    """The folders of all data sets that are listed, or were sent a short while ago."""
    return {folder_of(row["address"]) for row in store.database.rows("SELECT address FROM datasets")}


def kept_places(store: Store) -> set[str]:
    """The folders of the list, and those that something rests on."""
    return places(store) | {one.place for one in resting(store)}


@contextmanager
def removing(store: Store) -> Iterator[Callable[[str], None]]:
    """A transaction that looks and removes; returns what takes a folder of `uploads` away, deleted at the end.

    Nobody adds a folder between the look at its rows and its going: whoever sends it then unpacks it again.
    """
    with ExitStack() as held, as_store_error(store.database.path), transaction(store.database):

        def remove_files(place: str) -> None:
            with suppress(FileNotFoundError):  # somebody deleted it by hand
                aside = Path(tempfile.mkdtemp(prefix="removing-", dir=Path(place).parent))
                held.callback(shutil.rmtree, aside, ignore_errors=True)
                Path(place).rename(aside / "files")

        yield remove_files
        for one in _left(store):
            with suppress(OSError):  # the next one who removes something tries again
                if aside := one.set_aside():
                    held.callback(shutil.rmtree, aside, ignore_errors=True)


def _left(store: Store) -> list[Decoded]:
    """Pixels of uploads that are gone, whatever size they were brought to.

    The same images may have been sent in two ZIPs: what waits or works on the other finds its pixels to the end, and
    they go with the next removal.
    """
    found = [
        one
        for one in decoded(store.home)
        if one.is_removed or (is_upload(store, one.place) and not Path(one.place).is_dir())
    ]
    if not found:
        return []
    at_work, still = digests_at_work(store), kept_places(store)
    return [one for one in found if one.is_removed or (one.digest not in at_work and one.place not in still)]
