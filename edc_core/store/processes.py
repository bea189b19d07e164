"""Which process is at work: its number goes with the time of its birth and with the place where it counts."""

import contextlib
import functools
import os
import signal
import socket
from pathlib import Path
from typing import NamedTuple

import psutil

SAME_BIRTH = 2.0  # seconds; where birth is a date, the clock may be set between two readings
BOOT = Path("/proc/sys/kernel/random/boot_id")
NAMESPACE = Path("/proc/self/ns/pid")


class PidScope(NamedTuple):
    """Where a process number counts: a host, one boot of it, a PID namespace (each container has its own)."""

    host: str
    boot: str  # empty where the system does not tell
    namespace: str  # as above

    def __str__(self) -> str:
        return "|".join(self)

    @property
    def is_here(self) -> bool:
        """Whether its numbers are this process's."""
        own = pid_scope()
        return self[1:] == own[1:] if self.boot and own.boot else self == own

    @property
    def on_this_boot(self) -> bool:
        """Whether its monotonic clock is this process's."""
        return bool(self.boot) and self.boot == pid_scope().boot

    @property
    def is_past(self) -> bool:
        """Whether it is an earlier boot of a host of this name, whose processes have all gone."""
        own = pid_scope()
        return bool(self.boot) and self.host == own.host and self.boot != own.boot


@functools.cache
def pid_scope() -> PidScope:
    """This process's own."""
    boot, namespace = "", ""
    with contextlib.suppress(OSError, ValueError):
        boot = BOOT.read_text(encoding="utf-8").strip()
        namespace = os.readlink(NAMESPACE)
    return PidScope(socket.gethostname().replace("|", "-"), boot, namespace)


def parse_pid_scope(text: object) -> PidScope | None:
    """A scope as a row has it; None where it names none, as in rows of older versions."""
    parts = text.split("|") if isinstance(text, str) else []
    return PidScope(*parts) if len(parts) == len(PidScope._fields) else None


def birth(pid: int) -> float | None:
    """When that process was started, as a number that no setting of the clock moves; None where there is none.

    On Linux seconds since the boot, beside that boot's own number; elsewhere seconds since the epoch.
    """
    try:
        return _born(psutil.Process(pid))
    except psutil.Error:
        return None


def _born(process: psutil.Process) -> float:
    if (boot := _boot()) is None:
        return process.create_time()
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        raise psutil.NoSuchProcess(process.pid) from None
    return boot + int(fields[19]) / os.sysconf("SC_CLK_TCK")  # its field 22, counted from the process's name


@functools.cache
def _boot() -> float | None:
    """A number that no other boot has, in steps longer than any machine stays up; None where there is none."""
    try:
        return 1e9 * (int(BOOT.read_text(encoding="utf-8").strip().replace("-", ""), 16) % 10_000)
    except (OSError, ValueError):
        return None


def process_lives(pid: int | None, created: float | None = None) -> bool:
    """Whether a process of that number, and of that birth where it is known, is there and no zombie."""
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        same = created is None or abs(_born(process) - created) < SAME_BIRTH
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def reap(pid: int) -> None:
    """Take a dead child of ours off the process table; any other process is left alone."""
    if hasattr(os, "waitpid") and os.name == "posix":
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def wake(pid: int, created: float | None) -> None:
    """Let a suspended process go on; one that only has its number is left alone."""
    if hasattr(signal, "SIGCONT") and process_lives(pid, created):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGCONT)


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
