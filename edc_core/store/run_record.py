"""One run of the store as a frozen record."""

from dataclasses import dataclass, field
from typing import Any

from edc_core.store.states import RunState

# Origins of rows that wait and work as runs do and are none: questions about some, observers alone, a data set's check.
SURVEY, SQUEEZE, CHECK = TASKS = ("landscape", "squeeze", "check")


@dataclass(frozen=True)
class RunRecord:
    """A run, or another task of the queue, as the store holds it now. Times are seconds since the epoch.

    What stood in JSON (`settings`, `plan`, `manifest`, `result`, `wanted`) is shared by all who read it, and fixed.
    """

    id: str
    created: float
    state: RunState  # as of now: interrupted where its process is gone
    preset: str
    dataset: str  # as the run named it
    ipc: int
    seed: int
    settings: dict[str, Any]  # RunConfig as JSON, maybe another version's
    plan: list[dict[str, Any]]  # its stages and their keys
    manifest: dict[str, Any]  # versions, the data set's identity, `test_looks`
    progress: dict[str, Any] = field(default_factory=dict)  # the last event
    wanted: list[str] = field(default_factory=list)  # extra stages asked for, not yet made
    result: dict[str, Any] | None = None
    error: str | None = None  # one sentence
    resumable: bool = True  # whether it may get further, resumed as it is
    title: str = ""
    origin: str = "bundled"  # where it was asked for
    bundled: bool = False  # it comes with the project
    owner: str = ""  # a person's id
    nickname: str = ""
    archived: float | None = None  # since when its owner's class is over
    submitters: list[str] = field(default_factory=list)  # persons' ids, the first of them first
    cancel: bool = False  # it was asked to stop
    cancel_time: float | None = None
    queued: float | None = None
    started: float | None = None
    finished: float | None = None
    heartbeat: float | None = None
    heartbeat_clock: float | None = None  # by the clock of the boot that `pid_scope` names
    pid: int | None = None
    pid_created: float | None = None
    pid_scope: str | None = None  # where `pid` counts
