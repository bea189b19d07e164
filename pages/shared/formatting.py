"""Durations and byte counts formatted for people."""

from edc_core.performance.queue_wait import QueueWait

SPACE = "\u00a0"  # between a number and its unit no line is broken


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 1:
        return f"under 1{SPACE}s"
    if seconds < 90:
        return f"{seconds:.0f}{SPACE}s"
    if seconds < 5400:
        return f"{seconds / 60:.0f}{SPACE}min"
    return f"{seconds / 3600:.1f}{SPACE}h"


def storage(count: int) -> str:
    """Bytes in powers of 1024."""
    for unit, one in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= one:
            return f"{count / one:.3g}{SPACE}{unit}"
    return f"{count}{SPACE}bytes"


def in_line(wait: QueueWait) -> str:
    """ "Third in line, about 4 min until it starts"; where nobody can know how long, that it is not known."""
    if not wait.before:
        return "Next in line: a worker is starting"
    if wait.seconds is None:
        return f"{wait.in_line}; how long until it starts is not known yet"
    return f"{wait.in_line}, about {duration(max(wait.seconds, 1))} until it starts"
