"""`import`: an exported run comes into a store, under the same keys, or not at all; no torch.

Every byte is checked against the manifest while it is copied, and every result against the settings that its key
stands for, before the first one is renamed into place. No name from a bundle becomes a path unchecked.
"""

import hashlib
import json
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.config import RunConfig, checked
from edc_core.data import describe
from edc_core.errors import SettingsError, StoreError
from edc_core.exchange import (
    BLOCK,
    FORMAT,
    KIND,
    LONGEST_MANIFEST,
    MANIFEST,
    RESULTS,
    SEAL,
    refused,
    safe_name,
    seal_of,
)
from edc_core.merging import alone, settle
from edc_core.pipeline import dataset_name
from edc_core.plan import Node, make_plan, run_id
from edc_core.store import Store
from edc_core.store.artefacts import KEY, safe_key
from edc_core.store.database import said
from edc_core.store.files import read_json
from edc_core.store.foreign import Row, Rows, write_rows
from edc_core.store.verifying import check

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Imported:
    """What came in: the run's name, results taken and those that were here already."""

    run: str
    taken: int
    there: int


def import_run(source: Path, home: Path, scores: bool = True, dataset: str | None = None) -> Imported:
    """Bring an exported run into the store `home`.

    Without `scores` its images and labels come alone, and the run waits to be judged anew. `dataset` is where the
    data set lies on this machine, where that is another place.

    Raises:
        StoreError: the bundle is damaged, incomplete, of a newer version or no bundle; nothing of it was taken.
        SettingsError: `dataset` is another one.
    """
    source, home = source.expanduser().absolute(), home.absolute()
    manifest = read_manifest(source)
    digests = _listed(source, manifest)
    with _understood():
        config = _config(manifest, dataset)
        nodes = {node.key: node for node in make_plan(config, manifest["run"]["manifest"]["dataset"]["digest"])}
        row = _row(manifest, config, nodes, scores)
        looks = [_look(look) | {"run": row["id"]} for look in manifest["looks"] * scores]
    with closing(Store(home)) as store, said(home / "store.sqlite"), alone(home) as place:
        keys = _copied(source, digests, place)
        for key in keys:
            _check_result(place / key, nodes.get(key))
        wanted = [key for key in keys if scores or nodes[key].stage != "score"]
        lacking = {node.stage for node in nodes.values() if node.stage in _needed(scores)} - {
            nodes[key].stage for key in wanted
        }
        if lacking:
            raise refused(f"it lacks the run's results of {', '.join(sorted(lacking))}")
        taken = sum(settle(place / key, key, store) for key in wanted if not store.artefacts.find(key))
        if left := write_rows(Rows([row], looks, [], {}), store).left_out:
            raise refused(left[0][1])
    return Imported(row["id"], taken, len(wanted) - taken)


def read_manifest(source: Path) -> Manifest:
    """The manifest, checked against its seal and this version.

    Raises:
        StoreError: see `import_run`.
    """
    for name in (MANIFEST, SEAL):
        path = source / name
        if path.is_symlink() or not path.is_file():
            raise StoreError(f"'{source}' is no bundle (it has no {name}): name a folder that 'export' wrote.")
        if path.stat().st_size > LONGEST_MANIFEST:
            raise refused(f"{name} is too large")
    content = (source / MANIFEST).read_bytes()
    if (source / SEAL).read_bytes() != seal_of(content):
        raise refused(f"{MANIFEST} is not what {SEAL} says: one of the two was changed")
    try:
        manifest = json.loads(content)
        kind, number = manifest["kind"], manifest["format"]
        newer = number > FORMAT
    except (ValueError, TypeError, KeyError, RecursionError):
        raise refused(f"{MANIFEST} is no manifest of a run") from None
    if kind != KIND:
        raise refused(f"{MANIFEST} is no manifest of a run")
    if newer:
        raise StoreError(
            f"the bundle '{source}' has format {number}, newer than this version's {FORMAT}: update EDC Lab, then"
            " import."
        )
    return manifest


# Checking -----------------------------------------------------------------------------------------


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise refused(f"{MANIFEST} is damaged ({type(error).__name__}: {error})") from None


def _listed(source: Path, manifest: Manifest) -> dict[str, str]:
    """Name -> SHA-256 of every file; those that are there are exactly those that the manifest names."""
    with _understood():
        digests = {safe_name(name): str(digest) for name, digest in manifest["sha256"].items()}
    there = set()
    for path in sorted(source.rglob("*")):
        name, mode = path.relative_to(source).as_posix(), path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise refused(f"'{name}' is a link or no plain file")
        if stat.S_ISREG(mode):
            there.add(name)
    if lacking := sorted(digests.keys() - there):
        raise refused(f"it lacks '{lacking[0]}'")
    if more := sorted(there - digests.keys() - {MANIFEST, SEAL}):
        raise refused(f"it holds '{more[0]}', which its manifest does not name")
    return digests


def _copied(source: Path, digests: dict[str, str], place: Path) -> list[str]:
    """Read every file once: check it, and put results into `place`, by key."""
    keys = []
    for name, digest in digests.items():
        top, _, rest = name.partition("/")
        key, _, inside = rest.partition("/")
        copy = None
        if top == RESULTS:
            if not KEY.fullmatch(key) or not inside:
                raise refused(f"'{name}' is no result of a stage")
            copy = place / key / inside
            copy.parent.mkdir(parents=True, exist_ok=True)
            keys.append(key)
        if _copy(source / name, copy) != digest:
            raise refused(f"'{name}' is not what its manifest says: a byte of it was changed")
    return list(dict.fromkeys(keys))


def _copy(source: Path, copy: Path | None) -> str:
    """Copy a file, if to anywhere; gives the SHA-256 of what was copied."""
    total = hashlib.sha256()
    try:
        with source.open("rb") as old, (copy or Path("/dev/null")).open("wb") as new:
            while block := old.read(BLOCK):
                total.update(block)
                new.write(block)
    except OSError as error:
        raise refused(f"'{source.name}' cannot be read or copied ({error.strerror})") from None
    return total.hexdigest()


def _check_result(folder: Path, node: Node | None) -> None:
    """It is whole, the run has such a stage, and it was made by the run's settings from the run's results."""
    if node is None:
        raise refused(f"the result '{folder.name}' is of no stage of its run")
    try:
        check(folder, node.key)
    except StoreError as error:
        raise refused(f"the result '{folder.name}' is damaged ({error})") from None
    record = read_json(folder / "stage.json")
    if (record["stage"], record["name"], tuple(record["inputs"])) != (node.stage, node.name, node.inputs):
        raise refused(f"the result '{folder.name}' is of another stage than its run says")
    if node.stage == "relabel" and record["settings"] != node.settings.keyed():  # its key rests on the views too
        raise refused(f"the result '{folder.name}' has other settings than its run says")


# The run ------------------------------------------------------------------------------------------


def _needed(scores: bool) -> tuple[str, ...]:
    return ("synthesise", "relabel", "score") if scores else ("synthesise", "relabel")


def _config(manifest: Manifest, dataset: str | None) -> RunConfig:
    """The run's settings, on this machine's data set."""
    try:
        config = checked(manifest["run"]["settings"])
    except SettingsError as error:
        raise refused(f"its settings are none of this version's ({str(error).rstrip('.')})") from None
    if dataset is None:
        return config
    place = dataset_name(dataset)
    if describe(place).digest != manifest["run"]["manifest"]["dataset"]["digest"]:
        raise SettingsError(f"--dataset '{dataset}' is not the data set that the run was made from: give that one.")
    return config.model_copy(update={"dataset": place})


def _look(look: list) -> Row:
    """One scoring of the test set, as the store counts it."""
    key, dataset, _, moment = look
    return {"key": safe_key(key), "dataset": str(dataset), "time": float(moment)}


def _row(manifest: Manifest, config: RunConfig, nodes: dict[str, Node], scores: bool) -> Row:
    """The run as a row of the store.

    Raises:
        StoreError: its keys are not those that its settings have here.
    """
    run, result = manifest["run"], manifest["run"]["result"]
    plan = [node.plain() for node in nodes.values()]
    own = [node for node in plan if node["stage"] != "neighbours"]
    if [node for node in run["plan"] if node["stage"] != "neighbours"] != own:
        raise refused("its stages have other keys in this version, so its results would never be found")
    name = run_id(config, tuple(nodes.values()))
    float(result[result["headline"]])
    about = run["manifest"]["dataset"]
    "".join(about["classes"]), int(about["size"]), int(about["channels"]), int(about["test_count"])
    return {
        "id": name,
        "title": str(run["title"])[:80],
        "created": float(run["created"]),
        "state": "finished" if scores else "cancelled",
        "preset": config.preset,
        "dataset": config.dataset,
        "ipc": config.ipc,
        "seed": config.evaluate.seed,
        "settings": config.model_dump_json(),
        "plan": json.dumps(plan),
        "manifest": json.dumps(run["manifest"]),
        "progress": "{}",
        "result": json.dumps(result | {"run": name}) if scores else None,
        "origin": "imported",
    }
