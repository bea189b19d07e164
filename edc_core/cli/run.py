"""Commands that make sets and observers: presets, run, squeeze."""

from typing import Annotated

import typer

from edc_core.cli.options import (
    DatasetOption,
    Home,
    Preset,
    Protocol,
    Seeds,
    Set,
    Split,
    Students,
    TableOption,
    app,
    changes_of,
    home_of,
    parse_int,
    print_result,
)
from edc_core.design_space.choice import Choice
from edc_core.design_space.committees import COMMITTEES
from edc_core.design_space.compose import parse_changes
from edc_core.design_space.presets import BEYOND, CHOICES, PRESETS, PROTOCOLS
from edc_core.design_space.profiles import PROFILES
from edc_core.jobs.tasks.squeeze import SqueezeTask, execute_squeeze
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare_by_name
from edc_core.progress import ProgressBar

PRESET_KINDS = {
    "ladder": "the paper's ladder",
    "beyond": "beyond EDC: choices of later papers",
    "baseline": "baselines",
    "control": "controls: real images, not optimised",
    "impostor": "impostors: images that cannot teach the classes by themselves",
}


@app.command()
def presets() -> None:
    """Print the presets, and which design choices each turns on."""
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
    print("beyond EDC, off in every preset but EDC+: " + "; ".join(map(_switching, BEYOND.values())))
    print("protocols: " + "; ".join(f"{name}: {summary}" for name, (summary, _) in PROTOCOLS.items()))
    print("committees, as in --set synthesise.observers=@imagenet-1k:")
    for name, committee in COMMITTEES.items():
        same = committee.labels == committee.synthesis
        labels = "" if same else f"; labels by {', '.join(committee.labels)}"
        print(f"  @{name}: {', '.join(committee.synthesis)}{labels}  (with --set {committee.squeezed})")
    print("settings: " + "; ".join(f"{name}: {table.summary}" for name, table in PROFILES.items()))


def _switching(choice: Choice) -> str:
    """A choice and what turns it on: `data residual (--set synthesise.residual=0.5)`."""
    return f"{choice.title} ({' '.join(f'--set {path}={value}' for path, value in choice.on_values.items())})"


@app.command()
def run(
    preset: Preset = "G",
    dataset: DatasetOption = "fashion-mnist-mini",
    ipc: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="images per class")] = 10,
    seed: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="of every draw but the observers'")] = 0,
    student: Students = None,
    seeds: Seeds = None,
    protocol: Protocol = None,
    split: Split = None,
    settings: TableOption = "auto",
    change: Set = None,
    home: Home = None,
) -> None:
    """Condense a data set and judge the result; finished stages are taken from the store."""
    changes = changes_of(change, student, seeds, split)
    prepared = prepare_by_name(preset, dataset, ipc, seed, settings, protocol, changes)
    with ProgressBar() as bar:
        print_result(execute(prepared, home_of(home), bar))


@app.command()
def squeeze(
    observers: Annotated[str, typer.Option(help="networks' names, separated by commas, or @imagenet-1k")],
    dataset: DatasetOption = "fashion-mnist-mini",
    settings: TableOption = "auto",
    change: Set = None,
    home: Home = None,
) -> None:
    """Train observers on a data set, and collect their statistics; followed and stopped as a run is."""
    names = tuple(name for name in observers.split(",") if name)
    changes = {"synthesise.observers": names, "relabel.observers": names} | parse_changes(change or [])
    prepared = prepare_by_name("G", dataset, 1, 0, settings, changes=changes)
    with ProgressBar() as bar:
        print_result(execute_squeeze(SqueezeTask(prepared), home_of(home), bar))
