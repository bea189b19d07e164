"""Squeeze every network of the catalogue for one epoch at its table's rate: none may be refused as diverged.

    python -m experiments.squeezed_table [--dataset fashion-mnist-mini] [--networks resnet50,swin-t] [--per-class 20]

Prints Markdown; the exit status is 1 where a network was refused. Images below a network's smallest are passed over.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import torch

from edc_core.cli.bench import NETWORKS as CALIBRATED
from edc_core.data import describe
from edc_core.errors import Diverged, SettingsError
from edc_core.networks.catalogue import check_fits
from edc_core.torch_utils.setup import configure_torch
from experiments.network_trials import squeezed
from experiments.networks_table import NETWORKS


def row(name: str, dataset: str, per_class: int, place: Path) -> tuple[str, bool]:
    """A line of the table, and whether the network was taken."""
    try:
        check_fits(name, describe(dataset).size)
        found = squeezed(name, dataset, place, place / name, data__train_per_class=per_class)
    except SettingsError as error:
        return f"| {name} | | | {error} |", True
    except Diverged as error:
        return f"| {name} | | | REFUSED: {error} |", False
    return f"| {name} | {found['val_top1']:.1f} | {found['seconds']:.1f} | ok |", True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="fashion-mnist-mini")
    parser.add_argument("--networks", default=",".join(dict.fromkeys((*NETWORKS, *CALIBRATED))))
    parser.add_argument("--per-class", type=int, default=20)
    asked = parser.parse_args()
    configure_torch()
    torch.set_num_threads(1)
    taken = True
    print("| network | top-1 % held out | s | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="edc-squeezed-") as folder:
        for name in asked.networks.split(","):
            line, sound = row(name, asked.dataset, asked.per_class, Path(folder))
            taken &= sound
            print(line, flush=True)
    return 0 if taken else 1


if __name__ == "__main__":
    sys.exit(main())
