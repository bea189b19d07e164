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


class Cancelled(EDCError):
    """The run was stopped by request; everything finished is kept and it can be resumed."""

    exit_status = 130
