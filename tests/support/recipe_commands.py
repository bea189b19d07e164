"""The command line of a recipe, read back as settings."""

import shlex

from streamlit.testing.v1 import AppTest

from edc_core.cli.options import changes_of
from edc_core.design_space.compose import configure, get_profile


def as_typed(command: str):
    """The settings that `run` would make of a command line."""
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "edc_core", "run"]
    options, sets = {}, []
    for name, value in zip(words[4::2], words[5::2], strict=True):
        if name == "--set":
            sets.append(value)
        else:
            options[name] = value
    table = get_profile(options.get("--profile", "lab"))
    changes = changes_of(sets, None, None, None)
    return configure(
        options["--preset"], options["--dataset"], table, int(options["--ipc"]), int(options["--seed"]), changes=changes
    )


def command(app: AppTest) -> str:
    return next(code.value for code in app.code if "edc_core run" in code.value)
