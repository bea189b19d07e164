"""Streams that may close: a reader who has left, or who never was, ends no work.

python -m edc_core.console.streams MODULE ARGUMENTS    as `python -m MODULE ARGUMENTS`, with such streams
"""

import errno
import io
import os
import runpy
import sys
from typing import TextIO

# Nobody reads any more: a pipe or socket without a reader, no descriptor, a terminal that hung up.
GONE = {errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN, errno.EBADF, errno.EIO}
if os.name == "nt":
    GONE.add(errno.EINVAL)  # how Windows calls a broken pipe


class Patient(io.FileIO):
    """A descriptor whose reader may leave: from then on it leads to nowhere, for subprocesses and C's code as well."""

    def __init__(self, descriptor: int, losable: bool) -> None:
        """`losable`: whatever cannot be written is dropped, as on a full disk; else only that is an error."""
        super().__init__(descriptor, "wb", closefd=False)
        self.losable = losable

    def write(self, data) -> int | None:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno in GONE:
                _lead_nowhere(self.fileno())
            elif not self.losable:
                raise
            return memoryview(data).nbytes


def guard() -> None:
    """Make this process's stdout and stderr such streams; what progress says is losable, an answer is not."""
    for descriptor in (0, 1, 2):
        if _is_closed(descriptor):  # the next file to be opened would get its number, and what is printed
            _lead_nowhere(descriptor)
    sys.stdout = _patient(sys.stdout, 1, losable=False)
    sys.stderr = _patient(sys.stderr, 2, losable=True)


def _patient(stream: TextIO | None, descriptor: int, losable: bool) -> TextIO:
    """The stream on a patient descriptor; as it is where it is no plain file, like the console of Windows."""
    if stream is None:
        return io.TextIOWrapper(
            io.BufferedWriter(Patient(descriptor, losable)), encoding="utf-8", errors="backslashreplace"
        )
    buffer = getattr(stream, "buffer", None)
    if type(getattr(buffer, "raw", buffer)) is not io.FileIO:
        return stream
    stream.flush()
    raw = Patient(stream.fileno(), losable)
    return io.TextIOWrapper(
        io.BufferedWriter(raw) if hasattr(buffer, "raw") else raw,  # python -u has no buffer
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _is_closed(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return True
    return False


def _lead_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere == descriptor:
        os.set_inheritable(descriptor, True)
        return
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


if __name__ == "__main__":
    guard()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
