"""Two at the same run, matrix or result in the same moment: what each of them asked for still holds."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from edc_core import jobs
from edc_core.errors import Cancelled
from edc_core.jobs.queue import claim, waiting
from edc_core.landscape.config import PREVIEW
from edc_core.pipeline.execute import record_outcome
from edc_core.runs import landscape_results as landscapes
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import Store
from edc_core.store.files import write_json
from tests.support.queued import ADA, BEN, tiny, two_by_two


@contextmanager
def meanwhile(store: Store, statement: str, act: Callable[[Store], object], turn: int = 1) -> Iterator[None]:
    """Another thread acts, with a store of its own, just before `store` begins that statement for the nth time.

    It has a second for it, or until the block has ended where the two wait for each other; where the statement never
    comes, it acts then.
    """
    failed: list[BaseException] = []
    seen = 0

    def other() -> None:
        try:
            with closing(Store(store.home)) as own:
                act(own)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=other)

    def look(sql: str) -> None:
        nonlocal seen
        seen += sql.startswith(statement)
        if seen == turn and thread.ident is None:
            thread.start()
            thread.join(1)

    store.database.set_trace_callback(look)
    yield
    store.database.set_trace_callback(None)
    if thread.ident is None:
        thread.start()
    thread.join(30)
    assert not failed


def test_more_that_is_asked_of_a_run_in_the_moment_of_its_end_is_not_forgotten(store: Store) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    claim(store)

    def ask(own: Store) -> None:
        jobs.submit(own, tiny(), BEN, wanted=(*RESULT_STAGES, "neighbours"))

    with meanwhile(store, "UPDATE runs SET state", ask):
        store.finish(run, "finished", {"headline": "top1", "top1": 1.0})
    assert (store.run(run).state, store.run(run).wanted) == ("queued", ["neighbours"])


def test_who_joins_a_run_while_it_is_being_stopped_keeps_it(store: Store, in_class: None) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    with meanwhile(store, "BEGIN IMMEDIATE", lambda own: jobs.submit(own, tiny(), BEN), turn=2):
        jobs.stop(store, run, ADA)
    assert store.run(run).state == "queued"


def test_a_run_that_is_stopping_goes_on_for_who_asks_for_it_now(store: Store, in_class: None) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    claim(store)
    jobs.stop(store, run, ADA)
    assert store.heartbeat(run)
    assert jobs.submit(store, tiny(), BEN).outcome == "joined"
    assert not store.heartbeat(run)
    assert store.run(run).state == "running"


def test_a_run_that_has_obeyed_waits_again_for_who_asked_for_it_since(store: Store, in_class: None) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    claim(store)
    jobs.stop(store, run, ADA)
    with suppress(Cancelled), record_outcome(store, run):  # as a stage that had looked a moment before
        jobs.submit(store, tiny(), BEN)
        raise Cancelled("asked to stop")
    assert store.run(run).state == "queued"
    assert jobs.places(store) == {run: 1}
    with suppress(Cancelled), record_outcome(store, claim(store)):
        jobs.stop(store, run, BEN)
        raise Cancelled("asked to stop")
    assert store.run(run).state == "cancelled"


def test_a_run_that_goes_on_has_its_time_to_obey_when_it_is_stopped_again(store: Store) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    claim(store)
    jobs.stop(store, run, ADA)
    store.database.execute("UPDATE runs SET cancel_time = cancel_time - 60")
    jobs.submit(store, tiny(), BEN)
    jobs.stop(store, run, BEN)
    jobs.kill_unresponsive(store)
    assert store.run(run).state == "running"


def test_nothing_of_a_stopped_matrix_is_handed_in_by_who_looked_before(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(), ADA, held=True)
    with meanwhile(store, "BEGIN IMMEDIATE", lambda own: jobs.stop_matrix(own, name, ADA)):
        jobs.resume_matrix(store, name, ADA)
    assert jobs.places(store) == {}
    assert jobs.find_matrix(store, name).state == "stopped"


def test_two_who_hand_in_at_once_leave_the_owner_a_place(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(), ADA, held=True)
    with meanwhile(store, "BEGIN IMMEDIATE", jobs.enqueue_next_runs):
        jobs.resume_matrix(store, name, ADA)
    assert waiting(store, ADA) == 2


def test_a_surface_that_is_finished_in_the_moment_of_a_look_is_shown_whole(tmp_path: Path) -> None:
    """The look finds what is known so far, and before it has read that the stage's folder goes to its place."""
    key = "0" * 24
    folder, done = tmp_path / "partial" / key, tmp_path / "artefacts"
    folder.mkdir(parents=True)
    done.mkdir()
    write_json(folder / "landscape.json", {"loss": "test cross-entropy"})
    os.mkfifo(folder / PREVIEW)  # whoever reads it waits for whoever writes

    def finish() -> None:
        with (folder / PREVIEW).open("w"):
            folder.rename(done / key)

    thread = threading.Thread(target=finish)
    thread.start()
    found = landscapes.found(tmp_path, key)
    thread.join(30)
    assert found.whole
    assert found.about == {"loss": "test cross-entropy"}
