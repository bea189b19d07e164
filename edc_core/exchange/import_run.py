"""`import`: an exported run comes into a store, under the same keys, or not at all.

Every byte is checked against the manifest while it is copied, and every result against the settings that its key
stands for, before the first one is renamed into place. No name from a bundle becomes a path unchecked.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edc_core.errors import StoreError
from edc_core.exchange.bundle_format import (
    MAX_BUNDLE_BYTES,
    RESULTS,
    bundle_error,
    listed_files,
    manifest_errors,
    read_manifest,
    unpack_bundle,
)
from edc_core.exchange.imported_row import check_dataset, config_of, look_of, row_of
from edc_core.exchange.merge_stores import exclusive_home, publish_result
from edc_core.stage_graph import StageNode, build_stage_graph
from edc_core.store import Store
from edc_core.store.digests import BLOCK, LIST, digests_in
from edc_core.store.digests import listed as listed_in
from edc_core.store.files import read_json, write_json
from edc_core.store.other_store import Rows, write_rows
from edc_core.store.result_owners import expected_of
from edc_core.store.result_schema import Expected
from edc_core.store.schema import as_store_error
from edc_core.store.stage_results import KEY
from edc_core.store.verify_stage_result import check, check_content

LEFT_SECONDS = 86400.0  # after which nobody is at work in a folder to unpack into


@dataclass(frozen=True)
class ImportReport:
    """What came in: the run's name, results taken and those that were here already."""

    run: str
    taken: int
    there: int


def import_run(
    source: Path | BinaryIO,
    home: Path,
    scores: bool = True,
    dataset: str | None = None,
    owner: str = "",
    largest: int = MAX_BUNDLE_BYTES,
) -> ImportReport:
    """Bring an exported run, a folder or a ZIP of it, into the store `home`.

    Without `scores` its images and labels come alone, and the run waits to be judged again. `dataset` is where the
    data set lies on this machine, where that is another place. `owner` is the person whose the run will be;
    `largest` bounds the bytes of a ZIP's files.

    Raises:
        StoreError, DataError: the bundle is damaged, incomplete, of a newer version or none; nothing of it was taken.
        SettingsError: `dataset` is another one.
    """
    home = home.absolute()
    source = source.expanduser().absolute() if isinstance(source, Path) else source
    with ExitStack() as held:
        if not isinstance(source, Path) or source.is_file():
            source = unpack_bundle(source, held.enter_context(_scratch(home)), largest)
        manifest = read_manifest(source)
        digests = listed_files(source, manifest)
        with manifest_errors():
            config = config_of(manifest, dataset)
            nodes = {
                node.key: node for node in build_stage_graph(config, manifest["run"]["manifest"]["dataset"]["digest"])
            }
            row = row_of(manifest, config, nodes, scores)
            check_dataset(row, config)
            looks = [look_of(look) | {"run": row["id"]} for look in manifest["looks"] * scores]
        store = held.enter_context(closing(Store(home)))
        held.enter_context(as_store_error(home / "store.sqlite"))
        place = held.enter_context(exclusive_home(home))
        wanted = _checked(source, digests, place, nodes, scores, expected_of(row))
        _check_here(store, wanted, nodes, expected_of(row))
        taken = [key for key in wanted if not store.stage_results.find(key) and publish_result(place / key, key, store)]
        written = write_rows(Rows([row], looks, [], {}), store, taken)
        if written.left_out:
            raise bundle_error(written.left_out[0][1])
        if written.runs:
            store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (owner, row["id"]))
    return ImportReport(row["id"], len(taken), len(wanted) - len(taken))


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """A folder to unpack into, this import's own, so that nobody waits for it; what a killed one left is dropped."""
    with as_store_error(home / "store.sqlite"):
        (partial := home / "partial").mkdir(parents=True, exist_ok=True)
        for left in partial.glob("importing-*"):
            with suppress(FileNotFoundError):
                if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)
        place = Path(tempfile.mkdtemp(prefix="importing-", dir=partial))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


# Results ------------------------------------------------------------------------------------------


def _checked(
    source: Path, digests: dict[str, str], place: Path, nodes: dict[str, StageNode], scores: bool, expected: Expected
) -> list[str]:
    """The keys of the results that are wanted, each copied into `place` and checked; none lacks."""
    keys = _copied(source, digests, place)
    for key in keys:
        _check_result(place / key, nodes.get(key), expected)
    wanted = [key for key in keys if scores or nodes[key].stage != "score"]
    lacking = {node.stage for node in nodes.values() if node.stage in _needed(scores)} - {
        nodes[key].stage for key in wanted
    }
    if lacking:
        raise bundle_error(f"it lacks the run's results of {', '.join(sorted(lacking))}")
    return wanted


def _check_here(store: Store, wanted: list[str], nodes: dict[str, StageNode], expected: Expected) -> None:
    """What is here already under the run's keys is the run's, before anything of it is taken."""
    for key in wanted:
        if folder := store.stage_results.find(key):
            try:
                check_content(folder, nodes[key].stage, expected)
            except StoreError as error:
                raise bundle_error(f"'{folder}' here is not what it says ({error})") from None


def _needed(scores: bool) -> tuple[str, ...]:
    return ("synthesise", "relabel", "score") if scores else ("synthesise", "relabel")


def _copied(source: Path, digests: dict[str, str], place: Path) -> list[str]:
    """Read every file once: check it, and put results into `place`, by key."""
    keys = []
    for name, digest in digests.items():
        top, _, rest = name.partition("/")
        key, _, inside = rest.partition("/")
        copy = None
        if top == RESULTS:
            if not KEY.fullmatch(key) or not inside:
                raise bundle_error(f"'{name}' is no result of a stage")
            copy = place / key / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            keys.append(key)
        if _copy(source / name, copy) != digest:
            raise bundle_error(f"'{name}' is not what its manifest says: a byte of it was changed")
    return list(dict.fromkeys(keys))


def _copy(source: Path, copy: Path | None) -> str:
    """Copy a file, if to anywhere; returns the SHA-256 of what was copied."""
    total = hashlib.sha256()
    try:
        with source.open("rb") as old, copy.open("wb") if copy else nullcontext() as new:
            while block := old.read(BLOCK):
                total.update(block)
                if new:
                    new.write(block)
    except OSError as error:
        raise bundle_error(f"'{source.name}' cannot be read or copied ({error.strerror})") from None
    return total.hexdigest()


def _check_result(folder: Path, node: StageNode | None, expected: Expected) -> None:
    """It is whole, the run has such a stage, and it was made by the run's settings from the run's results."""
    if node is None:
        raise bundle_error(f"the result '{folder.name}' is of no stage of its run")
    try:
        check(folder, node.key, [expected])
    except StoreError as error:
        raise bundle_error(f"the result '{folder.name}' is damaged ({error})") from None
    record = read_json(folder / "stage.json")
    if (record["stage"], record["name"], tuple(record["inputs"])) != (node.stage, node.name, node.inputs):
        raise bundle_error(f"the result '{folder.name}' is of another stage than its run says")
    if (
        node.stage == "relabel" and record["settings"] != node.settings.cache_key_fields()
    ):  # its key rests on the views too
        raise bundle_error(f"the result '{folder.name}' has other settings than its run says")
    if listed_in(folder).keys() != (found := digests_in(folder)).keys():  # of an earlier version
        write_json(folder / LIST, found)
