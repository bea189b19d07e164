"""Commands that measure this machine: calibrate, bench."""

import shlex
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import DatasetOption, Home, app, home_of, parse_int, print_result
from edc_core.errors import SettingsError
from edc_core.performance import costs
from edc_core.store import Store
from edc_core.store.files import write_json

# The lab's, tiny's and the paper's networks, and the shapes of the data sets they are for.
NETWORKS = (
    "convnet-d2-w8",
    "convnet-d2-w32",
    "convnet-d3-w32",
    "convnet-d3-w64",
    "convnet-d1-w128",
    "convnet-d2-w128",
    "convnet-d3-w128",
    "resnet18-w16",
    "resnet18",
    "wrn-10-1",
    "wrn-10-2",
    "wrn-16-2",
    "mobilenetv2-0.5",
    "shufflenetv2-0.25",
    "shufflenetv2-0.5",
)
SHAPES = ((1, 28), (3, 32))
BATCHES = (10, 25, 100, 500)


@app.command()
def calibrate(
    home: Home = None,
    reference: Annotated[bool, typer.Option(help="re-measure the cost table of all networks (minutes)")] = False,
) -> None:
    """Measure the speed of this machine for forecasts, and keep it in the store."""
    if reference:
        print_result(_write_reference())
        return
    from edc_core.performance import calibrate as calibration

    store = Store(home_of(home))
    try:
        print_result(calibration.measure(store))
    finally:
        store.close()


TimedProfile = Annotated[str | None, typer.Option(help="profile whose networks are timed (default: by the data set)")]
Techniques = Annotated[bool, typer.Option(help="speed-up of each optimisation of the code, one by one (minutes)")]
Forecast = Annotated[str | None, typer.Option(help="imagenet-1k: hours, memory and storage forecast for GPUs")]
TimedIPC = Annotated[
    int | None, typer.Option(parser=parse_int, metavar="N", help="images per class of the timed run (default: 10)")
]


@app.command()
def bench(
    dataset: DatasetOption = "fashion-mnist-mini",
    paper: Annotated[bool, typer.Option(help="the paper's CIFAR networks and batch sizes")] = False,
    precision: Annotated[str, typer.Option(help="auto, bfloat16 or float32")] = "auto",
    profile: TimedProfile = None,
    scaling: Annotated[bool, typer.Option(help="how time and memory scale with each size (minutes)")] = False,
    techniques: Techniques = False,
    forecast: Forecast = None,
    ipc: TimedIPC = None,
    update_section: Annotated[Path | None, typer.Option(help="Markdown file in which one section is replaced")] = None,
    section: Annotated[str | None, typer.Option(help="name of that section (default: what is measured)")] = None,
) -> None:
    """Time statistics, synthesis and a student in a short real run, beside the hardware's limits (roofline)."""
    from edc_core.performance.bench.markdown_sections import checked_section, write_section
    from edc_core.torch_utils.setup import configure_torch

    configure_torch()
    asked = {"scaling": scaling, "forecast": forecast, "techniques": techniques}
    kinds = [name for name, wanted in asked.items() if wanted] or ["speed"]
    if len(kinds) > 1:
        raise SettingsError(f"--{' and --'.join(kinds)} exclude each other: give one of them.")
    kind = kinds[0]
    if ipc is not None and kind != "speed":
        raise SettingsError(f"--ipc is {ipc}, but --{kind} times no run of its own: leave one of the two out.")
    section = checked_section(section or kind)
    if kind == "scaling":
        found, markdown = _growth()
    elif kind == "forecast":
        found, markdown = _forecast(forecast)
    elif kind == "techniques":
        from edc_core.performance.bench.techniques import techniques as compared

        report = compared(dataset, paper, precision, profile, _told)
        found, markdown = report.plain(), report.markdown()
    else:
        from edc_core.performance import bench as timing

        report = timing.bench(dataset, paper, precision, profile, timing.IPC if ipc is None else ipc)
        found, markdown = report.plain(), report.markdown()
    print(markdown, file=sys.stderr, flush=True)
    if update_section is not None:
        words = [word for word in sys.argv[1:] if word]
        title = TITLES[kind].format(found["about"]["processor"])
        write_section(
            update_section, section, title, f"python -m edc_core {shlex.join(words)}", markdown, found["about"]
        )
    print_result(found)


TITLES = {
    "speed": "Speed of each part: {}",
    "techniques": "What each technique gains: {}",
    "scaling": "How time and memory grow",
    "forecast": "ImageNet-1k on GPUs: a forecast",
}


def _growth() -> tuple[dict, str]:
    from edc_core.performance.bench.markdown_sections import circumstances
    from edc_core.performance.bench.scaling import growth

    found = growth(circumstances(), _told)
    return found.plain(), found.markdown()


def _forecast(name: str) -> tuple[dict, str]:
    from edc_core.performance.bench import imagenet
    from edc_core.performance.bench.imagenet_table import markdown

    if name != imagenet.NAME:
        raise SettingsError(f"--forecast is '{name}': the only one there is {imagenet.NAME}.")
    found = imagenet.forecast(_told)
    return found, markdown(found)


def _told(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _write_reference() -> dict:
    """The table of costs that comes with the project, measured with one thread."""
    import torch

    from edc_core.performance import measure_costs as probing
    from edc_core.torch_utils.setup import configure_torch

    configure_torch()
    torch.set_num_threads(1)
    networks: dict[str, dict] = {}
    for network, shape, found in probing.reference(NETWORKS, SHAPES, BATCHES):
        networks.setdefault(network, {})[shape] = found
        print(f"{network} {shape}: {found}", file=sys.stderr, flush=True)
    about = {
        "command": "python -m edc_core calibrate --reference",
        "torch": torch.__version__,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "threads": 1,
        "measured": time.strftime("%Y-%m-%d"),
    }
    write_json(costs.TABLE, {"about": about, "networks": networks})
    return about | {"networks": len(networks) - 1}
