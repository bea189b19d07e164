"""An ablation as data: which cells, on which data sets, at which sizes, how often."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, SerializationInfo, model_validator

from edc_core.ablation.confounds import CONFOUNDS
from edc_core.ablation.factors import (
    WATERFALL,
    Factor,
    changes_of,
    choice_factors,
    fractional_factorial_signs,
    full_factorial_signs,
)
from edc_core.config import Count, Names, Seed
from edc_core.config.base import Settings, active_when, validated
from edc_core.config.field_types import ProfileName
from edc_core.config.paths import SettingPath
from edc_core.design_space.compose import nearest, require_known
from edc_core.design_space.extension_choices import SWITCHES
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.presets import PRESETS, PROTOCOLS
from edc_core.design_space.profiles import PROFILES, Profile
from edc_core.errors import SettingsError

DESIGN_KINDS = {
    "ladder": "presets or methods, as the paper's CONFIG A to G",
    "one-at-a-time": "the baseline (CONFIG A) with one choice added",
    "leave-one-out": "EDC with one choice removed",
    "factorial": "every combination of the chosen choices",
    "fractional": "a balanced fraction of the combinations (from four choices on, main effects clear of two-way"
    " interactions)",
    "confounds": "comparisons that hold a confound fixed: equal steps, equal mean rate, equal iterations",
    "waterfall": "from random images, hard labels, plain training to EDC, every combination of five parts",
}
MAX_CELLS = 4096
REDRAWN = "starting images, synthesis, views and the student's initial weights; not the observers"
SAME_IMAGES = "All are scored on the same images: intervals speak of new seeds, not of new images."
WITH_CHOICES = ("one-at-a-time", "leave-one-out", "factorial", "fractional")


def _by_current_paths(changes: Any) -> Any:
    if not isinstance(changes, dict):
        return changes
    return {str(SettingPath.find(str(path)) or path): value for path, value in changes.items()}


def _by_stored_paths(changes: dict[str, Any], info: SerializationInfo) -> dict[str, Any]:
    found = {path: SettingPath.find(path) if info.by_alias else None for path in changes}
    return {str(setting.stored if (setting := found[path]) else path): value for path, value in changes.items()}


Changes = Annotated[dict[str, Any], BeforeValidator(_by_current_paths), PlainSerializer(_by_stored_paths)]


class Design(Settings):
    """What is asked: a matrix of cells x data sets x IPC x seeds; every student is trained in each run."""

    kind: Literal["ladder", "one-at-a-time", "leave-one-out", "factorial", "fractional", "confounds", "waterfall"]
    presets: Names = Field(("A", "B", "C", "D", "E", "F", "G"), json_schema_extra=active_when(kind=("ladder",)))
    choices: Names = Field(tuple(CHOICES), json_schema_extra=active_when(kind=WITH_CHOICES))
    datasets: Names = ("fashion-mnist-mini",)
    ipcs: tuple[Count, ...] = (10,)
    students: Names = ()  # empty: the table's own
    seeds: Annotated[int, Field(ge=1, le=1000)] = 3
    first_seed: Seed = 0
    profile: ProfileName = Field("auto", alias="settings")  # auto: what suits the data set
    protocol: str | None = None  # judge every cell of a ladder by this one; None: each preset's own
    split: Literal["val", "test"] = "val"
    changes: Changes = {}  # dotted paths laid over every cell

    @model_validator(mode="after")
    def _known(self) -> "Design":
        for field_name, names, known, kind in (
            ("presets", self.presets, PRESETS, "preset"),
            ("choices", self.choices, SWITCHES, "choice"),
        ):
            if not self.is_active(field_name):
                continue
            for name in names:
                require_known(name, known, kind)
            _one_of_each(field_name, names)
        if self.profile != "auto":
            require_known(self.profile, PROFILES, "profile")
        if self.protocol is not None:
            require_known(self.protocol, PROTOCOLS, "protocol")
            if self.kind != "ladder":
                raise ValueError(
                    f"protocol is '{self.protocol}', but the cells of a design of kind '{self.kind}' differ in what a"
                    " protocol fixes: only a ladder is judged by one."
                )
        for field_name in ("datasets", "ipcs"):
            _one_of_each(field_name, getattr(self, field_name))
        if self.kind == "fractional":
            fractional_factorial_signs(len(self.choices))
        return self

    @property
    def seed_list(self) -> tuple[int, ...]:
        return tuple(range(self.first_seed, self.first_seed + self.seeds))


@dataclass(frozen=True)
class Cell:
    """One point of a design: a preset with changes; `on` names the factors that are on, None in a ladder."""

    name: str
    preset: str
    changes: dict[str, Any] = field(default_factory=dict, hash=False)
    on: frozenset[str] | None = None


def _one_of_each(name: str, values: Sequence) -> None:
    if not values:
        raise ValueError(f"{name} is empty: choose at least one.")
    if len(set(values)) < len(values):
        raise ValueError(f"{name} is {', '.join(map(str, values))}: name each one once.")


def parse_design(values: dict[str, Any]) -> Design:
    """A design from plain values.

    Raises:
        SettingsError: naming the setting, its value and the cure.
    """
    return validated(Design, values)


def refuse_ignored(
    kind: str, presets: str | Sequence[str] | None, choices: str | Sequence[str] | None, dashes: str = ""
) -> None:
    """Refuse an unknown kind, and what it ignores, so that a typo starts no other matrix.

    `dashes` stand before a name in the sentence, where it is an option's.

    Raises:
        SettingsError: naming the kind or the option.
    """
    if kind not in DESIGN_KINDS:
        raise SettingsError(f"{dashes}kind is '{kind}': {nearest(kind, DESIGN_KINDS)}")
    if presets is not None and kind != "ladder":
        given = f"{dashes}presets is '{_listed(presets)}'"
        raise SettingsError(f"{given}, but {dashes}kind {kind} has no presets: leave one of the two out.")
    if choices is not None and kind not in WITH_CHOICES:
        given = f"{dashes}choices is '{_listed(choices)}'"
        raise SettingsError(f"{given}, but {dashes}kind {kind} reads none: choose {dashes}kind factorial.")


def _listed(names: str | Sequence[str]) -> str:
    return names if isinstance(names, str) else ",".join(names)


def factors_of(design: Design, table: Profile) -> tuple[Factor, ...]:
    """The two-level factors of a design; none in a ladder and among confounds."""
    if design.kind == "waterfall":
        return WATERFALL
    return choice_factors(table, design.choices) if design.kind in WITH_CHOICES else ()


def cells_of(design: Design, table: Profile, ipc: int = 10, classes: int = 10) -> list[Cell]:
    """The cells in the order in which they are told; confounds hold steps fixed, which depend on the images."""
    if design.kind == "ladder":
        return [Cell(name, name) for name in design.presets]
    if design.kind == "confounds":
        return [Cell(entry.name, "G", entry.settings(table, ipc, classes)) for entry in CONFOUNDS]
    factors = factors_of(design, table)
    names = tuple(factor.name for factor in factors)
    everything = frozenset(names)
    if design.kind == "one-at-a-time":
        combinations = [frozenset(), *(frozenset({name}) for name in names)]
    elif design.kind == "leave-one-out":
        combinations = [everything, *(everything - {name} for name in names)]
    else:
        rows = (
            fractional_factorial_signs(len(names)) if design.kind == "fractional" else full_factorial_signs(len(names))
        )
        combinations = [frozenset(name for name, value in zip(names, row, strict=True) if value) for row in rows]
    return [_cell(factors, on) for on in combinations]


def _cell(factors: tuple[Factor, ...], on: frozenset[str]) -> Cell:
    """What is not among the factors stays as it is in EDC."""
    return Cell(label(factors, on), "G", changes_of(factors, on), on)


def label(factors: tuple[Factor, ...], on: frozenset[str]) -> str:
    """How a combination is named: by the few that are on, or by the few that are off."""
    titles = {factor.name: factor.title for factor in factors}
    off = [title for name, title in titles.items() if name not in on]
    named_on = [title for name, title in titles.items() if name in on]
    if not off:
        return "all on"
    if not named_on:
        return "all off"
    return "only " + ", ".join(named_on) if len(named_on) <= len(off) else "without " + ", ".join(off)
