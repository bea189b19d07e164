"""States of runs and matrices, as their rows name them."""

from enum import StrEnum


class RunState(StrEnum):
    """State of a run, or of another task in the queue."""

    QUEUED = "queued"
    RUNNING = "running"
    NOT_ANSWERING = "not answering"  # read, never stored: a running run's process is silent and may only be suspended
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # read where a running run's process is gone

    @property
    def is_alive(self) -> bool:
        """Whether it waits or works: such a run can be stopped, and not be deleted."""
        return self is RunState.QUEUED or self.is_at_work

    @property
    def is_at_work(self) -> bool:
        """Whether a process holds it, be it suspended or silent."""
        return self in (RunState.RUNNING, RunState.NOT_ANSWERING)

    @property
    def ended_early(self) -> bool:
        """Whether it ended without a result: it failed, was stopped or was interrupted."""
        return not self.is_alive and self is not RunState.FINISHED


class MatrixState(StrEnum):
    """State of a matrix of runs."""

    HELD = "held"  # not begun
    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"


# What follows "state IN" in SQL.
ALIVE_SQL = f"('{RunState.QUEUED}', '{RunState.RUNNING}')"
