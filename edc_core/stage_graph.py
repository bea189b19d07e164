"""Stage graph: the stages of a run, with their cache keys and inputs.

Pages forecast with it, and a repeated run finds its results in the store by the keys.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edc_core.config import RunConfig
from edc_core.config.base import Settings
from edc_core.errors import SettingsError

# Raised whenever a stage's code would give another result for the same settings.
CODE_VERSIONS = {
    "squeeze": 1,
    "statistics": 1,
    "difficulty": 1,
    "initialise": 2,
    "synthesise": 1,
    "relabel": 1,
    "evaluate": 1,
    "score": 1,
    "neighbours": 3,
    "landscape": 2,  # in no run's plan: see landscape.config
}
# Stages whose results make a run finished. Bundled runs ship scores but no student weights.
RESULT_STAGES = ("synthesise", "relabel", "score")
EXTRA_STAGES = ("neighbours",)  # computed on request; not part of the run's id


@dataclass(frozen=True, order=True)
class Student:
    """One student of a run: its network, and the seed of its training. As text "network/seed"."""

    network: str
    seed: int

    @classmethod
    def parse(cls, text: str) -> "Student":
        """The student that a stage, a stored row or an option names.

        Raises:
            SettingsError: the text is not of the form network/seed.
        """
        network, _, seed = text.rpartition("/")
        if not network or not re.fullmatch("[0-9]{1,10}", seed):
            raise SettingsError(f"student '{text}' is not of the form network/seed: name it so, e.g. resnet18/0.")
        return cls(network, int(seed))

    @classmethod
    def parse_optional(cls, text: str) -> "Student | None":
        """None for an empty text, which stands for a run's first student."""
        return cls.parse(text) if text else None

    def __str__(self) -> str:
        return f"{self.network}/{self.seed}"


@dataclass(frozen=True)
class StageNode:
    """One stage of a run: `name` tells which observer, or which student."""

    stage: str
    name: str
    key: str
    settings: Settings
    inputs: tuple[str, ...]  # keys of the nodes whose results it reads
    student: Student | None = None  # that it trains, scores or measures

    @property
    def trained_student(self) -> Student:
        """The student of a stage that has one."""
        if self.student is None:
            raise ValueError(f"stage {self.stage} '{self.name}' is of no student: ask a stage that trains or scores.")
        return self.student

    def plain(self) -> dict[str, Any]:
        return {"stage": self.stage, "name": self.name, "key": self.key}


def stable_hash(*parts: Any) -> str:
    """Hash of JSON values: 24 hexadecimal digits that depend on every part."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def data_digest(config: RunConfig, digest: str) -> str:
    """Digest of the training images: the data set's digest and its split."""
    return stable_hash(digest, config.data.cache_key_fields())


class _GraphBuilder:
    """Stages of one run, each added once under its cache key."""

    def __init__(self, config: RunConfig, digest: str) -> None:
        self.config = config
        self.data = data_digest(config, digest)
        self.nodes: list[StageNode] = []
        self._key_fields: dict[int, dict[str, Any]] = {}  # of each stage's settings, which many stages share

    def add(
        self,
        stage: str,
        of: str | Student,
        settings: Settings,
        upstream: list[StageNode],
        *more: Any,
        keyed: Any = None,
    ) -> StageNode:
        if (own := keyed) is None and (own := self._key_fields.get(id(settings))) is None:
            own = self._key_fields[id(settings)] = settings.cache_key_fields()
        keys = tuple(node.key for node in upstream)
        key = stable_hash(stage, CODE_VERSIONS[stage], self.data, own, list(keys), list(more))
        known = next((node for node in self.nodes if node.key == key), None)
        if known is None:
            known = StageNode(stage, str(of), key, settings, keys, of if isinstance(of, Student) else None)
            self.nodes.append(known)
        return known

    def squeezed(self, names: tuple[str, ...]) -> list[StageNode]:
        """The trained observers of these names."""
        return [self.add("squeeze", name, self.config.squeeze, [], name) for name in names]

    def measured(self, observers: list[StageNode]) -> list[StageNode]:
        """The statistics of each observer."""
        return [self.add("statistics", node.name, self.config.statistics, [node]) for node in observers]

    def grouped(self) -> list[StageNode]:
        """The division of the training images by difficulty, as the observers of the synthesis see it."""
        config = self.config
        if not config.synthesise.grouped:
            return []
        watched = self.squeezed(config.synthesise.observers)
        own = {
            "statistics": config.statistics.cache_key_fields(),
            "spread": config.synthesise.grouping_variance_weight,
            "ipc": config.ipc,
        }
        return [self.add("difficulty", "", config.statistics, [*watched, *self.measured(watched)], keyed=own)]


def build_stage_graph(config: RunConfig, digest: str) -> tuple[StageNode, ...]:
    """A run's stages in an order in which they can be computed."""
    graph = _GraphBuilder(config, digest)
    add, squeezed = graph.add, graph.squeezed
    scorers = squeezed((config.initialise.scorer,)) if config.initialise.is_active("scorer") else []
    starts = graph.grouped() if config.initialise.kind == "real" else []
    initial = add("initialise", "", config.initialise, [*scorers, *starts], config.ipc)
    observers = squeezed(config.synthesise.observers) if config.synthesise.optimised else []
    upstream = [initial, *observers, *graph.measured(observers), *graph.grouped()]
    images = add("synthesise", "", config.synthesise, upstream)
    committee = squeezed(config.relabel.observers) if config.relabel.labels == "soft" else []
    views = config.views.cache_key_fields() | {"relabel": config.relabel.cache_key_fields()}
    labels = add("relabel", "", config.relabel, [images, *committee], keyed=views)
    settings = {
        name: value
        for name, value in config.evaluate.cache_key_fields().items()
        if name not in ("students", "seeds", "seed")
    }
    for network in config.evaluate.students:
        for seed in range(config.evaluate.seed, config.evaluate.seed + config.evaluate.seeds):
            upstream = [labels, images, *(() if config.relabel.stores else committee)]
            student = Student(network, seed)
            trained = add("evaluate", student, config.evaluate, upstream, keyed=[network, seed, settings])
            add("score", student, config.score, [trained], keyed=config.score.split)
    exactly = [config.relabel.precision] if committee and config.relabel.precision != "auto" else []
    add("neighbours", "", config.relabel, [images, initial, *committee[:1]], keyed=exactly)
    return tuple(graph.nodes)


def pending_stages(
    nodes: tuple[StageNode, ...], found: Callable[[str], bool], targets: tuple[str, ...] = RESULT_STAGES
) -> tuple[StageNode, ...]:
    """Stages that must be computed for the target stages: they and their inputs, but for stored results."""
    by_key = {node.key: node for node in nodes}
    needed: set[str] = set()

    def need(node: StageNode) -> None:
        if node.key in needed or found(node.key):
            return
        needed.add(node.key)
        for key in node.inputs:
            need(by_key[key])

    for node in nodes:
        if node.stage in targets:
            need(node)
    return tuple(node for node in nodes if node.key in needed)


def run_id(config: RunConfig, nodes: tuple[StageNode, ...]) -> str:
    """Identifier of a run: readable, safe as a path, and the same for the same settings on the same data."""
    own = [node.key for node in nodes if node.stage not in EXTRA_STAGES]
    identity = stable_hash(own, config.score.weights, config.preset, config.protocol)
    readable = (
        f"{config.preset}-{config.dataset.rstrip('/').rpartition('/')[2]}-ipc{config.ipc}-s{config.evaluate.seed}"
    )
    return f"{re.sub(r'[^a-z0-9]+', '-', readable.lower()).strip('-')}-{identity[:8]}"
