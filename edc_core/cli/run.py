"""Commands that make sets and observers: presets, run, squeeze."""

from typing import Annotated

import typer

from edc_core.cli.options import (
    DatasetOption,
    Home,
    Preset,
    ProfileOption,
    Protocol,
    Set,
    Split,
    Students,
    StudentsPerNetwork,
    TakeOver,
    app,
    changes_of,
    home_of,
    parse_int,
    print_result,
    take_over_run,
)
from edc_core.console.progress import ProgressBar
from edc_core.design_space.choice import Choice
from edc_core.design_space.committees import COMMITTEES
from edc_core.design_space.compose import parse_changes
from edc_core.design_space.presets import CHOICES, EXTENSIONS, PRESETS, PROTOCOLS
from edc_core.design_space.profiles import PROFILES
from edc_core.jobs.tasks.squeeze import SqueezeTask, execute_squeeze
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare_by_name

PRESET_KINDS = {
    "ladder": "the paper's ladder",
    "extension": "extensions: choices of later papers",
    "baseline": "baselines",
    "control": "controls: real images, not optimised",
    "negative-control": "negative controls: images that cannot teach the classes by themselves",
}


@app.command()
def presets() -> None:
    """Print presets, design choices, protocols, committees and profiles."""
    width = max(map(len, PRESETS))
    print(f"{'':{width}}  choices  protocol")
    kind = ""
    for name, preset in PRESETS.items():
        if preset.kind != kind:
            kind = preset.kind
            print(PRESET_KINDS[kind])
        marks = "".join("x" if choice in preset.choices else "." for choice in CHOICES)
        print(f"{name:{width}}  {marks} {preset.protocol:8}  {preset.summary}")
    print("\nchoices, left to right: " + ", ".join(choice.title for choice in CHOICES.values()))
    print("extensions, off in every preset but EDC+: " + "; ".join(map(_switching, EXTENSIONS.values())))
    print("protocols: " + "; ".join(f"{name}: {summary}" for name, (summary, _) in PROTOCOLS.items()))
    print("committees, as in --set synthesise.observers=@imagenet-1k:")
    for name, committee in COMMITTEES.items():
        same = committee.labels == committee.synthesis
        labels = "" if same else f"; labels by {', '.join(committee.labels)}"
        print(f"  @{name}: {', '.join(committee.synthesis)}{labels}  (with --set {committee.squeezed})")
    print("profiles: " + "; ".join(f"{name}: {table.summary}" for name, table in PROFILES.items()))


def _switching(choice: Choice) -> str:
    """A choice and what turns it on: `data residual (--set synthesise.residual=0.5)`."""
    return f"{choice.title} ({' '.join(f'--set {path}={value}' for path, value in choice.on_values.items())})"


@app.command()
def run(
    preset: Preset = "G",
    dataset: DatasetOption = "fashion-mnist-mini",
    ipc: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="images per class")] = 10,
    seed: Annotated[
        int, typer.Option(parser=parse_int, metavar="N", help="random seed (observers are not affected)")
    ] = 0,
    student: Students = None,
    students_per_network: StudentsPerNetwork = None,
    protocol: Protocol = None,
    split: Split = None,
    profile: ProfileOption = "auto",
    change: Set = None,
    take_over: TakeOver = False,
    home: Home = None,
) -> None:
    """Condense a data set, train students on the condensed images and score them; reuses finished stages."""
    changes = changes_of(change, student, students_per_network, split)
    prepared = prepare_by_name(preset, dataset, ipc, seed, profile, protocol, changes)
    if take_over:
        take_over_run(prepared.run, home_of(home))
    with ProgressBar() as bar:
        print_result(execute(prepared, home_of(home), bar))


@app.command()
def squeeze(
    observers: Annotated[str, typer.Option(help="networks' names, comma-separated, or @imagenet-1k")],
    dataset: DatasetOption = "fashion-mnist-mini",
    profile: ProfileOption = "auto",
    change: Set = None,
    home: Home = None,
) -> None:
    """Train observers on a data set and collect their statistics, without condensing anything."""
    names = tuple(name for name in observers.split(",") if name)
    changes = {"synthesise.observers": names, "relabel.observers": names} | parse_changes(change or [])
    prepared = prepare_by_name("G", dataset, 1, 0, profile, changes=changes)
    with ProgressBar() as bar:
        print_result(execute_squeeze(SqueezeTask(prepared), home_of(home), bar))
