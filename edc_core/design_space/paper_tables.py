"""The paper's printed figures from `assets/paper/`: shown beside ours, never in one series with them."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edc_core.environment import ASSETS
from edc_core.errors import StoreError

PAPER = ASSETS / "paper"
SOURCE = "Shao et al., NeurIPS 2024, arXiv 2404.13733"
FIGURE_1 = "figure1_configs_imagenet1k_ipc10_resnet18"
WHERE = "ImageNet-1k, 10 images a class, ResNet-18"
PROTOCOL = "the paper's own protocol: the best epoch on the test set"
TABLES = {
    FIGURE_1: "Figure 1: CONFIG A to G on ImageNet-1k, IPC 10, ResNet-18",
    "table1_main": "Table 1: the main comparison",
    "table2_cross_architecture_imagenet1k": "Table 2: other students on ImageNet-1k",
    "tables3_5_ablations_imagenet1k_ipc10": "Tables 3 and 5: single choices on ImageNet-1k, IPC 10",
    "table4_flatness_imagenet1k_ipc10": "Table 4: the flatness term on ImageNet-1k, IPC 10",
    "cifar10_ipc10_ablations": "Tables 18 to 21: single choices on CIFAR-10, IPC 10",
}


@dataclass(frozen=True)
class Rung:
    """One CONFIG as printed: what it adds to the one before, and its top-1 in percent (no interval is given)."""

    name: str
    adds: str
    top1: float


def rungs(place: Path = PAPER) -> tuple[Rung, ...]:
    """CONFIG A to G as figure 1 prints them."""
    return tuple(Rung(row["config"], row["adds"], float(row["top1"])) for row in table(FIGURE_1, place))


@lru_cache(16)
def table(name: str, place: Path = PAPER) -> tuple[dict[str, str], ...]:
    """A table's rows as printed, each value a text.

    Raises:
        StoreError: no such table is kept, or its file is gone.
    """
    if name not in TABLES:
        raise StoreError(f"the paper's table '{name}' is not kept: choose one of {', '.join(TABLES)}.")
    path = place / f"{name}.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return tuple(csv.DictReader(file))
    except OSError as error:
        raise StoreError(f"'{path}' cannot be read ({error}): take it from the project's repository again.") from None
