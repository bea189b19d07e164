"""Design choices as data, from which pages, tables and the command line are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from edc_core.config.paths import SettingPath

Overrides = Mapping[str, Any]  # dotted paths to values
WIDEST_SLIDER = 30  # a wider range is typed, not dragged


@dataclass(frozen=True)
class Control:
    """One setting as somebody sees it; what widget it is follows from the setting's type.

    `low`, `high` and `step` narrow a number to the range worth dragging through, `words` say in plain
    words what an option is, `more` puts it behind "more settings".
    """

    path: str
    label: str
    hint: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    words: Mapping[Any, str] = field(default_factory=dict)
    more: bool = False

    @cached_property
    def setting(self) -> SettingPath:
        return SettingPath.parse(self.path)

    @property
    def optional(self) -> bool:
        """Whether null is a value."""
        return self.setting.optional

    @property
    def options(self) -> tuple[Any, ...]:
        """The values of an option list, else none."""
        return self.setting.options

    @property
    def whole(self) -> bool:
        return int in self.setting.types

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the largest value worth offering; the settings themselves may allow more."""
        least = [value for mark in self.setting.marks for value in _bound(mark, "ge", "gt")]
        most = [value for mark in self.setting.marks for value in _bound(mark, "le", "lt")]
        low = self.low if self.low is not None else max(least, default=None)
        return low, self.high if self.high is not None else min(most, default=None)

    @property
    def kind(self) -> Literal["options", "switch", "networks", "network", "slider", "number", "text"]:
        """The widget, by the setting's type."""
        kinds, (low, high) = self.setting.types, self.bounds
        if self.options:
            return "options"
        if bool in kinds:
            return "switch"
        if self.setting.is_list:
            return "networks"
        if self.setting.holds_text:
            return "network" if self.setting.names else "text"
        narrow = low is not None and high is not None and high - low <= WIDEST_SLIDER
        return "slider" if narrow and not self.optional else "number"


def _bound(mark: Any, *names: str) -> list[float]:
    marks = getattr(mark, "metadata", None) or [mark]  # pydantic's Field(ge=..., le=...) holds its marks
    return [float(value) for one in marks for name in names if (value := getattr(one, name, None)) is not None]


@dataclass(frozen=True)
class Evidence:
    """Top-1 in percent as the paper prints it, under its own protocol; never ours."""

    source: str  # "table 3"
    setting: str  # "ImageNet-1k, IPC 10, ResNet-18"
    rows: tuple[tuple[str, float], ...]
    note: str = ""
    off: str = ""  # the row without the choice and the one with it, where two rows say what it brings
    on: str = ""

    @property
    def gain(self) -> float | None:
        """Points of top-1 between those two rows; None where the paper prints no such pair."""
        printed = dict(self.rows)
        return printed[self.on] - printed[self.off] if self.on else None


@dataclass(frozen=True)
class Choice:
    """One design choice: what it mends, how it is written and set, where the paper shows it.

    `off_values` and `on_values` are its settings on every data set; a table's own (`profiles/`) come
    before them. `required_values` are settings that the choice needs, on or off. `switch_paths`
    are the settings by which it counts as on or off (default: all of `on_values` and `off_values`).
    """

    title: str
    stages: tuple[str, ...]
    weakness: str  # the paper's word for what it mends
    formula: str  # LaTeX
    off: str
    on: str
    source: str  # where in the paper
    explained: str = ""  # the weakness and the cure, in plain words
    rung: str | None = None  # the CONFIG that adds it; None: an extension
    controls: tuple[Control, ...] = ()
    switch_paths: tuple[str, ...] = ()
    miniature: str | None = None
    evidence: tuple[Evidence, ...] = ()
    exact_match: bool = False  # on at its on values alone: any other value is somebody else's choice
    off_values: Overrides = field(default_factory=dict)
    on_values: Overrides = field(default_factory=dict)
    required_values: Overrides = field(default_factory=dict)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every setting that belongs to the choice."""
        own = [control.path for control in self.controls]
        return tuple(
            dict.fromkeys([*own, *self.switch_paths, *self.off_values, *self.on_values, *self.required_values])
        )

    def values(self, on: bool) -> Overrides:
        return self.on_values if on else self.off_values
