"""Partners of a run: stored runs that it is compared with, alike but for what is compared."""

import json
from collections.abc import Sequence

from edc_core.design_space.profiles import current_profile
from edc_core.runs.run_name import REFERENCE, run_name
from edc_core.store.run_record import RunRecord

SCHEDULE, FLATNESS = "smoothing-schedule", "flatness"  # of EDC's choices those that are said to lower sharpness


def choice_pair(runs: Sequence[RunRecord], choice: str) -> tuple[RunRecord, RunRecord] | None:
    """EDC and EDC without one choice, else alike; what comes with the project before any other."""
    without = [run for run in runs if run.result and _is_without(run, choice)]
    for other in sorted(without, key=lambda run: (not run.bundled, -run.created)):
        if edc := _closest(other, [run for run in runs if run.result and _is_preset(run, REFERENCE)]):
            return edc, other
    return None


def partner_of(run: RunRecord, runs: Sequence[RunRecord]) -> RunRecord | None:
    """The run to see another one beside: its unchanged preset; of EDC itself, EDC without the smoothed schedule."""
    finished = [other for other in runs if other.result and other.id != run.id]
    name = run_name(run.settings)
    if name.count or name.base != REFERENCE:
        base = name.base if name.count else REFERENCE
        return _closest(run, [other for other in finished if _is_preset(other, base)])
    return _closest(run, [other for other in finished if _is_without(other, SCHEDULE)])


def all_off(edc: RunRecord, runs: Sequence[RunRecord]) -> RunRecord | None:
    """The run with none of EDC's choices beside an EDC run, on the same data set."""
    rungs = [run for run in runs if run.result and run_name(run.settings).preset == "A"]
    same = [run for run in rungs if _judged(run, protocol=False) == _judged(edc, protocol=False)]
    return min(same, key=lambda run: (run.settings["protocol"] != edc.settings["protocol"], -run.created), default=None)


def _is_preset(run: RunRecord, base: str) -> bool:
    name = run_name(run.settings)
    return name.base == base and not name.count


def _is_without(run: RunRecord, choice: str) -> bool:
    name = run_name(run.settings)
    return name.base == REFERENCE and name.values == ((choice, "false"),)


def _closest(run: RunRecord, others: Sequence[RunRecord]) -> RunRecord | None:
    """Of the runs that are judged alike one of the same seed, else any."""
    alike = [other for other in others if _judged(other) == _judged(run)]
    return min(alike, key=lambda other: (other.seed != run.seed, not other.bundled, -other.created), default=None)


def _judged(run: RunRecord, protocol: bool = True) -> str:
    """Data set, profile, IPC, protocol, students and scored images: what two runs must share."""
    settings = run.settings
    students = settings["evaluate"]["students"]
    profile = current_profile(settings["settings"])
    data = (run.manifest["dataset"]["digest"], settings["data"])
    judge = settings["protocol"] if protocol else ""
    return json.dumps([data, profile, run.ipc, judge, students, settings["score"]["split"]], sort_keys=True)
