"""States of runs and matrices, as their rows name them."""

from enum import StrEnum


class RunState(StrEnum):
    """State of a run, or of another task in the queue."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # read where a running run's process is gone or silent

    @property
    def is_alive(self) -> bool:
        """Whether it waits or works: such a run can be stopped, and not be deleted."""
        return self in (RunState.QUEUED, RunState.RUNNING)

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
ALIVE_SQL = "({})".format(", ".join(f"'{state}'" for state in RunState if state.is_alive))
