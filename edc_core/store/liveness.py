"""Liveness of the process that holds a run: its heartbeat, and whether it exists where its number counts.

A fresh heartbeat is believed, whoever looks. A silent process that exists is suspended or busy, not dead. One in
another container or on another host cannot be looked up: there, only a long silence counts as its end.
"""

import os
import sqlite3
import time
from collections.abc import Mapping
from typing import Any

from edc_core.store.files import is_finite
from edc_core.store.processes import SAME_BIRTH, birth, kill, parse_pid_scope, pid_scope, process_lives, wake
from edc_core.store.states import RunState

HEARTBEAT_TIMEOUT = 10.0  # seconds of silence before a process counts as not answering
GONE_AFTER = 900.0  # seconds of silence before a process that cannot be looked up counts as gone
OWN = "pid = ? AND pid_scope IS ?"  # a condition in SQL; its values: `own_process()`
COLUMNS = "state, cancel, pid, pid_created, pid_scope, heartbeat, heartbeat_clock"  # that `state_of` reads

Row = Mapping[str, Any] | sqlite3.Row


def state_of(row: Row) -> RunState:
    """A run's state as of now: one whose process is silent is not answering, one whose process is gone is
    interrupted, or was cancelled."""
    if row["state"] != RunState.RUNNING:
        return RunState(row["state"])
    if _is_held(row):
        return RunState.RUNNING if silence(row) < HEARTBEAT_TIMEOUT else RunState.NOT_ANSWERING
    return RunState.CANCELLED if row["cancel"] else RunState.INTERRUPTED


def silence(row: Row) -> float:
    """Seconds since the last heartbeat.

    By the clock of the machine's boot where that is this one's: it stands still while a laptop sleeps, and nobody
    sets it. Else by the two machines' clocks, which may differ either way.
    """
    scope, clock = parse_pid_scope(row["pid_scope"]), row["heartbeat_clock"]
    if scope and scope.on_this_boot and is_finite(clock) and time.monotonic() - clock > -1:
        return max(0.0, time.monotonic() - clock)
    return abs(time.time() - row["heartbeat"])


def _is_held(row: Row) -> bool:
    """Whether a process is at it, as far as can be known from here."""
    pid, born, scope = row["pid"], row["pid_created"], parse_pid_scope(row["pid_scope"])
    if type(pid) is not int or not (born is None or is_finite(born)) or not is_finite(row["heartbeat"]):
        return False  # a damaged row may hold anything
    fresh = silence(row) < HEARTBEAT_TIMEOUT
    if scope is None or scope.is_here:
        return process_lives(pid, born) and (fresh or born is not None)  # a number alone may be another's by now
    return fresh or (silence(row) < GONE_AFTER and not scope.is_past)


def own_process() -> tuple[int, str]:
    """This process's number, and where it counts."""
    return os.getpid(), str(pid_scope())


def is_own(row: Row) -> bool:
    """Whether this process holds it."""
    born, own = row["pid_created"], birth(os.getpid())
    same = born is None or own is None or (is_finite(born) and abs(born - own) < SAME_BIRTH)
    return (row["pid"], row["pid_scope"]) == own_process() and same


def is_here(row: Row) -> bool:
    """Whether its process, if there is one, can be looked up and signalled from here."""
    scope = parse_pid_scope(row["pid_scope"])
    return type(row["pid"]) is int and (scope is None or scope.is_here)


def wake_holder(row: Row) -> None:
    """Let its process go on where it was suspended here."""
    if is_here(row):
        wake(row["pid"], row["pid_created"])


def kill_holder(row: Row) -> None:
    """End its process where that is one of another number here."""
    if is_here(row) and row["pid"] != os.getpid():
        kill(row["pid"], row["pid_created"])


def describe_holder(row: Row) -> str:
    """Its process in words: `process 12`, with the host or container where it is not here."""
    scope = parse_pid_scope(row["pid_scope"])
    if scope is None or scope.is_here:
        return f"process {row['pid']}"
    inner = "in another container, " if scope.on_this_boot else ""
    return f"process {row['pid']} ({inner}host '{scope.host}')"


def describe_silence(row: Row) -> str:
    """What is known of a run that does not answer: `process 12 has been silent for 40 s and may only be suspended`."""
    seconds = silence(row)
    long = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    return f"{describe_holder(row)} has been silent for {long} and may only be suspended"
