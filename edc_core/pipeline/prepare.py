"""Preparation of a run: check its settings against its data set, and build its stage graph."""

import functools
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

from edc_core import __version__
from edc_core.config import RunConfig
from edc_core.data import Description, describe
from edc_core.data.dataset import check_part_sizes, training_images
from edc_core.data.sources import full_name
from edc_core.design_space.compose import configure, resolve_profile
from edc_core.environment import check_environment
from edc_core.errors import SettingsError
from edc_core.networks.catalogue import FAMILIES, check_batches, check_fits, family_of
from edc_core.networks.imagenet import check_pretrained
from edc_core.stage_graph import RESULT_STAGES, StageNode, build_stage_graph, data_digest, pending_stages, run_id
from edc_core.store import StageResults
from edc_core.synthesis.initial_images import only_class

LARGEST_SEED = 2**31 - 1
SET_CHECK = "set_check"  # in a manifest: what was found of an imported set before it was judged
REPORTED_VERSIONS = ("torch", "torchvision", "numpy", "pillow", "safetensors", "pydantic")


@dataclass(frozen=True)
class PreparedRun:
    """Run whose settings were checked against its data set; nothing is written yet."""

    config: RunConfig
    description: Description
    nodes: tuple[StageNode, ...]
    run: str
    set_check: dict[str, Any] | None = field(default=None, compare=False)  # of an imported set; enters no key

    def pending(self, stage_results: StageResults, targets: tuple[str, ...] = RESULT_STAGES) -> tuple[StageNode, ...]:
        """The stages that must be computed for the targets ones."""
        return pending_stages(self.nodes, lambda key: stage_results.find(key) is not None, targets)


def dataset_name(name: str) -> str:
    """An embedded data set's name, or the absolute path of a folder, so that a run can be resumed from anywhere."""
    return full_name(name)


def prepare_by_name(
    preset: str,
    dataset: str,
    ipc: int,
    seed: int,
    profile: str = "auto",
    protocol: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> PreparedRun:
    """Compose a run's settings of a preset, a data set and a profile by name, and check them; see `compose.configure`.

    Raises:
        SettingsError: a name is unknown, or a setting does not fit.
        DataError: the data set cannot be read.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise SettingsError(f"seed is {seed}: choose a whole number from 0 to {LARGEST_SEED}.")
    dataset = dataset_name(dataset)
    about = describe(dataset)
    table = resolve_profile(profile, about.classes, about.size)
    return prepare(configure(preset, dataset, table, ipc, seed, protocol, dict(changes or {})), about)


def prepare(config: RunConfig, description: Description | None = None) -> PreparedRun:
    """Prepare a run: check its settings against its data set, and build its stages.

    Raises:
        SettingsError: the IPC, a network or the data set does not fit.
        DataError: the data set cannot be read.
    """
    check_environment()
    description = description or describe(config.dataset)
    check_part_sizes(description, config.data, 1 if config.initialise.kind == "imported" else config.ipc)
    if config.initialise.kind == "imported" and config.initialise.images is None:
        raise SettingsError(
            "initialise.kind 'imported' is an imported set, and initialise.images names none:"
            " 'python -m edc_core evaluate --images DIR' imports one and judges it."
        )
    if config.initialise.kind == "single-class":
        only_class(config.initialise.single_class, description.classes)
    relabel, classes = config.relabel, len(description.classes)
    if relabel.stores and relabel.logits_top_k is not None and relabel.logits_top_k >= classes:
        raise SettingsError(
            f"relabel.logits_top_k is {relabel.logits_top_k}, but the data set has {classes} classes: choose fewer,"
            " or null for all."
        )
    _check_matched(config)
    nodes = build_stage_graph(config, description.digest)
    for node in nodes:
        _check_network(node, config, description)
        if node.stage == "squeeze" and config.squeeze.ready_made:
            check_pretrained(node.name, description.channels, description.size, description.classes)
    tiled = {"views.shuffle_tiles": config.views.shuffle_tiles}
    if config.initialise.is_active("tiles"):
        tiled["initialise.tiles"] = config.initialise.tiles
    for name, tiles in tiled.items():
        if tiles > description.size:
            raise SettingsError(f"{name} is {tiles}, but images are {description.size} px: choose fewer tiles.")
    return PreparedRun(config, description, nodes, run_id(config, nodes))


def _check_matched(config: RunConfig) -> None:
    """Refuse a synthesis that would match nothing: BatchNorm layers alone, and no observer has one."""
    synthesis = config.synthesise
    names = synthesis.observers if synthesis.optimised and not synthesis.match_convolutions else ()
    if names and not any(FAMILIES[family_of(name)[0]].batch_norm for name in names):
        raise SettingsError(
            f"synthesise.match_convolutions is off, and none of synthesise.observers ({', '.join(names)}) has"
            " a BatchNorm layer to match: switch it on, or choose another observer."
        )


def _check_network(node: StageNode, config: RunConfig, description: Description) -> None:
    """Refuse a network that cannot see images of this size, or not learn from batches of this one."""
    if node.stage == "squeeze":
        check_fits(node.name, description.size)
        images = training_images(description.train_counts, config.data)
        if not config.squeeze.ready_made:
            check_batches(node.name, description.size, images, config.squeeze.batch_size, "squeeze.batch_size")
    elif node.stage == "evaluate":
        student = node.trained_student.network
        check_fits(student, description.size)
        images = config.ipc * len(description.classes)
        if config.initialise.kind != "imported":  # whose number stands in the store
            check_batches(student, description.size, images, config.views.batch_size, "views.batch_size")


_version = functools.cache(metadata.version)  # takes a millisecond each, and what runs stays what it was


def versions() -> dict[str, str]:
    """Versions of this package, Python and the libraries that compute."""
    found = {name: _version(name) for name in REPORTED_VERSIONS}
    return {"edc_core": __version__, "python": platform.python_version(), **found}


def manifest(prepared: PreparedRun) -> dict[str, Any]:
    """Manifest of a run: versions, machine, and the data set's identity."""
    about = prepared.description
    checked = {} if prepared.set_check is None else {SET_CHECK: prepared.set_check}
    return checked | {
        "versions": versions(),
        "machine": platform.platform(),
        "dataset": {
            "name": about.name,
            "digest": about.digest,
            "classes": list(about.classes),
            "size": about.size,
            "channels": about.channels,
            "train_counts": list(about.train_counts),
            "test_count": about.test_count,
            "census": about.census.plain(),
        },
        "data_digest": data_digest(prepared.config, about.digest),
    }
