"""The queue: runs of state 'queued' in the store, and the order in which they come.

Start-time fair queueing: a person's successive runs get successive rounds, and a newcomer's first run joins
the round now being served. A run that several people asked for counts as that of whoever's turn comes first.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from edc_core.access.permissions import Person, Refused, check_may_start, most_queued
from edc_core.jobs.dataset_access import check_all_listed, check_listed
from edc_core.jobs.supervisor import supervise
from edc_core.jobs.tasks.base import Task
from edc_core.pipeline.prepare import PreparedRun, manifest
from edc_core.stage_graph import EXTRA_STAGES, RESULT_STAGES
from edc_core.store import Store
from edc_core.store.files import is_finite
from edc_core.store.liveness import COLUMNS, state_of
from edc_core.store.run_record import RunRecord
from edc_core.store.schema import transaction
from edc_core.store.states import ALIVE_SQL, RunState


@dataclass(frozen=True)
class Ticket:
    """What became of a submission: `place` 0 is running (or finished), 1 is next in the queue."""

    run: str
    outcome: Literal["finished", "joined", "queued"]
    place: int


def submit(
    store: Store,
    prepared: PreparedRun,
    person: Person,
    wanted: tuple[str, ...] = RESULT_STAGES,
    origin: str = "app",
    check: Callable[[], None] | None = None,
) -> Ticket:
    """Submit a run to the queue; a finished one is returned at once, a queued or running one is joined.

    Extra stages (EXTRA_STAGES) among `wanted` may be asked of a finished run: only they are computed then.
    `check` raises `Refused` where it is not to be asked for any more; nothing changes between that look and the queue.

    Raises:
        Refused: the lab is read-only, the data set is not on its list, or this person has enough runs
            waiting.
        StoreError: the store cannot be written.
    """
    check_may_start(person)
    if origin == "app":  # of a matrix, all were checked when it was asked for
        check_listed(store, prepared.config.dataset, person)
    run, now = prepared.run, time.time()
    todo = prepared.pending(store.stage_results, wanted)
    with transaction(store.database):
        if check:
            check()
        found = store.find(run)
        state = found.state if found else None
        if state == RunState.FINISHED and not todo:
            if found and found.archived is not None:
                _adopt(store, run, person, now)
            return Ticket(run, "finished", 0)
        if state is None or not state.is_alive:
            check_limit(store, person)
            _enqueue(store, prepared, person, found, origin, now)
        elif found and found.cancel:
            _go_on(store, run, now)
        _want(store, run, wanted)
        if found and found.archived is not None:
            _adopt(store, run, person, now)
        else:
            _sign(store, run, person, now, extra=bool(found and found.result))
    supervise(store)
    return Ticket(run, "joined" if state and state.is_alive else "queued", places(store).get(run, 0))


def submit_task(store: Store, task: Task, person: Person) -> Ticket:
    """Submit a task other than a run to the queue; as `submit`.

    Raises:
        Refused: the lab is read-only, a data set is not on its list, or this person has enough runs waiting.
        StoreError: the store cannot be written.
    """
    check_may_start(person)
    check_all_listed(store, task.row()[0], person)
    name, now = task.id, time.time()
    if not task.pending(store.stage_results):
        return Ticket(name, "finished", 0)
    with transaction(store.database):
        found = store.find(name)
        state = found.state if found else None
        if state is None or not state.is_alive:
            check_limit(store, person)
            task.register(store)
            _wait(store, name, now)
            if found is None:
                store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (person.id, name))
        elif found and found.cancel:
            _go_on(store, name, now)
        _sign(store, name, person, now)
    supervise(store)
    return Ticket(name, "joined" if state and state.is_alive else "queued", places(store).get(name, 0))


def places(store: Store) -> dict[str, int]:
    """Each live run's place: 0 is running, 1 is next in the queue, and so on."""
    live = _live(store)
    order = [row["id"] for row in _in_order(live, _signed(store))]
    return {row["id"]: 0 for row in live if row["state"] == RunState.RUNNING} | {
        run: place for place, run in enumerate(order, 1)
    }


def claim(store: Store) -> str | None:
    """Claim the next queued run for this process; None if the queue is empty."""
    with transaction(store.database):
        waiting = _in_order(_live(store), _signed(store))
        if not waiting:
            return None
        store.mark_running(waiting[0]["id"], note="loading torch")
        return waiting[0]["id"]


def _live(store: Store) -> list[Any]:
    """Rows of what waits and what works; a run whose process died does neither."""
    rows = store.database.rows(f"SELECT id, queued, created, {COLUMNS} FROM runs WHERE state IN {ALIVE_SQL}")
    return [row for row in rows if state_of(row).is_alive]


def _signed(store: Store) -> list[Any]:
    """(run, person, turn, state) of those who ask for a live run now, in the order of their asking."""
    live = {row["id"] for row in _live(store)}
    rows = store.database.rows(
        "SELECT run, person, turn, state FROM submissions JOIN runs ON runs.id = run"
        f" WHERE state IN {ALIVE_SQL} AND time >= COALESCE(queued, 0) ORDER BY time"
    )
    return [row for row in rows if row["run"] in live]


def others(store: Store, run: str, person: Person) -> list[str]:
    """Other people who have submitted this queued or running run."""
    return [row["person"] for row in _signed(store) if row["run"] == run and row["person"] != person.queue_share]


def launchers(store: Store, run: str) -> list[str]:
    """Who asked for the run itself, the first of them first; not who asked for more of it when it was finished."""
    query = "SELECT person FROM submissions WHERE run = ? AND NOT extra ORDER BY time"
    return [row["person"] for row in store.database.rows(query, (run,))]


def _in_order(live: Iterable[Any], signed: Iterable[Any]) -> list[Any]:
    """The waiting rows in the order in which they will be taken."""
    turn: dict[str, int] = {}
    for row in signed:
        turn[row["run"]] = min(row["turn"], turn.get(row["run"], row["turn"]))
    waiting = [row for row in live if row["state"] == RunState.QUEUED]
    return sorted(waiting, key=lambda row: (turn.get(row["id"], 0), _since(row), row["id"]))


def _since(row: Any) -> float:
    """Time at which a row was queued; a damaged row sorts first, so that a worker reports it."""
    since = row["queued"] or row["created"]
    return since if is_finite(since) else 0.0


def _turn(store: Store, person: Person) -> int:
    """The round in which a person's new run comes: after their own, and never before the round being served.

    Start-time fair queueing with runs of equal weight: who asks for three runs gets three rounds, a newcomer
    the present one, whatever was served before.
    """
    signed = _signed(store)
    own = [row["turn"] for row in signed if row["person"] == person.queue_share]
    serving = [row["turn"] for row in signed if row["state"] == RunState.RUNNING] or [row["turn"] for row in signed]
    present = min(serving, default=0)
    return max(present, max(own) + 1) if own else present


def waiting(store: Store, person: Person) -> int:
    """Number of queued runs that a person has submitted."""
    return store.database.row(
        "SELECT COUNT(*) FROM submissions JOIN runs ON runs.id = submissions.run"
        " WHERE person = ? AND state = ? AND submissions.time >= runs.queued",
        (person.queue_share, RunState.QUEUED),
    )[0]


def check_limit(store: Store, person: Person) -> None:
    """Raise `Refused` where that person has enough runs waiting.

    Raises:
        Refused: naming how many.
    """
    if person.id and person.teacher:
        return
    count = waiting(store, person)
    if count >= most_queued():
        are, cure = ("is", "wait for it, or stop it") if count == 1 else ("are", "wait for one of them, or stop one")
        raise Refused(f"{count} of your runs {are} waiting, the most that one person may have: {cure}.")


def _enqueue(
    store: Store, prepared: PreparedRun, person: Person, found: RunRecord | None, origin: str, now: float
) -> None:
    run = prepared.run
    plan = [node.plain() for node in prepared.nodes]
    store.register(run, prepared.config.model_dump(mode="json"), plan, manifest(prepared), origin)
    if found is None:
        store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (person.id, run))
    elif found.bundled:  # an extra stage of it: what was there stays as it is, and nobody's
        store.database.execute(
            "UPDATE runs SET created = ?, result = ?, title = ?, origin = 'bundled' WHERE id = ?",
            (found.created, json.dumps(found.result), found.title, run),
        )
    _wait(store, run, now)


def _wait(store: Store, run: str, now: float) -> None:
    """Put a registered row into the queue; what is left of its last process has nothing to write there any more."""
    store.database.execute(
        "UPDATE runs SET state = ?, queued = ?, started = NULL, finished = NULL, cancel = 0, cancel_time = NULL,"
        " error = NULL, resumable = 1, progress = '{}', pid = NULL, pid_created = NULL, pid_scope = NULL WHERE id = ?",
        (RunState.QUEUED, now, run),
    )


def _go_on(store: Store, run: str, now: float) -> None:
    """Let a run that is being stopped work on, for who asks for it from now on; see `Runs.finish_cancelled`."""
    store.database.execute("UPDATE runs SET cancel = 0, queued = ? WHERE id = ?", (now, run))


def _adopt(store: Store, run: str, person: Person, now: float) -> None:
    """Make an archived run that is asked for again one of this person's; what is computed of it stays."""
    store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (person.id, run))
    _sign(store, run, person, now)


def _want(store: Store, run: str, wanted: tuple[str, ...]) -> None:
    """Add extra stages to those asked of a run; the worker that ends it looks again."""
    row = store.database.row("SELECT wanted FROM runs WHERE id = ?", (run,))
    extras = set(json.loads(row["wanted"])) | {stage for stage in wanted if stage in EXTRA_STAGES}
    store.database.execute("UPDATE runs SET wanted = ? WHERE id = ?", (json.dumps(sorted(extras)), run))


def _sign(store: Store, run: str, person: Person, now: float, extra: bool = False) -> None:
    """Write down who asks; asking twice counts once, at its first time since the run was queued.

    `extra`: more is asked of a run that is finished. Whoever launched it stays one who did.
    """
    store.database.execute(
        "INSERT INTO submissions (run, person, time, turn, extra) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (run, person) DO UPDATE SET time = excluded.time, turn = excluded.turn"
        " WHERE time < (SELECT COALESCE(queued, 0) FROM runs WHERE id = excluded.run)",
        (run, person.queue_share, now, _turn(store, person), extra),
    )
