"""`ablate`: a matrix of runs, computed as a whole, stopped and taken up again at will."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from edc_core.ablation import Design, Job, build_matrix, parse_design
from edc_core.ablation.design import DESIGN_KINDS, refuse_ignored
from edc_core.ablation.execution import execute_matrix, matrix_record
from edc_core.cli.options import Home, ProfileOption, Protocol, Set, Students, app, home_of, parse_int, print_result
from edc_core.design_space.compose import parse_changes
from edc_core.design_space.extension_choices import SWITCHES
from edc_core.errors import SettingsError
from edc_core.store.files import write_json

Datasets = Annotated[
    list[str] | None,
    typer.Option("--dataset", help="data set name or folder, as in run; may be repeated (default: fashion-mnist-mini)"),
]


def names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


Presets = Annotated[str | None, typer.Option(help="presets of kind ladder, comma-separated (default: A to G)")]
Choices = Annotated[
    str | None,
    typer.Option(help=f"design choices, comma-separated: {', '.join(SWITCHES)} (default: the first eight)"),
]


@app.command()
def ablate(
    kind: Annotated[
        str, typer.Option(help="; ".join(f"{name}: {summary}" for name, summary in DESIGN_KINDS.items()))
    ] = "ladder",
    presets: Presets = None,
    choices: Choices = None,
    dataset: Datasets = None,
    ipc: Annotated[str, typer.Option(help="images per class, comma-separated")] = "10",
    seeds: Annotated[
        int,
        typer.Option(parser=parse_int, metavar="N", help="number of seeds; each redraws everything but the observers"),
    ] = 3,
    first_seed: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="first seed")] = 0,
    student: Students = None,
    protocol: Protocol = None,
    split: Annotated[
        str, typer.Option(help="images that scores are measured on: val (held-out training images) or test")
    ] = "val",
    profile: ProfileOption = "auto",
    shard: Annotated[
        str | None, typer.Option(help="compute only this part of the runs, e.g. 1/4, to share them among machines")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="write the scores and their provenance to this JSON file")] = None,
    title: Annotated[str, typer.Option(help="title of the matrix in the --out file")] = "",
    change: Set = None,
    home: Home = None,
) -> None:
    """Run a matrix: presets or combinations of choices x data sets x IPC x seeds. A stopped one resumes."""
    values = {"kind": kind, "datasets": dataset or ["fashion-mnist-mini"], "ipcs": numbers_of(ipc), "seeds": seeds}
    values |= {"first_seed": first_seed, "students": student or [], "profile": profile, "protocol": protocol}
    values |= {"split": split, "changes": parse_changes(change or [])}
    values |= {"presets": names(presets)} if presets else {}
    values |= {"choices": names(choices)} if choices else {}
    matrix = build_matrix(checked_design(values, presets, choices))
    if out is not None:
        _check_out(out)  # not after hours of computing
    part = matrix.shard(*part_of(shard)) if shard else matrix
    failed = execute_matrix(part, home_of(home), told=print_progress)
    if out is not None:
        write_json(out, matrix_record(part, out.stem, home_of(home), title))
    print_result({"runs": len(part.jobs), "failed": failed, "out": str(out) if out else None})
    if failed:
        raise typer.Exit(1)


def checked_design(values: dict, presets: str | None, choices: str | None) -> Design:
    """The matrix design; options that its kind ignores are refused, so that a typo starts no other matrix."""
    refuse_ignored(values["kind"], presets, choices, "--")
    return parse_design(values)


def _check_out(out: Path) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out is '{out}', where no file can be ({error.strerror}): choose another.") from None
    if out.is_dir() or out.suffix != ".json":
        raise SettingsError(f"--out is '{out}': name a file that ends in .json.")


def print_progress(done: int, total: int, job: Job, error: str | None) -> None:
    print(
        f"{done}/{total} {job.cell.name}, IPC {job.ipc}, seed {job.seed}{': ' + error if error else ''}",
        file=sys.stderr,
    )


def numbers_of(text: str) -> list[int]:
    if not re.fullmatch(r"\d{1,6}(,\d{1,6})*", text):
        raise SettingsError(f"--ipc is '{text}': give numbers of images per class like 1,10.")
    return [int(number) for number in text.split(",")]


def part_of(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise SettingsError(f"--shard is '{text}': give a part like 1/4, from 1/4 to 4/4.")
    return int(found[1]), int(found[2])
