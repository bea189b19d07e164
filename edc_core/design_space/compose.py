"""The one way from names (a preset, a table of settings, a protocol) and single changes to a run's settings."""

import difflib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from edc_core.config import RunConfig, validate_config
from edc_core.config.field_types import COMMITTEE
from edc_core.config.paths import EVERY_PRECISION, SettingPath, nest, paths_with
from edc_core.design_space.committees import COMMITTEES
from edc_core.design_space.presets import EVALUATION_CHOICES, GIVEN, PRESETS, PROTOCOLS, SWITCHES, Overrides
from edc_core.design_space.profiles import PROFILES, Profile, current_profile, default_profile
from edc_core.errors import SettingsError


def configure(
    preset: str,
    dataset: str,
    table: Profile,
    ipc: int,
    seed: int,
    protocol: str | None = None,
    changes: Overrides | None = None,
) -> RunConfig:
    """A run's settings: the data set's table, then the preset, then a protocol, then single changes.

    `protocol` None keeps the preset's own evaluation; a name evaluates it as EDC on this data set
    would, with that protocol's departures, so that presets can be compared under one protocol. The change
    `device.precision` is that of every stage's precision; a stage's own goes before it.

    Raises:
        SettingsError: an unknown name or a wrong value.
    """
    entry = GIVEN if preset == "given" else PRESETS[require_known(preset, PRESETS, "preset")]
    on = set(entry.choices)
    overrides = dict(entry.overrides)
    if protocol is not None:
        require_known(protocol, PROTOCOLS, "protocol")
        on |= set(EVALUATION_CHOICES)
        overrides = {key: value for key, value in overrides.items() if key.startswith(("initialise.", "synthesise."))}
    values: dict[str, Any] = {
        path: value for choice in SWITCHES.values() for path, value in choice.required_values.items()
    }
    values |= table.base
    for name, choice in SWITCHES.items():
        values |= choice.values(name in on) | (table.on if name in on else table.off).get(name, {})
    if protocol is not None:
        values |= {key: value for key, value in table.on["backbones"].items() if key.startswith("relabel.")}
    values |= table.by_ipc(ipc) | overrides | PROTOCOLS[protocol or entry.protocol][1]
    values = {key: table.named[value[1:]] if _is_reference(value) else value for key, value in values.items()}
    for stage in ("initialise", "synthesise", "views", "evaluate"):
        values[f"{stage}.seed"] = seed
    values |= {"preset": preset, "protocol": protocol or entry.protocol, "profile": table.name}
    values |= {"dataset": dataset, "ipc": ipc}
    changes = _for_every_stage(changes or {})
    return validate_config(nest(values | {path: _resolved(path, value, table) for path, value in changes.items()}))


def _for_every_stage(changes: Overrides) -> Overrides:
    """`device.precision` as the precision of each stage that has one; a stage's own goes before it."""
    if EVERY_PRECISION not in changes:
        return changes
    every = {str(path): changes[EVERY_PRECISION] for path in paths_with("precision")}
    return every | {path: value for path, value in changes.items() if path != EVERY_PRECISION}


def require_known(name: str, known: Iterable[str], kind: str) -> str:
    """`name`, if it is known.

    Raises:
        SettingsError: naming the nearest known name.
    """
    known = list(known)
    if name in known:
        return name
    raise SettingsError(f"{kind} '{name}' is unknown: {nearest(name, known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Cure for an unknown name, to end a sentence with: the nearest known one, else all of them."""
    known = list(known)
    near = difflib.get_close_matches(name.lower(), [entry.lower() for entry in known], n=1)
    hint = next((entry for entry in known if near and entry.lower() == near[0]), None)
    return f"did you mean '{hint}'?" if hint else f"choose one of {', '.join(known)}."


def evaluation_changes(
    students: Sequence[str] | None, students_per_network: int | None, split: str | None
) -> dict[str, Any]:
    """Changes of the settings that have a name of their own: who is trained on the images, how often, scored on what.

    None changes nothing.
    """
    changes: dict[str, Any] = {"evaluate.students": list(students)} if students else {}
    if students_per_network is not None:
        changes["evaluate.seeds"] = students_per_network
    if split is not None:
        changes["score.split"] = split
    return changes


def get_profile(name: str) -> Profile:
    """The profile of that name (`PROFILES`), or of the name that it is stored under."""
    return PROFILES[require_known(current_profile(name), PROFILES, "profile")]


def resolve_profile(name: str, classes: tuple[str, ...], size: int) -> Profile:
    """Profile of that name; of "auto" the one that suits a data set with these classes and this image size."""
    return default_profile(classes, size) if name == "auto" else get_profile(name)


def parse_changes(pairs: Iterable[str]) -> dict[str, Any]:
    """`stage.setting=value` pairs as typed on the command line; values are JSON, else plain text or a,b,c."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        if not equals or "." not in path:
            raise SettingsError(f"--set '{pair}' is not of the form stage.setting=value, e.g. evaluate.zeta=1.5.")
        setting = SettingPath.find(path)  # an unknown one is refused where the settings are made
        path = str(setting or path)
        try:
            changes[path] = json.loads(text)
        except (ValueError, RecursionError):  # no JSON, or a number that no setting holds
            changes[path] = text
        if setting and setting.holds_text and changes[path] is not None:
            changes[path] = changes[path] if isinstance(changes[path], str) else text
        if setting and setting.is_list and isinstance(changes[path], str):
            changes[path] = [name for name in text.split(",") if name]
    return changes


def _is_reference(value: Any) -> bool:
    """Whether a value points into the table's named values, as "@single" does."""
    return isinstance(value, str) and value.startswith("@")


def _resolved(path: str, value: Any, table: Profile) -> Any:
    """A change's value, each "@name" in a list of observers replaced by that committee.

    A committee is the table's own (`Table.named`) or one of the paper's (`committees.py`).
    """
    if SettingPath.parse(path).names is not COMMITTEE or not isinstance(value, list | tuple):
        return value
    names: list[Any] = []
    own = {f"@{key}": members for key, members in table.named.items() if isinstance(members, tuple)}
    papers = {f"@{key}": committee.of(path) for key, committee in COMMITTEES.items()}
    for name in value:
        names += (papers | own)[require_known(name, papers | own, "committee")] if _is_reference(name) else [name]
    return names
