"""Names of runs by what differs from the nearest preset: "EDC without flatness", "EDC with zeta 1.5".

The letters A to G are rungs of the paper's ladder and name no run. A name is derived whenever it is shown: what is
stored says only which preset a run was made from.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from edc_core.config import RunConfig, validate_config
from edc_core.config.paths import SettingPath, read_values
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES, PRESETS, SWITCHES
from edc_core.errors import EDCError
from edc_core.runs.setting_text import choice_text, noun, setting_text
from edc_core.wording.grammar import plural

REFERENCE, GIVEN = "EDC", "given"
BASES = {  # presets whose own name is no name for a run
    "G": REFERENCE,
    "random": "Random images",
    "herding": "Herding",
    "single-class": "One class only",
    "glyphs": "Letters and digits",
    "noise": "Noise",
    GIVEN: "Uploaded set",
}
ALL_OFF = "All choices off"
MAX_SPELT, MAX_LETTERS = 2, 64  # more changes, or longer words for them, are counted
DRAWS = ("initialise", "synthesise", "views", "evaluate")  # stages of one seed, where nobody has set them apart
# Which draw a run is, and who judges it on what, is told beside its name.
UNNAMED = frozenset(
    {"score.split", "evaluate.students", "evaluate.seeds", "initialise.images"}
    | {"relabel.stored", "relabel.logits_top_k"}
)


@dataclass(frozen=True)
class RunName:
    """A preset's name and what differs from it; `str` is the name as people read it."""

    base: str
    without: tuple[str, ...] = ()  # choices switched off
    added: tuple[str, ...] = ()  # choices switched on, settings changed
    changed: tuple[str, ...] = ()  # every difference in full, with those that are in no name
    values: tuple[tuple[str, str], ...] = ()  # path and JSON value of every difference that has a name
    preset: str = ""  # the preset, maybe a rung, whose settings these are
    only: tuple[str, ...] | None = None  # of EDC's choices the few that are on, where most are off

    @property
    def count(self) -> int:
        return len(self.without) + len(self.added)

    def __str__(self) -> str:
        if self.only is not None and not self.added:
            return f"Only {' and '.join(self.only)}" if self.only else ALL_OFF
        parts = [(word, texts) for word, texts in (("without", self.without), ("with", self.added)) if texts]
        spelt = " and ".join(f"{word} {' and '.join(texts)}" for word, texts in parts)
        whole = f"{self.base} {spelt}".strip()
        if self.count > MAX_SPELT or len(whole) > MAX_LETTERS:
            return f"{self.base}, {self.count} {plural(self.count, 'change')}"
        return whole


def preset_title(preset: str) -> str:
    """What a preset is called among others; the letters A to F are said to be rungs."""
    rung = _is_rung(preset) and preset not in BASES
    return f"Rung {preset}" if rung else BASES.get(preset, preset)


def run_name(settings: Mapping[str, Any]) -> RunName:
    """The name of a run with these settings, as rows store them; of another version's, its preset's."""
    drawn = {stage: settings.get(stage, {}).get("seed", 0) for stage in DRAWS}
    known = dict(settings) | {"dataset": ""}  # names no difference: one answer for every data set
    if len(set(drawn.values())) == 1:
        known |= {stage: dict(settings.get(stage, {})) | {"seed": 0} for stage in DRAWS}
    return _named(json.dumps(known))


@lru_cache(4096)
def _named(settings: str) -> RunName:
    values = json.loads(settings)
    try:
        return _nearest(validate_config(values))
    except EDCError:
        preset = str(values.get("preset", ""))
        return RunName(BASES.get(preset, preset))


def _nearest(config: RunConfig) -> RunName:
    """By the preset with the fewest changes: the stored one or EDC, else one that fits exactly."""
    if config.preset == GIVEN:
        return _against(config, GIVEN)
    own = REFERENCE if _is_rung(config.preset) else config.preset
    first = [_against(config, preset) for preset in dict.fromkeys((own, REFERENCE))]
    best = min(first, key=lambda name: name.count)
    if best.count:
        others = (preset for preset in PRESETS if not _is_rung(preset) and preset not in (own, REFERENCE))
        fits = next((preset for preset in others if _fits(config, preset)), None)
        return _against(config, fits) if fits else replace(best, preset=_rung(config))
    return best


def _rung(config: RunConfig) -> str:
    """The rung of the ladder whose settings these are, if there is one."""
    return next((preset for preset in PRESETS if _is_rung(preset) and _fits(config, preset)), "")


def _is_rung(preset: str) -> bool:
    return PRESETS[preset].kind == "ladder" and preset != REFERENCE if preset in PRESETS else False


def _against(config: RunConfig, preset: str) -> RunName:
    """What differs from a preset, by its own evaluation or under the run's protocol: where that is less."""
    return min((_compared(config, preset, protocol) for protocol in _protocols(config, preset)), key=_changes)


def _changes(name: RunName) -> int:
    return name.count


def _protocols(config: RunConfig, preset: str) -> tuple[str | None, ...]:
    own = preset == GIVEN or PRESETS[preset].protocol == config.protocol
    return (None, config.protocol) if own else (config.protocol,)


def _fits(config: RunConfig, preset: str) -> bool:
    here = {path: value for path, value in read_values(config).items() if not _is_unnamed(path)}
    return any(
        all(_at(there, path) == value for path, value in here.items())
        for protocol in _protocols(config, preset)
        for there in [_plain(_preset(preset, config.profile, config.ipc, protocol))]
    )


@lru_cache(1024)
def _preset(preset: str, profile: str, ipc: int, protocol: str | None, switched: tuple = ()) -> RunConfig:
    """A preset's settings, with choices (name, on) switched."""
    values = {path: value for name, on in switched for path, value in _choice_values(name, on, profile).items()}
    return configure(preset, "", get_profile(profile), ipc, 0, protocol, values)


@lru_cache(1024)
def _plain(config: RunConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", by_alias=False)


def _compared(config: RunConfig, preset: str, protocol: str | None) -> RunName:
    own = (preset, config.profile, config.ipc, protocol)
    turned = {name: on for name in SWITCHES if (on := _turned(name, config, _preset(*own))) is not None}
    there = _plain(_preset(*own, tuple(turned.items())))
    other = {path: value for path, value in read_values(config).items() if _other(there, path, value, config)}
    named = {path: value for path, value in other.items() if not _is_unnamed(path)}
    off = [name for name, on in turned.items() if not on]
    added = [choice_text(name) for name, on in turned.items() if on]
    spelt = [f"without {choice_text(name)}" for name in off] + added
    spelt += [setting_text(path, value) for path, value in (named | other).items()]
    values = [*turned.items(), *named.items()]
    return RunName(
        BASES.get(preset, preset),
        without=tuple(map(choice_text, off)),
        added=(*added, *(_brief(path, value) for path, value in named.items())),
        changed=tuple(spelt),
        values=tuple((path, json.dumps(value)) for path, value in values),
        preset="" if turned or named else preset,
        only=_only(off, config.profile) if preset == REFERENCE else None,
    )


def _only(off: Sequence[str], profile: str) -> tuple[str, ...] | None:
    """The choices left on where most are off."""
    left = [name for name in CHOICES if name not in off and _deciding(name, profile)]
    return tuple(map(choice_text, left)) if len(left) <= MAX_SPELT < len(off) else None


def _other(there: dict[str, Any], path: str, value: Any, config: RunConfig) -> bool:
    drawn = path.endswith(".seed") and path.partition(".")[0] in DRAWS
    return value != (config.evaluate.seed if drawn else _at(there, path))


def _at(values: dict[str, Any], path: str) -> Any:
    stage, _, name = path.rpartition(".")
    return values[stage][name]


def _is_unnamed(path: str) -> bool:
    return path in UNNAMED or path.endswith((".seed", ".precision"))


def _brief(path: str, value: Any) -> str:
    several = isinstance(value, list) and len(value) > 1
    return f"{noun(path)} other networks" if several else setting_text(path, value)


def _turned(name: str, config: RunConfig, preset: RunConfig) -> bool | None:
    """Whether a choice is on where the preset has it off, or off where it has it on; None where neither."""
    paths = _deciding(name, config.profile)
    if not any(SettingPath.parse(path).is_active(config) for path in paths):
        return None
    for on in (False, True):
        wanted = [_choice_values(name, on, config.profile)[path] for path in paths]
        if _held(config, paths) == wanted != _held(preset, paths):
            return on
    return None


def _held(config: RunConfig, paths: Iterable[str]) -> list[Any]:
    return [SettingPath.parse(path).get(config) for path in paths]


@lru_cache(1024)
def _deciding(name: str, profile: str) -> Sequence[str]:
    """The settings by which a choice counts as on or off; none where the two are the same."""
    on, off = (_choice_values(name, state, profile) for state in (True, False))
    paths = [path for path in SWITCHES[name].switch_paths or on if path in on and path in off]
    return paths if any(on[path] != off[path] for path in paths) else []


@lru_cache(1024)
def _choice_values(name: str, on: bool, profile: str) -> Mapping[str, Any]:
    """A choice's settings where it is on or off, in a profile's numbers."""
    table = get_profile(profile)
    values = dict(SWITCHES[name].values(on)) | (table.on if on else table.off).get(name, {})
    return {path: table.named[v[1:]] if isinstance(v, str) and v[:1] == "@" else v for path, v in values.items()}
