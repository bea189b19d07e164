"""Surveys of landscapes: in the queue like runs, in no list of runs, gone with the run they are about."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edc_core import jobs
from edc_core.config import validate_config
from edc_core.errors import Cancelled, SettingsError, StoreError
from edc_core.events import Progress
from edc_core.jobs import Person, Refused
from edc_core.jobs.tasks.landscape import execute_landscape, landscape_task, revalidate_landscape
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import Store
from tests.conftest import answer, edc

ADA, BEN = Person("ada", "Ada"), Person("ben", "Ben")
SMALL = {"grid": 3, "images": 20, "split": "val"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, begun: Callable[[Path], Path]) -> Path:
    """Two tiny runs."""
    place = begun(tmp_path_factory.mktemp("surveys"))
    for seed in ("0", "1"):
        answer(edc("run", "--profile", "tiny", "--ipc", "2", "--seed", seed, "--split", "val", home=place))
    return place


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with closing(Store(home)) as found:
        yield found


@pytest.fixture
def kept(store: Store) -> list[PreparedRun]:
    own = sorted((run for run in store.runs() if not run.bundled), key=lambda run: run.seed)
    return [prepare(validate_config(run.settings)) for run in own]


def test_a_survey_waits_works_and_is_in_no_list_of_runs(
    store: Store, kept: list[PreparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {run.id for run in store.runs()}
    asked = landscape_task(kept, [{"kind": "plane", **SMALL}, {"kind": "between", **SMALL}])
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    assert jobs.submit_task(store, asked, ADA).place == 1
    assert jobs.submit_task(store, asked, BEN).outcome == "joined"
    assert {run.id for run in store.runs()} == before
    assert [one.id for one in store.alive()] == [asked.id]
    assert store.find(asked.id).submitters == ["ada", "ben"]
    assert revalidate_landscape(store.find(asked.id)).id == asked.id
    monkeypatch.undo()
    assert jobs.work(store.home, idle=0) == 1  # a real worker, in this process
    assert store.find(asked.id).state == "finished"
    assert not asked.pending(store.stage_results)
    assert jobs.submit_task(store, asked, BEN).outcome == "finished"
    assert store.measurement("landscape plane convnet-d3-w8") or store.measurement(
        asked.parts[0].questions[0].cost_name(asked.parts[0].nodes[-1].student)
    )


def test_neither_end_of_a_line_is_deleted_while_it_waits(store: Store, kept: list[PreparedRun]) -> None:
    asked = landscape_task(kept[:2], [{"kind": "between", **SMALL, "grid": 5}])
    store.claim_or_resume(asked.id, *asked.row())
    try:
        for one in kept[:2]:
            with pytest.raises(StoreError, match="looks at it: cancel that first"):
                store.delete(one.run)
    finally:
        store.finish(asked.id, "cancelled")
        store.database.execute("DELETE FROM runs WHERE id = ?", (asked.id,))


def test_a_stopped_survey_is_resumed_from_where_it_was(store: Store, kept: list[PreparedRun]) -> None:
    asked = landscape_task(kept[:1], [{"kind": "plane", **SMALL, "grid": 9, "images": 10}])

    def stop(event: object) -> None:
        if isinstance(event, Progress) and event.unit == "point" and event.done == 40:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        execute_landscape(asked, store.home, stop)
    assert store.find(asked.id).state == "cancelled"
    assert (store.home / "partial" / asked.parts[0].nodes[0].key).exists()
    done = answer(edc("resume", asked.id, home=store.home))
    assert done["state"] == "finished"
    assert not asked.pending(store.stage_results)


def test_what_goes_wrong_is_said_and_resumable(store: Store, kept: list[PreparedRun]) -> None:
    with pytest.raises(SettingsError, match="two or more"):
        landscape_task(kept[:1], [{"kind": "between", **SMALL}])
    with pytest.raises(SettingsError, match="another loss for every run"):
        landscape_task(kept, [{"kind": "plane", **SMALL, "split": "condensed"}])
    with pytest.raises(SettingsError, match="up to 4"):
        landscape_task(kept * 3, [{"kind": "plane", **SMALL}])


def test_it_belongs_to_whoever_asked(store: Store, kept: list[PreparedRun], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    asked = landscape_task(kept[:1], [{"kind": "slice", **SMALL, "seed": 5}])
    jobs.submit_task(store, asked, ADA)
    with pytest.raises(Refused):
        jobs.stop(store, asked.id, BEN)
    jobs.stop(store, asked.id, ADA)
    assert store.find(asked.id).state == "cancelled"
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    with pytest.raises(Refused):
        jobs.submit_task(store, asked, ADA)


def test_landscapes_go_with_their_run(store: Store, kept: list[PreparedRun]) -> None:
    """Those of the other runs of a survey stay; one that is at work keeps its runs from being deleted."""
    asked = landscape_task(kept, [{"kind": "slice", **SMALL}])
    alone = landscape_task(kept[1:], [{"kind": "slice", **SMALL, "seed": 3}])
    for one in (asked, alone):
        execute_landscape(one, store.home)
    gone = landscape_task(kept[1:], [{"kind": "slice", **SMALL, "seed": 9}])
    gone.begin(store)
    with pytest.raises(StoreError, match="cancel that first"):
        store.delete(kept[1].run)
    store.finish(gone.id, "cancelled")
    store.delete(kept[1].run)
    here = [bool(store.stage_results.find(node.key)) for part in (*asked.parts, *alone.parts) for node in part.nodes]
    assert here == [True, False, False]
    assert store.find(alone.id) is None
    assert store.find(asked.id).state == "finished"
