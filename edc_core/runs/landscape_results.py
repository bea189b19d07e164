"""Asking for landscapes: a run's student, what was found, and what is known so far.

Answers are stages on top of a run's own (see `landscape.config`): cached, resumable, whole or absent.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.data import open_dataset
from edc_core.errors import StoreError
from edc_core.events import Event, EventHandler
from edc_core.landscape.config import PREVIEW, LandscapeConfig, landscape_node, training_of
from edc_core.pipeline.execute import compute
from edc_core.pipeline.prepare import PreparedRun
from edc_core.stage_graph import StageNode, Student
from edc_core.store import BUNDLED, Recorder, StageResults, Store
from edc_core.store.arrays import read_arrays
from edc_core.store.files import read_json


@dataclass(frozen=True)
class Landscape:
    """An answer (`about`, see the stage), and a surface's arrays by name; `done` marks what is known of them."""

    about: dict[str, Any]
    arrays: dict[str, np.ndarray]
    whole: bool = True


def node_of(prepared: PreparedRun, settings: LandscapeConfig, student: Student | None = None) -> StageNode:
    """The stage that answers; see `landscape.config.landscape_node`."""
    return landscape_node(prepared.config, prepared.description.digest, prepared.nodes, settings, student)


def trained_node(prepared: PreparedRun, student: Student | None = None) -> StageNode:
    """The training of a run's student (None: the first); its key is what kind "between" asks for."""
    return training_of(prepared.nodes, student)


def compute_nodes(
    wider: PreparedRun, keys: set[str], store: Store, name: str, observe: EventHandler
) -> dict[str, float]:
    """Compute these nodes of a widened run (`with_nodes`) and what they stand on, where it is missing.

    `name` is the row of the store that says how far it is and may be asked to stop. Gives computed stages'
    seconds by key.

    Raises:
        Cancelled: it was asked to stop; the next call goes on from there.
    """
    todo = _missing(wider.nodes, keys, store.stage_results)
    if not todo:
        return {}
    dataset = open_dataset(wider.config.dataset, wider.config.data, store.home, wider.description)
    recorder = Recorder(store, name, wider.description.digest)

    def report(event: Event) -> None:
        recorder(event)
        observe(event)

    return compute(wider, todo, dataset, store, recorder, report)


def found(home: Path, key: str, bundled: tuple[Path, ...] = (BUNDLED,)) -> Landscape | None:
    """An answer that is in the store, else a surface as far as it has grown, else None.

    Raises:
        StoreError: it is damaged.
    """
    if folder := StageResults(home, bundled).find(key):
        return Landscape(read_json(folder / "landscape.json"), _arrays(folder / "surface.safetensors"))
    path = home / "partial" / key / PREVIEW
    if not path.exists():
        return None
    try:
        known = read_json(path)
    except StoreError:
        if StageResults(home, bundled).find(key):  # it was finished between the two looks
            return found(home, key, bundled)
        raise
    arrays = {name: np.array(known[name], float) for name in ("loss", "top1", "x", "y")}
    return Landscape({}, arrays | {"done": np.array(known["done"], bool)}, whole=False)


def _missing(nodes: tuple[StageNode, ...], keys: set[str], stage_results: StageResults) -> tuple[StageNode, ...]:
    """The stages to compute for these keys, in order: `stage_graph.pending_stages` for single nodes."""
    by_key, needed, waiting = {node.key: node for node in nodes}, set(), list(keys)
    while waiting:
        key = waiting.pop()
        if key not in needed and stage_results.find(key) is None:
            needed.add(key)
            waiting += by_key[key].inputs
    return tuple(node for node in nodes if node.key in needed)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    return read_arrays(path) if path.exists() else {}
