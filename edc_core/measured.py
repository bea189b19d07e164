"""What this lab has measured of each choice beyond EDC: read from `assets/beyond.json`, which a command writes."""

from functools import lru_cache
from pathlib import Path

from edc_core.environment import ASSETS
from edc_core.judging.intervals import Estimate, estimate
from edc_core.store.files import read_json

RECORD = ASSETS / "beyond.json"  # `python -m tests.beyond_table --out assets/beyond.json`


def against_edc(title: str, path: Path = RECORD) -> dict[str, Estimate]:
    """Differences from EDC in points of top-1, paired by seed, by variant ("" is the choice as it stands)."""
    if not path.exists():
        return {}
    record = _read(path)
    edc = record["top1"][record["reference"]]
    return {
        name.removeprefix(title).removeprefix(", "): estimate([a - b for a, b in zip(values, edc, strict=True)])
        for name, values in record["top1"].items()
        if name == title or name.startswith(f"{title}, ")
    }


def sentence(title: str, path: Path = RECORD) -> str:
    """What is to be said of a choice; empty where nothing was measured."""
    found = against_edc(title, path)
    if not found:
        return ""
    record = _read(path)
    shown = ", ".join(f"{f'{name}: ' if name else ''}{_said(gap)}" for name, gap in found.items())
    return (
        f"Measured here against EDC on held-out images of {record['dataset']}, IPC {record['ipc']}, settings"
        f" {record['settings']}, {len(record['seeds'])} seeds, with 95 % intervals: {shown}."
    )


def _said(gap: Estimate) -> str:
    head = f"{gap.mean:+z.1f} points"
    said = head if gap.low is None else f"{head} ({gap.low:+z.1f} to {gap.high:+z.1f})"
    return said.replace("-", "\u2212")


@lru_cache(4)
def _read(path: Path) -> dict:
    return read_json(path)
