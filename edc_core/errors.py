"""What can go wrong, each with one sentence that names the value and the cure."""


class EDCError(Exception):
    """Anything this package reports to a person; the command line prints it in one line."""

    exit_status = 1


class SettingsError(EDCError):
    """A setting is wrong; nothing was started."""

    exit_status = 2


class DataError(EDCError):
    """A data set cannot be read as it is."""


class StoreError(EDCError):
    """The store on disk cannot be used, or holds no such thing."""


class Diverged(EDCError):
    """A loss or the images are no finite numbers any more: the same settings lead there again."""

    AGAIN = "resumed as it is, it would end here again"

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what}: {cure}; {self.AGAIN}.")


def ends_again(error: str | None) -> bool:
    """Whether a run that failed so needs other settings: there is nothing to resume."""
    return Diverged.AGAIN in (error or "")


class Cancelled(EDCError):
    """The run was stopped by request; everything finished is kept and it can be resumed."""

    exit_status = 130
