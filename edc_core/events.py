"""Events that the engine reports while it works, and their handlers.

The engine never prints: it calls an event handler. A handler may raise `Cancelled` to stop the run; everything
finished by then is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class StageStarted:
    stage: str
    name: str  # which one: an observer, or "student/seed"; empty where a run has one such stage
    key: str


@dataclass(frozen=True)
class StageDone:
    stage: str
    name: str
    key: str
    cached: bool
    seconds: float


@dataclass(frozen=True)
class Progress:
    """Progress of the current stage: `done` of `total` `unit`s."""

    done: int
    total: int
    unit: str
    note: str = ""


@dataclass(frozen=True)
class Scalars:
    """Scalar values of named curves at one step, e.g. {"loss/total": 3.1}; `series` names carry their group."""

    step: int
    values: dict[str, float]


@dataclass(frozen=True)
class Snapshot:
    """Snapshot of the images after `step` iterations; `pixels` is (N, H, W, C) uint8."""

    step: int
    pixels: "np.ndarray"
    labels: "np.ndarray"


@dataclass(frozen=True)
class TestSetOpened:
    """The test set was scored, which the manifest counts."""

    key: str


@dataclass(frozen=True)
class CheckpointReached:
    """A checkpoint is about to be written: what was reported so far must not be lost."""


Event = CheckpointReached | StageStarted | StageDone | Progress | Scalars | Snapshot | TestSetOpened
EventHandler = Callable[[Event], None]


def no_op(event: Event) -> None:
    """Event handler that does nothing."""


def tee(first: EventHandler, second: EventHandler) -> EventHandler:
    """Event handler that calls `first`, then `second`; if `first` raises, `second` is not called."""

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell
