"""Time in the queue: shared stages once, only from measured durations, said in words."""

from pathlib import Path

import pytest

from edc_core import jobs
from edc_core.performance import calibrate as calibration
from edc_core.performance.calibrate import Calibration
from edc_core.performance.forecast import forecast
from edc_core.performance.queue_wait import queue_wait
from edc_core.store import Store
from pages.shared.formatting import in_line
from tests.support.live_runs import begin, node, prepared


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("edc_core.jobs.queue.supervise", lambda store: None)  # no worker: the rows are what they are
    opened = Store(tmp_path)
    begin(opened, prepared())
    for preset in "AB":
        jobs.submit(opened, prepared(preset), jobs.Person(teacher=True, session=preset))
    yield opened
    opened.close()


def test_where_nothing_is_measured_it_says_so(store: Store) -> None:
    wait = queue_wait(store, prepared("B").run)
    assert wait.seconds is None
    assert in_line(wait) == "Second in line; how long until it starts is not known yet"


def test_a_wait_is_what_is_left_of_the_runs_before_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "read", lambda store: Calibration(measured=True))
    first, second = (queue_wait(store, prepared(preset).run) for preset in "AB")
    one, two = (sum(stage.seconds for stage in forecast(prepared(preset), store).stages) for preset in "GA")
    assert [run.preset for run in second.before] == ["G", "A"]
    assert first.seconds == pytest.approx(one, rel=1e-3)
    assert one < second.seconds <= one + two + 1e-6
    assert in_line(second).startswith("Second in line, about ")
    key = node(prepared(), "evaluate").key
    store.heartbeat(
        prepared().run, {"stage": "evaluate", "key": key, "done": 9, "total": 10, "resumed_at": 0} | {"started": 0}
    )
    assert queue_wait(store, prepared("A").run).seconds > 1e6  # by its own speed, nine steps since 1970


def test_the_next_one_waits_for_nobody(tmp_path: Path, store: Store) -> None:
    store.finish(prepared().run, "cancelled")
    assert in_line(queue_wait(store, prepared("A").run)) == "Next in line: a worker is starting"
