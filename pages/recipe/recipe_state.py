"""Recipe as plain values (no Streamlit): settings, differences from EDC, command line."""

import json
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from edc_core.config import RunConfig
from edc_core.config.paths import SettingPath, stages_of
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.design_space.presets import PRESETS, SWITCHES, Choice, Control
from edc_core.errors import SettingsError

REFERENCE = "G"  # what everything is compared with: EDC
# Settings of the run as a whole, which belong to no choice.
RUN_CONTROLS = (
    Control("evaluate.students", "Students", "These networks are trained on the condensed images and scored"),
    Control(
        "evaluate.seeds",
        "Students per network",
        "Each starts from its own initial weights; three or more give an interval",
    ),
    Control(
        "score.split",
        "Scored on",
        "Test images are used once, at the end of the run; with held-out training images they stay unused",
        words={"test": "test images", "val": "held-out training images"},
    ),
)


@dataclass(frozen=True)
class Difference:
    """One active setting that differs from EDC's."""

    path: str
    here: Any
    there: Any
    choice: str | None  # the design choice it belongs to


@dataclass(frozen=True)
class Recipe:
    """A preset on a data set, and its changes by setting path."""

    preset: str = REFERENCE
    dataset: str = "fashion-mnist-mini"
    table: str = "lab"
    ipc: int = 10
    seed: int = 0
    changes: Mapping[str, Any] = field(default_factory=dict)

    def config(self) -> RunConfig:
        """The run's settings, exactly as `python -m edc_core run --set ...` makes them.

        Raises:
            SettingsError: a wrong value or combination.
        """
        table = get_profile(self.table)
        return configure(self.preset, self.dataset, table, self.ipc, self.seed, changes=dict(self.changes))

    @cached_property
    def untouched(self) -> RunConfig:
        """The preset's own settings."""
        return replace(self, changes={}).config()

    @cached_property
    def reference(self) -> RunConfig:
        """EDC's settings on the same data set."""
        return replace(self, preset=REFERENCE, changes={}).config()

    @cached_property
    def sketch(self) -> RunConfig:
        """The settings unchecked together, so that a page can show where they clash.

        What is no setting, or no value of its setting, is left out: the preset's own stands there.
        """
        config = self.untouched
        for path, value in self.changes.items():
            with suppress(SettingsError):
                config = SettingPath.parse(path).set(config, value)
        return config

    def value(self, path: str) -> Any:
        return SettingPath.parse(path).get(self.sketch)

    def reads(self, path: str) -> bool:
        """Whether the setting matters as the others stand."""
        return SettingPath.parse(path).is_active(self.sketch)

    def changed(self, values: Mapping[str, Any]) -> "Recipe":
        """Copy with these settings; values equal to the preset's are dropped."""
        merged = dict(self.changes) | {path: _tuples(value) for path, value in values.items()}
        kept = {path: value for path, value in merged.items() if not _is_own(self.untouched, path, value)}
        return replace(self, changes=kept)

    def is_on(self, name: str) -> bool:
        """Whether a choice stands on; where it is neither its "off" nor its "on", by the preset or whoever moved it."""
        choice, own = SWITCHES[name], deciding(SWITCHES[name], self.values_of(name, True), self.values_of(name, False))
        here = {path: self.value(path) for path in own}
        if here == {path: _tuples(self.values_of(name, False)[path]) for path in own}:
            return False
        if here == {path: _tuples(self.values_of(name, True)[path]) for path in own}:
            return True
        if choice.exact_match:
            return False
        return name in PRESETS[self.preset].choices or any(path in self.changes for path in choice.paths)

    def has_switch(self, name: str) -> bool:
        """Whether on and off differ on this data set."""
        return self.values_of(name, True) != self.values_of(name, False)

    def values_of(self, name: str, on: bool) -> dict[str, Any]:
        """The choice's settings where it is on or off, on this data set."""
        table = get_profile(self.table)
        values = dict(SWITCHES[name].values(on)) | (table.on if on else table.off).get(name, {})
        return {path: table.named[v[1:]] if isinstance(v, str) and v[:1] == "@" else v for path, v in values.items()}

    def switched(self, name: str, on: bool) -> "Recipe":
        """With the choice on or off: as the preset has it where it stands so, else as the data set's table has it."""
        paths = {*SWITCHES[name].paths, *self.values_of(name, True), *self.values_of(name, False)}
        bare = replace(self, changes={path: value for path, value in self.changes.items() if path not in paths})
        return bare if bare.is_on(name) == on else bare.changed(self.values_of(name, on))

    def differences(self) -> list[Difference]:
        """Active settings that differ from EDC, by design choice."""
        # A setting that two choices offer is the last one's, which decides by it.
        owners = {path: name for name, choice in SWITCHES.items() for path in choice.paths}
        order = list(SWITCHES)
        found = []
        reference = stages_of(self.reference)
        for stage, here in stages_of(self.sketch).items():
            there = reference[stage]
            for name in type(here).model_fields:
                path = f"{stage}.{name}"
                if name != "seed" and here.is_active(name) and getattr(here, name) != getattr(there, name):
                    found.append(Difference(path, getattr(here, name), getattr(there, name), owners.get(path)))
        return sorted(found, key=lambda one: order.index(one.choice) if one.choice else len(order))

    def command(self, automatic: str | None = None) -> str:
        """The command line that makes the same run; `automatic` is the table that it would take by itself."""
        words = ["python", "-m", "edc_core", "run", "--preset", self.preset, "--dataset", self.dataset]
        words += ["--ipc", str(self.ipc), "--seed", str(self.seed)]
        words += ["--profile", self.table] if self.table != automatic else []
        for pair in change_pairs(self.changes):
            words += ["--set", pair]
        return shlex.join(words)


def deciding(choice: Choice, on: Mapping[str, Any], off: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings by which a choice counts as on or off."""
    return tuple(path for path in choice.switch_paths or {**off, **on} if path in on and path in off)


def change_pairs(changes: Mapping[str, Any]) -> list[str]:
    """`stage.setting=value`, as `--set` takes them."""
    return [f"{path}={_typed(path, value)}" for path, value in sorted(changes.items())]


def format_changes(changes: Mapping[str, Any]) -> str:
    """Changes as one short line for the address: `synthesise.alpha=0.7;evaluate.zeta=1.5`."""
    return ";".join(pair.replace("%", "%25").replace(";", "%3B") for pair in change_pairs(changes))


def read_changes(text: str) -> dict[str, Any]:
    """Changes parsed from the address.

    Raises:
        SettingsError: a part is not of the form stage.setting=value.
    """
    parts = [part.strip().replace("%3B", ";").replace("%25", "%") for part in (text or "").split(";")]
    return {path: _tuples(value) for path, value in parse_changes(part for part in parts if part).items()}


def _typed(path: str, value: Any) -> str:
    setting = SettingPath.find(path)
    named = isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)
    if named and setting and setting.is_list:
        return ",".join(value)
    if isinstance(value, str) and _is_plain(value):
        return value
    return json.dumps(value)


def _is_plain(text: str) -> bool:
    """Whether text is read back as itself: no JSON, and not empty."""
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _is_own(config: RunConfig, path: str, value: Any) -> bool:
    setting = SettingPath.find(path)
    if setting is None:  # an unknown setting stays, and says so when it is checked
        return False
    own = setting.get(config)
    return own == value and isinstance(own, bool) == isinstance(value, bool)


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
