"""What an exported run's manifest says of it, as settings and a row of this store."""

import json

from edc_core.config import RunConfig, validate_config
from edc_core.data import describe
from edc_core.data.address import address_of
from edc_core.data.sources import EMBEDDED
from edc_core.errors import SettingsError, StoreError
from edc_core.exchange.bundle_format import Manifest, bundle_error
from edc_core.pipeline.prepare import dataset_name
from edc_core.stage_graph import StageNode, run_id
from edc_core.store.result_owners import Row
from edc_core.store.run_row_schema import read_row
from edc_core.store.stage_results import safe_key


def config_of(manifest: Manifest, dataset: str | None) -> RunConfig:
    """The run's settings, on this machine's data set."""
    try:
        config = validate_config(manifest["run"]["settings"])
    except SettingsError as error:
        raise bundle_error(f"its settings are none of this version's ({str(error).rstrip('.')})") from None
    if dataset is None:
        try:
            address_of(config.dataset)
        except SettingsError:
            raise StoreError(
                f"the bundle names its data set {config.dataset[:200]!r}, which is no address of one: import it on the"
                " command line, with --dataset for where that lies here."
            ) from None
        return config
    place = dataset_name(dataset)
    if describe(place).digest != manifest["run"]["manifest"]["dataset"]["digest"]:
        raise SettingsError(f"--dataset '{dataset}' is not the data set that the run was made from: give that one.")
    return config.model_copy(update={"dataset": place})


def check_dataset(row: Row, config: RunConfig) -> None:
    """What the run says of the data set that comes with the project is so; no other is looked for on this machine."""
    told = read_row(row).manifest.dataset
    if address_of(config.dataset).place in EMBEDDED and (about := describe(config.dataset)).digest == told.digest:
        for name, here in (("size", about.size), ("channels", about.channels), ("classes", list(about.classes))):
            if (value := getattr(told, name)) != here:
                raise bundle_error(
                    f"its manifest.dataset.{name} is {str(value)[:60]}, but the data set's is {str(here)[:60]}"
                )


def look_of(look: list) -> Row:
    """One scoring of the test set, as the store counts it."""
    key, dataset, _, moment = look
    return {"key": safe_key(key), "dataset": str(dataset), "time": float(moment)}


def row_of(manifest: Manifest, config: RunConfig, nodes: dict[str, StageNode], scores: bool) -> Row:
    """The run as a row of the store.

    Raises:
        StoreError: its keys are not those that its settings have here, or its figures or data set are none.
    """
    run = manifest["run"]
    plan = [node.plain() for node in nodes.values()]
    own = [node for node in plan if node["stage"] != "neighbours"]
    if [node for node in run["plan"] if node["stage"] != "neighbours"] != own:
        raise bundle_error("its stages have other keys in this version, so its results would never be found")
    name = run_id(config, tuple(nodes.values()))
    row = {
        "id": name,
        "title": str(run["title"])[:80],
        "created": run["created"],
        "state": "finished" if scores else "cancelled",
        "preset": config.preset,
        "dataset": config.dataset,
        "ipc": config.ipc,
        "seed": config.evaluate.seed,
        "settings": config.model_dump_json(),
        "plan": json.dumps(plan),
        "manifest": json.dumps(run["manifest"]),
        "progress": "{}",
        "result": json.dumps(run["result"]) if scores else None,
        "origin": "imported",
    }
    try:
        read_row(row)
    except StoreError as error:
        raise bundle_error(str(error)) from None
    return row | ({"result": json.dumps(run["result"] | {"run": name})} if scores else {})
