"""Which process is at work: a number alone is reused, so it goes with the time of its birth."""

import contextlib
import os
import signal

import psutil

SAME_BIRTH = 2.0  # seconds; the system's clock may be set between two readings


def birth(pid: int) -> float | None:
    """When that process was started (seconds since the epoch); None where there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def process_lives(pid: int | None, created: float | None = None) -> bool:
    """Whether a process of that number, and of that birth where it is known, is there and no zombie."""
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        same = created is None or abs(process.create_time() - created) < SAME_BIRTH
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def reap(pid: int) -> None:
    """Take a dead child of ours off the process table; any other process is left alone."""
    if hasattr(os, "waitpid") and os.name == "posix":
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def kill(pid: int, created: float | None) -> None:
    """End a process and all that it started, at once; one that only has its number is left alone."""
    if not process_lives(pid, created):
        return
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(pid).children(recursive=True)
        if os.name == "posix" and os.getpgid(pid) == pid != os.getpgid(0):  # a worker leads its own group
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        for process in [psutil.Process(pid), *family]:
            with contextlib.suppress(psutil.Error):
                process.kill()
    reap(pid)
