"""Loss landscape settings and their stage.

Landscape queries are extra stages on top of a finished run and never enter its cache key; one student may have any
number of them. References: Li et al. (2018), Foret et al. (2021), and the paper's figure 2c.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from edc_core.config import Count, Positive, RunConfig, Seed
from edc_core.config.base import Settings, active_when, explain
from edc_core.errors import SettingsError
from edc_core.stage_graph import CODE_VERSIONS, StageNode, Student, data_digest, stable_hash

PREVIEW = "checkpoint-surface.json"  # what a growing surface leaves to be looked at; dropped when it is whole
SURFACES = ("slice", "plane", "path", "between")
OF_STUDENTS = (*SURFACES, "sharpness", "cosine")
LANDSCAPE_KINDS = {
    "slice": "the loss along one random direction",
    "plane": "the loss on a plane of two random directions",
    "path": "the loss on the plane that the optimiser's path spans best, and the path",
    "between": "the loss on the line from one student to another",
    "sharpness": "how the loss curves in the student's weights",
    "cosine": "how far a batch's gradient agrees with the whole set's",
    "images": "how the matching loss curves in the condensed images, during synthesis",
}
# Of the sharpness that is measured while a run works (`pipeline/stages/live_sharpness.py`).
LIVE_RADIUS = 0.05  # of a student: L2, over all weights, as on the Landscape page
LIVE_IMAGE_RADIUS = 0.05  # of images: root mean square of a pixel's move, in normalised units
LIVE_ASCENTS = 2  # the Landscape page takes ten
LIVE_HELD_OUT, LIVE_FORMING = 50, 20  # images
# What people call a kind that is stored by another word.
STORED_KINDS = {"interpolation": "between", "gradient-cosine": "cosine", "synthesis-curvature": "images"}
# Settings of the synthesis, beside its observers, that its matching loss reads.
MATCHING = ("alpha", "category_form", "category_variance", "first_layer_weight", "match_convolutions", "match_patches")
MATCHING += ("grouping",)


class LandscapeConfig(Settings):
    """One question about one student (or, of kind `images`, about one synthesis)."""

    kind: Literal["slice", "plane", "path", "between", "sharpness", "cosine", "images"] = "plane"
    weights: Literal["raw", "ema"] = Field(
        "raw", json_schema_extra=active_when(kind=tuple(set(OF_STUDENTS) - {"path"}))
    )
    # condensed: the student's own training loss, another function for every condensed set.
    split: Literal["val", "test", "condensed"] = Field(
        "test", json_schema_extra=active_when(kind=(*SURFACES, "sharpness"))
    )
    images: Count = Field(500, json_schema_extra=active_when(kind=OF_STUDENTS))  # real ones, or views of condensed ones
    grid: Annotated[int, Field(ge=3, le=101)] = Field(21, json_schema_extra=active_when(kind=SURFACES))  # points a side
    span: Positive = Field(
        1.0, json_schema_extra=active_when(kind=("slice", "plane"))
    )  # half a side; 1: filters' own norms
    other: str | None = Field(
        None, json_schema_extra=active_when(kind=("between",))
    )  # key of the other trained student
    eigenvalues: Annotated[int, Field(ge=1, le=20)] = Field(3, json_schema_extra=active_when(kind=("sharpness",)))
    # Hutchinson's random vectors.
    vectors: Annotated[int, Field(ge=2, le=10_000)] = Field(
        30, json_schema_extra=active_when(kind=("sharpness", "images"))
    )
    radius: Positive = Field(0.05, json_schema_extra=active_when(kind=("sharpness",)))  # of the ball, L2 in the weights
    ascents: Annotated[int, Field(ge=1, le=1000)] = Field(10, json_schema_extra=active_when(kind=("sharpness",)))
    every: Count = Field(100, json_schema_extra=active_when(kind=("images",)))  # iterations between two measurements
    seed: Seed = Field(0, json_schema_extra=active_when(kind=("slice", "plane", "sharpness", "cosine", "images")))

    @model_validator(mode="after")
    def _possible(self) -> "LandscapeConfig":
        if self.is_active("grid") and self.grid % 2 == 0:
            raise ValueError(f"grid is {self.grid}: give an odd number, so that the trained weights are its centre.")
        if self.kind == "between" and self.other is None:
            raise ValueError("kind 'between' needs the other student: set other to its key.")
        return self

    @property
    def points(self) -> int:
        """Points of a surface; 1 where the question is not about one."""
        return {"slice": self.grid, "between": self.grid, "plane": self.grid**2, "path": self.grid**2}.get(self.kind, 1)

    @property
    def work(self) -> float:
        """Amount of work, to which the time of one kind and one network is proportional."""
        vectors = {"sharpness": self.vectors, "images": self.vectors / self.every}.get(self.kind, 1)
        return self.points * vectors * (self.images if self.kind in OF_STUDENTS else 1)

    def cost_name(self, student: Student | None) -> str:
        """Under what name a machine remembers the seconds of a unit of work on this student's network."""
        return f"landscape {self.kind} {student.network if student else ''}".strip()


def landscape_config(**values) -> LandscapeConfig:
    """Checked settings.

    Raises:
        SettingsError: naming the setting, its value and the cure.
    """
    try:
        return LandscapeConfig(**values)
    except ValidationError as error:
        raise explain(error, LandscapeConfig) from None


def landscape_node(
    config: RunConfig,
    digest: str,
    nodes: tuple[StageNode, ...],
    settings: LandscapeConfig,
    student: Student | None = None,
) -> StageNode:
    """The stage that answers `settings` for a run's student (None: the run's first).

    Raises:
        SettingsError: the run has no such student, or no synthesis.
    """
    if settings.kind == "images":
        return _of_synthesis(config, digest, nodes, settings)
    chosen = training_of(nodes, student)
    inputs = (chosen.key, *chosen.inputs, *_committee_keys(config, nodes, settings))
    return _node(config, digest, settings, chosen.student, inputs)


def training_of(nodes: tuple[StageNode, ...], student: Student | None = None) -> StageNode:
    """The stage that trains a run's student (None: its first).

    Raises:
        SettingsError: the run has no such student.
    """
    trained = [node for node in nodes if node.stage == "evaluate"]
    if chosen := next((node for node in trained if student in (None, node.student)), None):
        return chosen
    names = ", ".join(node.name for node in trained)
    raise SettingsError(f"student '{student}' is none of this run's: choose {names}.")


def _committee_keys(config: RunConfig, nodes: tuple[StageNode, ...], settings: LandscapeConfig) -> tuple[str, ...]:
    """Keys of the committee, if the loss needs labels and the student, taught by stored labels, has no committee."""
    own_loss = settings.kind == "cosine" or (settings.is_active("split") and settings.split == "condensed")
    if not (own_loss and config.relabel.stores):
        return ()
    return tuple(node.key for node in nodes if node.stage == "squeeze" and node.name in config.relabel.observers)


def _of_synthesis(config: RunConfig, digest: str, nodes: tuple[StageNode, ...], settings: LandscapeConfig) -> StageNode:
    made = next(node for node in nodes if node.stage == "synthesise")
    if not config.synthesise.optimised:
        raise SettingsError(
            f"preset '{config.preset}' optimises no images, so there is no matching loss: choose another run."
        )
    return _node(config, digest, settings, None, (made.key, *made.inputs))


def _node(
    config: RunConfig, digest: str, settings: LandscapeConfig, student: Student | None, inputs: tuple[str, ...]
) -> StageNode:
    name = str(student or "")
    data = data_digest(config, digest)
    key = stable_hash("landscape", CODE_VERSIONS["landscape"], data, settings.cache_key_fields(), list(inputs), [name])
    return StageNode("landscape", f"{settings.kind} {name}".strip(), key, settings, inputs, student)


def matching_loss(config: RunConfig, nodes: tuple[StageNode, ...], images: int) -> dict[str, Any]:
    """Definition of the matching loss that kind `images` measures; equal ones can be compared.

    `images`: how many the first batch has.
    """
    synthesis = config.synthesise
    made = next(node for node in nodes if node.stage == "synthesise")
    parts = {name: getattr(synthesis, name) for name in MATCHING if synthesis.is_active(name)}
    # The moments are reset before each look: from a first batch they start whole, from zero shrunken.
    parts["running_moments_init"] = synthesis.momentum if synthesis.running_moments_init == "zero" else 0.0
    measured = {node.key for node in nodes if node.stage in ("statistics", "difficulty")}
    parts["statistics"] = tuple(sorted(measured.intersection(made.inputs)))
    return {"observers": tuple(sorted(synthesis.observers)), "images at once": images} | parts


def differing(losses: Sequence[dict[str, Any]]) -> list[str]:
    """In what these losses differ, as a person says it; empty where they are one.

    What another difference brings with it goes without saying: settings that only some read, and the statistics
    of another committee.
    """
    names = dict.fromkeys(name for loss in losses for name in loss)
    found = [name for name in names if len({loss[name] for loss in losses if name in loss}) > 1]
    brought = {"observers", "grouping"} & set(found)
    return [name.replace("_", " ") for name in found if name != "statistics" or not brought]


def with_nodes(prepared, extra: tuple[StageNode, ...]):
    """A prepared run that also lays out these stages; its own keys and its name stay as they are."""
    return replace(prepared, nodes=prepared.nodes + tuple({node.key: node for node in extra}.values()))
