"""Landscape tasks: loss-landscape queries about the students of up to four runs.

A survey is a task of the queue (see `tasks.base`). Its answers are stages (see `landscape.config`): what is known
already is not computed again.
"""

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from edc_core.config import validate_config
from edc_core.errors import SettingsError, StoreError
from edc_core.events import EventHandler, no_op
from edc_core.jobs.tasks.base import Task
from edc_core.landscape.config import SURFACES, LandscapeConfig, landscape_config, landscape_node, with_nodes
from edc_core.pipeline.execute import record_outcome
from edc_core.pipeline.prepare import PreparedRun, manifest, prepare
from edc_core.runs.landscape_results import compute_nodes, trained_node
from edc_core.runs.run_name import run_name
from edc_core.stage_graph import StageNode, Student, stable_hash
from edc_core.store import BUNDLED, SURVEY, StageResults, Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState

MAX_RUNS = 4  # runs that are looked at together


@dataclass(frozen=True)
class StudentQuery:
    """What is asked of one run's student (None: the run's first).

    `trained`: that student itself is wanted, as the beginning of another's line.
    """

    prepared: PreparedRun
    questions: tuple[LandscapeConfig, ...]
    student: Student | None = None
    trained: bool = False

    @cached_property
    def nodes(self) -> tuple[StageNode, ...]:
        """The stages that answer.

        Raises:
            SettingsError: the run has no such student, or no synthesis.
        """
        about = self.prepared
        task = (
            landscape_node(about.config, about.description.digest, about.nodes, question, self.student)
            for question in self.questions
        )
        own = (trained_node(about, self.student),) if self.trained else ()
        return tuple({node.key: node for node in (*own, *task)}.values())

    def plain(self) -> dict[str, Any]:
        """The query as JSON values."""
        return {
            "run": self.prepared.run,
            "settings": self.prepared.config.model_dump(mode="json"),
            "questions": [question.cache_key_fields() for question in self.questions],
            "student": str(self.student or ""),
            "trained": self.trained,
        }


@dataclass(frozen=True)
class LandscapeTask(Task):
    """Questions about several runs' students, answered in this order."""

    parts: tuple[StudentQuery, ...]

    @cached_property
    def id(self) -> str:
        keys = [node.key for part in self.parts for node in part.nodes]
        return f"landscape-{stable_hash(*keys)[:12]}"

    @property
    def title(self) -> str:
        """Title in the queue."""
        configs = [part.prepared.config for part in self.parts]
        names = dict.fromkeys(f"{run_name(config.model_dump(mode='json'))}, IPC {config.ipc}" for config in configs)
        return f"Landscape of {' and '.join(names)}"

    def pending(self, stage_results: StageResults) -> tuple[StageNode, ...]:
        """Stages without a result yet."""
        return tuple(node for part in self.parts for node in part.nodes if stage_results.find(node.key) is None)

    def row(self) -> tuple[dict[str, Any], list[dict], dict[str, Any], str]:
        """Settings, plan, manifest and origin for the store's row."""
        return self._settings(), self._plan(), manifest(self.parts[0].prepared), SURVEY

    def _settings(self) -> dict[str, Any]:
        config = self.parts[0].prepared.config.model_dump(mode="json")
        return {name: config[name] for name in ("preset", "dataset", "ipc", "evaluate")} | {
            "parts": [part.plain() for part in self.parts]
        }

    def _plan(self) -> list[dict]:
        """Its own stages, each with the run that it is about: with that run they go."""
        return [
            node.plain() | {"run": part.prepared.run}
            for part in self.parts
            for node in part.nodes
            if node.stage == "landscape"
        ]


def landscape_task(
    kept: Iterable[PreparedRun], questions: Iterable[dict[str, Any]], student: Student | None = None
) -> LandscapeTask:
    """These questions (`LandscapeConfig` values) about each of these runs.

    Kind "between" leads from the first run's student to each other's.

    Raises:
        SettingsError: too many runs, too few for a line, a loss that cannot be compared, or a wrong value.
    """
    kept, questions = list(kept), list(questions)
    kinds = {question["kind"] for question in questions}
    if not kept or len(kept) > MAX_RUNS or ("between" in kinds and len(kept) < 2):
        raise SettingsError(f"{len(kept)} runs were named: give up to {MAX_RUNS}, and two or more for kind between.")
    own = any(question.get("split") == "condensed" and question["kind"] in SURFACES for question in questions)
    if own and len(kept) > 1:
        raise SettingsError("split condensed is another loss for every run: compare runs on test or val.")
    parts = []
    for number, prepared in enumerate(kept):
        task = [_towards(q, kept[0], student) for q in questions if q["kind"] != "between" or number]
        settings = tuple(landscape_config(**question) for question in task)
        parts.append(StudentQuery(prepared, settings, student, trained="between" in kinds and number == 0))
    return LandscapeTask(tuple(parts))


def _towards(question: dict[str, Any], first: PreparedRun, student: Student | None) -> dict[str, Any]:
    other = {"other": trained_node(first, student).key} if question["kind"] == "between" else {}
    return question | other


def revalidate_landscape(found: RunRecord) -> LandscapeTask:
    """A stored survey (`Store.run`), its runs checked against their data sets as they are now.

    Raises:
        StoreError: it would look at other students.
        EDCError: the settings no longer fit.
    """
    task = LandscapeTask(
        tuple(
            StudentQuery(
                prepare(validate_config(part["settings"])),
                tuple(landscape_config(**question) for question in part["questions"]),
                Student.parse_optional(part["student"]),
                part["trained"],
            )
            for part in found.settings["parts"]
        )
    )
    if task.id != found.id:
        raise StoreError(f"'{found.id}' was asked of other data or by other code: run them again, then ask.")
    return task


def execute_landscape(
    task: LandscapeTask, home: Path, observe: EventHandler = no_op, bundled: tuple[Path, ...] = (BUNDLED,)
) -> dict[str, float]:
    """Answer what is not answered yet; returns computed stages' seconds by key.

    Weights that the store lacks (of most students that come with the project) are trained again.

    Raises:
        Cancelled: it was asked to stop; the next call goes on from there.
        EDCError: it failed in a way that has a cure.
    """
    started = time.monotonic()
    with closing(Store(home, bundled)) as store:
        if not task.pending(store.stage_results):
            return {}
        task.begin(store)
        seconds: dict[str, float] = {}
        with record_outcome(store, task.id):
            for part in task.parts:
                fresh = [node for node in part.nodes if not (home / "partial" / node.key).exists()]
                wider = with_nodes(part.prepared, part.nodes)
                seconds |= compute_nodes(wider, {node.key for node in part.nodes}, store, task.id, observe)
                _remember_cost(store, fresh, seconds)
        store.finish(task.id, RunState.FINISHED, {"seconds": round(time.monotonic() - started, 2)})
        return seconds


def _remember_cost(store: Store, nodes: Iterable[StageNode], seconds: dict[str, float]) -> None:
    """Keep what a unit of work took here, for the next forecast; an answer that was resumed tells nothing."""
    for node in nodes:
        if node.stage == "landscape" and node.key in seconds:
            store.set_measurement(node.settings.cost_name(node.student), seconds[node.key] / node.settings.work)
