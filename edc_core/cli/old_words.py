"""Old names of commands, options and values: they keep working, unlisted in `--help`, and say the new one on stderr."""

from collections.abc import Callable, Iterator

from edc_core.config.field_types import STORED_PROFILES
from edc_core.config.paths import SettingPath
from edc_core.landscape.config import STORED_KINDS

COMMANDS = {"work": "worker", "fetch": "download"}
_PROFILE = {"--settings": "--profile"}
_STUDENTS = {"--seeds": "--students-per-network"}  # of `ablate`, `report` and `worth` --seeds counts whole redraws
OPTIONS = {
    "run": _PROFILE | _STUDENTS,
    "evaluate": _PROFILE | _STUDENTS,
    "bench": _PROFILE | {"--growth": "--scaling", "--into": "--update-section"},
    **dict.fromkeys(("squeeze", "ablate", "report", "worth"), _PROFILE),
}
VALUES = {
    "--profile": {old: new for new, old in STORED_PROFILES.items()},
    "--kind": {old: new for new, old in STORED_KINDS.items()},
}
SETTING_VALUES = {("initialise.kind", "given"): "imported"}


def renewed(words: list[str], told: Callable[[str], None]) -> list[str]:
    """The words of a command line by today's names; `told` hears one line of each old one."""
    if not words:
        return words
    command = _new(words[0], COMMANDS, told)
    return [command, *_options(command, words[1:], told)]


def _options(command: str, words: list[str], told: Callable[[str], None]) -> Iterator[str]:
    options, option = OPTIONS.get(command, {}), ""
    for place, word in enumerate(words):
        if word == "--":
            yield from words[place:]
            return
        if word.startswith("--"):
            option, equals, value = word.partition("=")
            option = _new(option, options, told)
            yield option + equals + (_value(command, option, value, told) if equals else "")
            option = "" if equals else option
        else:
            yield _value(command, option, word, told)
            option = ""


def _value(command: str, option: str, text: str, told: Callable[[str], None]) -> str:
    if option == "--set":
        return _setting(text, told)
    if option == "--kind" and command != "landscape":
        return text
    return _new(text, VALUES.get(option, {}), told)


def _setting(pair: str, told: Callable[[str], None]) -> str:
    path, equals, value = pair.partition("=")
    setting = SettingPath.find(path)
    path = _new(path, {path: str(setting)} if setting and str(setting) != path else {}, told)
    values = {old: new for (where, old), new in SETTING_VALUES.items() if where == path}
    return path + equals + _new(value, values, told)


def _new(word: str, names: dict[str, str], told: Callable[[str], None]) -> str:
    if word in names:
        told(f"note: '{word}' is called '{names[word]}' now; the old name still works.")
    return names.get(word, word)
