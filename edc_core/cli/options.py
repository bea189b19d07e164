"""What the commands share: the application, its options, and how a result is printed."""

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from edc_core.data.sources import EMBEDDED, KNOWN
from edc_core.design_space.compose import evaluation_changes, parse_changes
from edc_core.design_space.presets import PRESETS, PROTOCOLS
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import SettingsError
from edc_core.store import Store, default_home

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="EDC Lab: dataset condensation, every design choice a switch.",
)


def parse_int(text: str) -> int:
    """A whole number as typed; the error names what was typed."""
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"'{text}' is not a whole number: give one like 10.") from None


Preset = Annotated[str, typer.Option(help=f"preset: {', '.join(PRESETS)}")]
DatasetOption = Annotated[
    str,
    typer.Option("--dataset", help=f"{', '.join([*EMBEDDED, *KNOWN])}, or a folder of parquet files or images"),
]
Home = Annotated[Path | None, typer.Option(help="folder of the store (default: EDC_HOME, else ./runs)")]
Set = Annotated[
    list[str] | None, typer.Option("--set", help="change one setting, e.g. evaluate.zeta=1.5; may be repeated")
]
Protocol = Annotated[
    str | None, typer.Option(help=f"evaluation protocol: {', '.join(PROTOCOLS)} (default: the preset's own)")
]
Students = Annotated[list[str] | None, typer.Option("--student", help="network of a student; may be repeated")]
StudentsPerNetwork = Annotated[
    int | None,
    typer.Option(
        parser=parse_int,
        metavar="N",
        help="students of each network, which differ in their initial weights (default: 1)",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(help="images that students are scored on: test (default) or val (held-out training images)"),
]
ProfileOption = Annotated[
    str,
    typer.Option("--profile", help=f"how much time a run takes: auto (by the data set), {', '.join(PROFILES)}"),
]
TakeOver = Annotated[
    bool, typer.Option("--take-over", help="take the run from the process that is at it; that one stops by itself")
]
RunName = Annotated[str, typer.Argument(help="name of a run, or the beginning or end of it")]


def home_of(home: Path | None) -> Path:
    return (home or default_home()).absolute()


def print_result(result: dict) -> None:
    print(json.dumps(result), flush=True)


def changes_of(pairs: list[str] | None, students: list[str] | None, seeds: int | None, split: str | None) -> dict:
    return parse_changes(pairs or []) | evaluation_changes(students, seeds, split)


def take_over_run(run: str, home: Path) -> None:
    """Take a run from another process, and say from which."""
    with closing(Store(home)) as store:
        if holder := store.take_over(run):
            print(f"run '{run}' is taken over from {holder}, which stops when it notices.", file=sys.stderr)
