"""What repeats a run: its preset, and every setting that is read and differs from the preset's."""

import json
import shlex
from typing import Any

from edc_core.config import validate_config
from edc_core.config.paths import read_values, split
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.design_space.presets import PRESETS
from edc_core.design_space.profiles import current_profile
from edc_core.errors import EDCError

OPTIONS = {
    "score.split": "--split",
    "evaluate.seeds": "--students-per-network",
}  # settings that have an option of their own


def command_of(settings: dict[str, Any]) -> str:
    """`python -m edc_core run ...` that makes the same run; `settings` are a run's, in JSON types."""
    protocol, profile = _protocol(settings), current_profile(settings["settings"])
    words = ["python", "-m", "edc_core", "run", "--preset", settings["preset"], "--dataset", settings["dataset"]]
    words += ["--ipc", settings["ipc"], "--seed", settings["evaluate"]["seed"], "--profile", profile]
    words += ["--protocol", protocol] if protocol else []
    for path, value in changes_of(settings, protocol).items():
        words += _option(path, value)
    return shlex.join(map(str, words))


def changes_of(settings: dict[str, Any], protocol: str | None = None) -> dict[str, Any]:
    """Dotted path -> value of what is read and differs from the preset's, under a protocol or the preset's own.

    Empty for a preset, a table or settings that this version does not know.
    """
    try:
        config = validate_config(settings)
        table = get_profile(settings["settings"])
        own = configure(config.preset, config.dataset, table, config.ipc, config.evaluate.seed, protocol)
    except EDCError:
        return {}
    preset, values = own.model_dump(mode="json", by_alias=False), read_values(config)
    return {
        path: value for path, value in values.items() for stage, name in [split(path)] if preset[stage][name] != value
    }


def _protocol(settings: dict[str, Any]) -> str | None:
    """The protocol to ask for, None where it is the preset's own."""
    preset = PRESETS.get(settings["preset"])
    return None if preset is None or preset.protocol == settings["protocol"] else settings["protocol"]


def _option(path: str, value: Any) -> list[Any]:
    if path == "evaluate.students":
        return [word for name in value for word in ("--student", name)]
    if path in OPTIONS:
        return [OPTIONS[path], value]
    plain = f"{path}={value}"
    as_it_is = isinstance(value, str) and parse_changes([plain])[path] == value
    return ["--set", plain if as_it_is else f"{path}={json.dumps(value)}"]
