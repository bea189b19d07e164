"""Evidence for the extensions, measured in this lab: read from `assets/beyond.json`."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from edc_core.design_space.profiles import current_profile
from edc_core.environment import ASSETS
from edc_core.intervals import Estimate, estimate
from edc_core.store.files import read_json, write_json

RECORD = ASSETS / "beyond.json"  # `python -m experiments.extensions_table --out assets/beyond.json`
ALIKE = ("dataset", "settings", "ipc", "changes", "seeds")  # what makes two measurements the same one


def add(record: dict[str, Any], path: Path = RECORD) -> None:
    """Keep one measurement, in the place of an earlier one of the same kind."""
    kept = [other for other in _records(path) if any(other[name] != record[name] for name in ALIKE)]
    write_json(path, {"measurements": [*kept, record]})
    _read.cache_clear()


def against_edc(title: str, record: dict[str, Any]) -> dict[str, Estimate]:
    """Differences from EDC in points of top-1, paired by seed, by variant ("" is the choice as it stands)."""
    edc = record["top1"][record["reference"]]
    return {
        name.removeprefix(title).removeprefix(", "): estimate([a - b for a, b in zip(values, edc, strict=True)])
        for name, values in record["top1"].items()
        if name == title or name.startswith(f"{title}, ")
    }


def sentence(title: str, path: Path = RECORD) -> str:
    """Sentence on the evidence for a choice or preset; empty if nothing was measured."""
    told = [_told(record, found) for record in _records(path) if (found := against_edc(title, record))]
    if not told:
        return ""
    return f"Measured here against EDC on held-out images, with 95 % intervals: {'; '.join(told)}."


def _told(record: dict[str, Any], found: dict[str, Estimate]) -> str:
    shown = ", ".join(f"{f'{name}: ' if name else ''}{_said(gap)}" for name, gap in found.items())
    about = f"IPC {record['ipc']}, profile {current_profile(record['settings'])}, {_seeds(record['seeds'])}"
    return f"{record['dataset']} ({about}) {shown}"


def _seeds(seeds: list[int]) -> str:
    """Text of the seeds, in which alone two measurements may differ: "seeds 0 to 4"."""
    if seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds))}"


def _said(gap: Estimate) -> str:
    head = f"{gap.mean:+z.1f} points"
    said = head if gap.low is None else f"{head} ({gap.low:+z.1f} to {gap.high:+z.1f})"
    return said.replace("-", "\u2212")


def _records(path: Path) -> list[dict[str, Any]]:
    return _read(path)["measurements"] if path.exists() else []


@lru_cache(4)
def _read(path: Path) -> dict:
    return read_json(path)
