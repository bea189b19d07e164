"""Comparisons that keep apart what a design choice changes at once; each an EDC with single changes.

Batch size changes optimiser steps (at equal epochs) or epochs (at equal steps); zeta changes the mean
learning rate; real images come with half the iterations; the backbone choice is one for images and one
for labels.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edc_core.config import EvaluateConfig
from edc_core.config.paths import SettingPath
from edc_core.design_space.profiles import Profile
from edc_core.training.schedules import make_schedule

FINE = 1000  # points at which a schedule without a closed form is averaged


def mean_factor(zeta: float) -> float:
    """The mean over training of the smoothed cosine (1 + cos(pi i / (zeta N))) / 2."""
    return 0.5 + zeta * math.sin(math.pi / zeta) / (2 * math.pi)


@dataclass(frozen=True)
class Confound:
    """One cell; `against` names the cell that it is read beside, `question` what the pair answers."""

    name: str
    settings: Callable[[Profile, int, int], dict[str, Any]]  # of the table, the IPC and the number of classes
    against: str | None = None
    question: str = ""


def _iterations(table: Profile, choice: str) -> int:
    """The table's iterations from real images ("on") or from noise ("off")."""
    return getattr(table, choice)["real-initialisation"]["synthesise.iterations"]


EDC = "EDC"
CONFOUNDS = (
    Confound(EDC, lambda table, ipc, classes: {}),
    Confound(
        "batch 1024, equal epochs",
        lambda table, ipc, classes: {"views.batch_size": 1024},
        EDC,
        "Smaller batches at equal epochs: more optimiser steps from the same views.",
    ),
    Confound(
        "batch 1024, equal steps",
        lambda table, ipc, classes: {"views.batch_size": 1024, **_steps(table, ipc, classes)},
        EDC,
        "Smaller batches at equal optimiser steps: fewer views a step, and the steps no longer count.",
    ),
    Confound(
        "cosine, zeta 1",
        lambda table, ipc, classes: {"evaluate.schedule": "cosine", "evaluate.zeta": 1.0},
        EDC,
        "The stretched schedule as it is: a higher mean learning rate and a high end.",
    ),
    Confound(
        "cosine, equal mean rate",
        lambda table, ipc, classes: {
            "evaluate.schedule": "cosine",
            "evaluate.zeta": 1.0,
            "evaluate.lr": round(_rate(table) * _mean_of_edc(table) / mean_factor(1.0), 6),
        },
        EDC,
        "The stretched schedule against a cosine of equal mean learning rate: its shape alone.",
    ),
    Confound(
        "noise, twice the iterations",
        lambda table, ipc, classes: {"initialise.kind": "noise", "synthesise.iterations": _iterations(table, "off")},
        EDC,
        "Real images as the paper compares them: noise is given twice the iterations.",
    ),
    Confound(
        "noise, equal iterations",
        lambda table, ipc, classes: {"initialise.kind": "noise"},
        EDC,
        "Real images against noise at equal iterations: the start alone.",
    ),
    Confound(
        "baseline's observers for images",
        lambda table, ipc, classes: {"synthesise.observers": list(table.off["backbones"]["synthesise.observers"])},
        EDC,
        "The backbone choice's part in the images.",
    ),
    Confound(
        "baseline's observers for labels",
        lambda table, ipc, classes: {"relabel.observers": list(table.off["backbones"]["relabel.observers"])},
        EDC,
        "The backbone choice's part in the labels.",
    ),
)


def _rate(table: Profile) -> float:
    return float(table.base.get("evaluate.lr", 1e-3))


def _mean_of_edc(table: Profile) -> float:
    """The mean factor of the schedule that EDC has in this table (CIFAR-10's is no cosine)."""
    own = EvaluateConfig(
        **{SettingPath.parse(path).name: value for path, value in table.on["smoothing-schedule"].items()},
    )
    if own.schedule == "cosine":
        return mean_factor(own.zeta)
    factor = make_schedule(own)
    return sum(factor((step + 0.5) / FINE) for step in range(FINE)) / FINE


def _steps(table: Profile, ipc: int, classes: int) -> dict[str, Any]:
    """As many steps as EDC's own batch takes in its epochs."""
    epochs = {**table.base, **table.by_ipc(ipc)}["views.epochs"]
    batch = min(table.on["small-batch"]["views.batch_size"], ipc * classes)
    return {"views.epochs": None, "views.steps": epochs * math.ceil(ipc * classes / batch)}
