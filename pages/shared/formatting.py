"""Durations and byte counts formatted for people."""

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
