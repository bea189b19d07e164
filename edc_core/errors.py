"""Errors that are reported to a person: the problem, its cure, and whether the run can be resumed.

EDCError
  SettingsError   nothing was started
  DataError       a data set cannot be read
  StoreError      the store cannot be used
  Diverged        a loss is not finite
  Cancelled       stopped on request
    TakenOver     another process has the run now
"""


class EDCError(Exception):
    """Anything this package reports to a person; `str` is one sentence, which the command line prints.

    A problem with a cure is written without a full stop, as the cure is; one without is a sentence of its own.
    """

    exit_status = 1
    resumable = True  # whether the same run, resumed as it is, may get further

    def __init__(self, problem: str, cure: str = "", resumable: bool | None = None) -> None:
        super().__init__(problem, cure, resumable)
        self.problem, self.cure = problem, cure
        if resumable is not None:
            self.resumable = resumable

    def __str__(self) -> str:
        return f"{self.problem}: {self.cure}." if self.cure else self.problem


class SettingsError(EDCError):
    """A setting is wrong; nothing was started."""

    exit_status = 2


class DataError(EDCError):
    """A data set cannot be read as it is."""


class StoreError(EDCError):
    """The store on disk cannot be used, or holds no such thing."""


class Diverged(EDCError):
    """A loss or the images are not finite any more: the same settings lead there again."""

    resumable = False

    def __str__(self) -> str:
        return f"{self.problem}: {self.cure}; resumed as it is, it would end here again."


class Cancelled(EDCError):
    """The run was stopped by request; everything finished is kept and it can be resumed."""

    exit_status = 130


class TakenOver(Cancelled):
    """Another process has the run now, or it was ended from outside: this process writes nothing more of it."""
