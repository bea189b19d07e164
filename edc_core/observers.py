"""Squeezing without condensing: observers and their statistics, into a store."""

from pathlib import Path
from typing import Any

from edc_core.data import open_dataset
from edc_core.events import Event, Observe, ignore
from edc_core.pipeline import Prepared, compute
from edc_core.plan import missing
from edc_core.store import Artefacts, Recorder, Store
from edc_core.store.files import read_json

STAGES = ("squeeze", "statistics")


def squeeze_all(
    prepared: Prepared, home: Path, observe: Observe = ignore, bundled: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Train the observers that a run names and collect their statistics; gives each one's key and accuracy."""
    artefacts = Artefacts(home, bundled)
    todo = missing(prepared.nodes, lambda key: artefacts.find(key) is not None, STAGES)
    config = prepared.config
    dataset = open_dataset(config.dataset, config.data, home, prepared.description) if todo else None
    store = Store(home, bundled)
    recorder = Recorder(store, prepared.run, prepared.description.digest)

    def report(event: Event) -> None:
        recorder(event)
        observe(event)

    try:
        seconds = compute(prepared, todo, dataset, store, recorder, report)
    finally:
        store.close()
    return {"dataset": prepared.description.name, "observers": _squeezed(prepared, artefacts, seconds)}


def _squeezed(prepared: Prepared, artefacts: Artefacts, seconds: dict[str, float]) -> list[dict[str, Any]]:
    return [
        {
            "observer": node.name,
            "key": node.key,
            "val_top1": read_json(artefacts.find(node.key) / "observer.json")["val_top1"],
            "cached": node.key not in seconds,
            "seconds": seconds.get(node.key, 0.0),
        }
        for node in prepared.nodes
        if node.stage == "squeeze"
    ]
