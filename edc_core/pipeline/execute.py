"""Execution of a run: its missing stages, computed in order through the store."""

import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from edc_core.data import Dataset, open_dataset
from edc_core.errors import Cancelled, EDCError, StoreError, TakenOver
from edc_core.events import EventHandler, StageDone, StageStarted, no_op, tee
from edc_core.pipeline.prepare import PreparedRun, manifest, versions
from edc_core.stage_graph import CODE_VERSIONS, EXTRA_STAGES, RESULT_STAGES, StageNode, data_digest
from edc_core.store import BUNDLED, Recorder, StageResults, Store
from edc_core.store.files import read_json, write_json
from edc_core.store.schema import is_full
from edc_core.store.states import RunState


def execute(
    prepared: PreparedRun,
    home: Path,
    observe: EventHandler = no_op,
    bundled: tuple[Path, ...] = (BUNDLED,),
    targets: tuple[str, ...] = RESULT_STAGES,
) -> dict[str, Any]:
    """Execute a run: compute its missing stages and return its result (see `summary`).

    Args:
        prepared: of `prepare`.
        home: the store's folder.
        observe: is called with every event, and may raise `Cancelled`.
        bundled: further stores, read-only.
        targets: at least the stages of a result; extra ones (`stage_graph.EXTRA_STAGES`) may be added.

    Raises:
        Cancelled: the run was asked to stop; what was finished is kept.
        EDCError: it failed in a way that has a cure.
    """
    started = time.monotonic()
    # Pixels first: a damaged image is found before the run enters the store.
    dataset = None
    if prepared.pending(StageResults(home, bundled), targets):
        dataset = open_dataset(prepared.config.dataset, prepared.config.data, home, prepared.description)
    with closing(Store(home, bundled)) as store:
        if dataset is None and (result := store.result(prepared.run)):
            seconds: dict[str, float] = {}
        else:
            result, seconds = _recorded(store, prepared, dataset, observe, targets)
    return result | {"seconds": round(time.monotonic() - started, 2), "stages": _stages(prepared, seconds)}


def _recorded(
    store: Store, prepared: PreparedRun, dataset: Dataset | None, observe: EventHandler, targets: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, float]]:
    """Register the run, compute it, and record its outcome in any case."""
    run = prepared.run
    plan = [node.plain() for node in prepared.nodes]
    store.claim_or_resume(run, prepared.config.model_dump(mode="json"), plan, manifest(prepared))
    recorder = Recorder(store, run, prepared.description.digest)
    report = tee(recorder, observe)

    with record_outcome(store, run):
        todo = prepared.pending(store.stage_results, targets)
        if todo and dataset is None:  # deleted between the look and the registration
            dataset = open_dataset(prepared.config.dataset, prepared.config.data, store.home, prepared.description)
        seconds = compute(prepared, todo, dataset, store, recorder, report)
        result = summary(prepared, store.stage_results)
    store.finish(run, RunState.FINISHED, result)
    return result, seconds


@contextmanager
def record_outcome(store: Store, run: str) -> Iterator[None]:
    """Record the outcome of work on a row of the store if it does not end well.

    Raises:
        StoreError: the disk is full.
        EDCError: anything unforeseen; the report is in a file that it names.
    """
    try:
        yield
    except TakenOver:
        raise  # its row is another's
    except Cancelled:
        store.finish_cancelled(run)
        raise
    except KeyboardInterrupt:
        store.finish(run, RunState.CANCELLED)
        raise
    except EDCError as error:
        store.finish(run, RunState.FAILED, error=error)
        raise
    except Exception as error:
        if is_full(error):
            sentence = f"the disk of '{store.home}' is full: free some space, then resume; what is finished stays."
            store.finish(run, RunState.FAILED, error=sentence)
            raise StoreError(sentence) from None
        message = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"
        store.finish(run, RunState.FAILED, error=message)
        log = store.home / "logs" / f"{run}.log"
        with suppress(OSError):
            log.parent.mkdir(exist_ok=True)
            log.write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
        raise EDCError(f"run '{run}' failed ({message}): the full report is in {log}.") from error


def compute(
    prepared: PreparedRun,
    todo: tuple[StageNode, ...],
    dataset: Dataset | None,
    store: Store,
    recorder: Recorder,
    report: EventHandler,
) -> dict[str, float]:
    """Compute the missing stages in order; returns each computed stage's seconds by key."""
    seconds: dict[str, float] = {}
    keys = {node.key for node in todo}
    with recorder.alive():
        if todo:
            load_stages()
        for node in prepared.nodes:
            if node.key not in keys:
                if store.stage_results.find(node.key):
                    report(StageDone(node.stage, node.name, node.key, True, 0.0))
                continue
            report(StageStarted(node.stage, node.name, node.key))
            seconds[node.key] = _compute_node(prepared, node, dataset, store, recorder, report)
            report(StageDone(node.stage, node.name, node.key, False, seconds[node.key]))
    return seconds


def load_stages() -> None:
    """Load torch and the stages, and configure torch, before any stage is said to have started."""
    import edc_core.pipeline.stages  # noqa: F401
    from edc_core.torch_utils.setup import configure_torch

    configure_torch()


def _compute_node(
    prepared: PreparedRun, node: StageNode, dataset: Dataset, store: Store, recorder: Recorder, report: EventHandler
) -> float:
    from edc_core.pipeline.context import StageContext
    from edc_core.pipeline.stages import STAGES

    with store.stage_results.create(node.key, report, recorder.confirm) as work:
        if work is None:
            return 0.0
        context = StageContext(node, prepared.nodes, prepared.config, dataset, store.stage_results, work, report)
        STAGES[node.stage](context)
        recorder.flush()
        if curves := store.curves(node.key):
            write_json(work.path / "curves.json", curves)
        seconds = context.seconds()
        write_json(work.path / "stage.json", _stage_record(prepared, node, seconds))
    store.drop_curves(node.key)
    return seconds


def _stage_record(prepared: PreparedRun, node: StageNode, seconds: float) -> dict[str, Any]:
    """Record of a stage's result: settings, inputs, code and library versions."""
    return node.plain() | {
        "settings": node.settings.cache_key_fields(),
        "inputs": list(node.inputs),
        "data": data_digest(prepared.config, prepared.description.digest),
        "code_version": CODE_VERSIONS[node.stage],
        "seconds": seconds,
        "versions": versions(),
        "finished": time.time(),
    }


def summary(prepared: PreparedRun, stage_results: StageResults) -> dict[str, Any]:
    """Result of a finished run: top-1 and top-5 in percent of each student and seed, and the mean top-1."""
    students = []
    for node in prepared.nodes:
        if node.stage == "score":
            scores = read_json(stage_results.find(node.key) / "score.json")
            student = node.trained_student
            students.append(
                {
                    "student": student.network,
                    "seed": student.seed,
                    "top1": round(scores["raw"]["top1"], 4),
                    "top1_ema": round(scores["ema"]["top1"], 4),
                    "top5": round(scores["raw"]["top5"], 4),
                    "top5_ema": round(scores["ema"]["top5"], 4),
                }
            )
    mean = {name: round(sum(student[name] for student in students) / len(students), 4) for name in ("top1", "top1_ema")}
    score = prepared.config.score
    return {
        "run": prepared.run,
        **mean,
        "split": score.split,
        "headline": "top1_ema" if score.weights == "ema" else "top1",
        "students": students,
    }


def _stages(prepared: PreparedRun, seconds: dict[str, float]) -> list[dict[str, Any]]:
    return [
        node.plain() | {"cached": node.key not in seconds, "seconds": seconds.get(node.key, 0.0)}
        for node in prepared.nodes
        if node.stage not in EXTRA_STAGES or node.key in seconds
    ]
