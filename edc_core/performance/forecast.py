"""What a run will take, before anybody presses Launch: seconds by stage, and memory.

Three things are put together: a table of what networks' steps cost, this machine's speed against it
(measured in a few seconds), and how far such forecasts of this store's finished stages were off.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from edc_core.config import RunConfig, validate_config
from edc_core.data import Description
from edc_core.data.dataset import CACHE_FILES
from edc_core.errors import EDCError
from edc_core.performance import calibrate as calibration
from edc_core.performance.calibrate import Calibration
from edc_core.performance.costs import HEADROOM, Costs
from edc_core.performance.workload import SECONDS, Workload, held_memory, networks
from edc_core.pipeline.prepare import PreparedRun
from edc_core.stage_graph import RESULT_STAGES, build_stage_graph, run_id
from edc_core.store import Store
from edc_core.store.files import read_json, seconds_taken
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import plural

PAST_RUNS = 30  # the newest, that corrections come from
TOO_SHORT = 0.15  # seconds: a stage as short as this says little about speed
LIMITS = (0.2, 5.0)  # of a correction; what is further off has another cause

Corrections = dict[tuple[str, tuple[str, ...]], float]


@dataclass(frozen=True)
class StageForecast:
    """One stage: its seconds, 0 where its result is in the store."""

    stage: str
    name: str
    key: str
    seconds: float
    done: bool


@dataclass(frozen=True)
class Forecast:
    """What a run will take from the moment a worker has it; `seconds` holds `startup` too."""

    seconds: float
    memory_mb: float
    stages: tuple[StageForecast, ...]
    basis: str  # what the figures rest on
    startup: float = 0.0  # loading torch, and decoding a data set that is new to the store


def forecast(prepared: PreparedRun, store: Store) -> Forecast:
    """What is left to compute of a run, in seconds on this machine, and the memory of its worker in MB."""
    machine = calibration.read(store)
    corrections, runs = past_corrections(store, machine)
    work = workload_of(prepared.config, prepared.description, machine)
    todo = {node.key for node in prepared.pending(store.stage_results, RESULT_STAGES)}
    stages = tuple(
        StageForecast(
            node.stage,
            node.name,
            node.key,
            round(_corrected(work, node.stage, node.name, corrections), 3) if node.key in todo else 0.0,
            node.key not in todo,
        )
        for node in prepared.nodes
        if node.key in todo or store.stage_results.find(node.key)
    )
    startup = round(machine.startup + _decoding(prepared.description, store.home, machine), 2) if todo else 0.0
    seconds = round(startup + sum(stage.seconds for stage in stages), 2)
    return Forecast(seconds, _memory_mb(work, stages, machine), stages, _basis(machine, runs), startup)


def forecast_together(runs: Sequence[tuple[PreparedRun, Collection[str]]], store: Store) -> Forecast:
    """Several runs one after the other in one worker: each with the keys of the stages that are computed for it."""
    machine = calibration.read(store)
    corrections, past_runs = past_corrections(store, machine)
    memory, stages = 0.0, []
    for prepared, keys in runs:
        work = workload_of(prepared.config, prepared.description, machine)
        own = tuple(
            StageForecast(
                node.stage, node.name, node.key, round(_corrected(work, node.stage, node.name, corrections), 3), False
            )
            for node in prepared.nodes
            if node.key in keys
        )
        stages += own
        memory = max(memory, _memory_mb(work, own, machine))
    datasets = {prepared.description.digest: prepared.description for prepared, keys in runs if keys}
    decoding = sum(_decoding(about, store.home, machine) for about in datasets.values())
    startup = round(machine.startup + decoding, 2) if stages else 0.0
    seconds = round(startup + sum(stage.seconds for stage in stages), 2)
    return Forecast(seconds, memory, tuple(stages), _basis(machine, past_runs), startup)


def prepared_of(run: RunRecord) -> PreparedRun:
    """A stored run as it was prepared, from what the store says of it alone.

    Raises:
        SettingsError: its settings are no longer understood.
    """
    config, about = validate_config(run.settings), description_of(run)
    nodes = build_stage_graph(config, about.digest)
    return PreparedRun(config, about, nodes, run_id(config, nodes))


def description_of(run: RunRecord) -> Description:
    """The data set as the run's manifest describes it."""
    about = run.manifest["dataset"]
    return Description(
        name=about["name"],
        digest=about["digest"],
        classes=tuple(about["classes"]),
        size=about["size"],
        channels=about["channels"],
        train_counts=tuple(about["train_counts"]),
        test_count=about["test_count"],
    )


def workload_of(config: RunConfig, about: Description, machine: Calibration) -> Workload:
    return Workload(config, about, Costs(about.channels, about.size, machine.slowness))


def past_corrections(store: Store, machine: Calibration) -> tuple[Corrections, int]:
    """How much longer finished stages took than they would be forecast, and how many runs say so."""
    stamp = store.database.row("SELECT COUNT(*), MAX(finished) FROM runs WHERE state = ?", (RunState.FINISHED,))
    return _past(store.home, tuple(stamp), str(machine))


@lru_cache(64)
def _past(home: Path, stamp: tuple, machine: str) -> tuple[Corrections, int]:
    """Remembered until another run is finished, or the machine is measured again."""
    store = Store(home)
    try:
        known = store.runs(archived=True)
        runs = [run for run in known if run.state == RunState.FINISHED and not run.bundled]
        return _median_ratios(store, runs[:PAST_RUNS], calibration.read(store))
    finally:
        store.close()


def _median_ratios(store: Store, runs: list[RunRecord], machine: Calibration) -> tuple[Corrections, int]:
    ratios: dict[tuple[str, tuple[str, ...]], list[float]] = defaultdict(list)
    seen: set[str] = set()
    counted = 0
    for run in runs:
        try:
            work = workload_of(validate_config(run.settings), description_of(run), machine)
        except (EDCError, KeyError):  # made by other code
            continue
        before = len(seen)
        for node in run.plan:
            actual = _seconds(store.home / "artefacts" / node["key"], machine) if node["key"] not in seen else None
            if actual is None or node["stage"] not in SECONDS:
                continue
            expected = SECONDS[node["stage"]](work, node["name"])
            if max(actual, expected) > TOO_SHORT:
                seen.add(node["key"])
                ratios[node["stage"], networks(work, node["stage"], node["name"])].append(actual / expected)
        counted += len(seen) > before
    lowest, highest = LIMITS
    return {
        # A single past stage may have had the machine to share: the more of them, the more they are believed.
        key: min(max(statistics.median(found), lowest), highest) ** (len(found) / (len(found) + 1))
        for key, found in ratios.items()
    }, counted


def _seconds(folder: Path, machine: Calibration) -> float | None:
    """What a stage took here, with the threads that workers have now; None where it is not so."""
    try:
        seconds, runtime = seconds_taken(folder), read_json(folder / "runtime.json")
    except EDCError:
        return None
    return seconds if runtime["threads"] == (machine.threads or runtime["threads"]) else None


def _corrected(work: Workload, stage: str, name: str, corrections: Corrections) -> float:
    """A stage's seconds, corrected by its own past, or else by that of its kind with other networks."""
    own = corrections.get((stage, networks(work, stage, name)))
    alike = [ratio for (kind, _), ratio in corrections.items() if kind == stage]
    factor = own if own is not None else math.sqrt(statistics.median(alike)) if alike else 1.0
    return factor * SECONDS[stage](work, name)


def _decoding(about: Description, home: Path, machine: Calibration) -> float:
    """Seconds to decode a data set that this store has not seen."""
    if all((home / "datasets" / about.digest / name).is_file() for name in CACHE_FILES):
        return 0.0
    larger = about.channels * (about.size / 28) ** 2  # than the images it was measured on; opening one costs as well
    return (sum(about.train_counts) + about.test_count) * machine.decode * (0.8 + 0.25 * larger)


def _memory_mb(work: Workload, stages: tuple[StageForecast, ...], machine: Calibration) -> float:
    """The worker's peak: torch itself, and the hungriest stage."""
    most = max((held_memory(work, stage.stage, stage.name) for stage in stages if not stage.done), default=None)
    return 0.0 if most is None else round(machine.base_mb + HEADROOM * most / 2**20)


def _basis(machine: Calibration, runs: int) -> str:
    measured = "measured on this machine" if machine.measured else "a reference machine; this one is not measured yet"
    return measured + (f", corrected by {runs} past {plural(runs, 'run')}" if runs else "")
