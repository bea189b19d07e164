"""Jobs: whose turn it is, who may change what, and real workers that are stopped, killed and left alone."""

import pytest

from edc_core import jobs
from edc_core.errors import SettingsError
from edc_core.jobs import Person, Refused
from edc_core.jobs.queue import claim
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import Store
from tests.support.queued import ADA, BEN, EVE, tiny


def test_turns_are_shared_and_nobody_waits_behind_a_third_run(store: Store) -> None:
    for seed in range(3):
        jobs.submit(store, tiny(seed), ADA)
    jobs.submit(store, tiny(10), BEN)
    jobs.submit(store, tiny(20), EVE)
    order = [int(run.split("-s")[1].split("-")[0]) for run, _ in sorted(jobs.places(store).items(), key=lambda p: p[1])]
    assert order == [0, 10, 20, 1, 2]
    assert claim(store) == tiny(0).run
    assert jobs.places(store)[tiny(0).run] == 0
    assert claim(store) == tiny(10).run  # Ada's first run is at work: her second waits for the others' first


def test_a_newcomer_comes_before_the_third_run_of_whoever_was_served_already(store: Store) -> None:
    for seed in range(3):
        jobs.submit(store, tiny(seed), ADA)
    for seed in range(2):  # nobody else is there yet: Ada's first ends, her second is at work
        assert claim(store) == tiny(seed).run
        if seed == 0:
            store.finish(tiny(0).run, "failed", error="a test")
    jobs.submit(store, tiny(10), BEN)
    assert claim(store) == tiny(10).run
    jobs.submit(store, tiny(11), BEN)
    assert claim(store) == tiny(2).run  # and Ben's next does not overtake for ever


def test_a_run_whose_process_died_takes_no_turn(store: Store) -> None:
    def placed(*runs: PreparedRun) -> list[int]:
        return [jobs.places(store)[run.run] for run in runs]

    jobs.submit(store, tiny(0), EVE)
    assert claim(store) == tiny(0).run
    store.database.execute("UPDATE runs SET pid = 999999999, heartbeat = 0")
    for seed in range(1, 5):  # rounds 0 to 3, of which the first three are served
        jobs.submit(store, tiny(seed), ADA)
        if seed < 4:
            store.finish(claim(store), "failed", error="a test")
    for seed in range(10, 13):
        jobs.submit(store, tiny(seed), BEN)
    assert placed(tiny(4), tiny(10), tiny(11)) == [1, 2, 3]


def test_several_runs_are_stopped_though_one_has_ended_meanwhile(store: Store, in_class: None) -> None:
    others = jobs.submit(store, tiny(9), BEN).run
    runs = [jobs.submit(store, tiny(seed), ADA).run for seed in range(3)]
    store.finish(runs[0], "finished")
    jobs.stop_all(store, [others, *runs], ADA)
    assert [store.run(run).state for run in (others, *runs)] == ["queued", "finished", "cancelled", "cancelled"]


def test_equal_submissions_become_one_run(store: Store, in_class: None) -> None:
    tickets = [jobs.submit(store, tiny(), person) for person in (ADA, BEN, ADA)]
    assert [ticket.outcome for ticket in tickets] == ["queued", "joined", "joined"]
    assert len(jobs.places(store)) == 1
    assert "goes on for them" in jobs.stop(store, tiny().run, ADA)
    found = store.run(tiny().run)
    assert (found.state, found.owner, found.submitters) == ("queued", "ben", ["ben"])
    assert "out of the queue" in jobs.stop(store, tiny().run, BEN)
    assert store.run(tiny().run).state == "cancelled"


def test_one_person_may_have_three_runs_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        jobs.submit(store, tiny(seed), ADA)
    with pytest.raises(Refused, match="3 of your runs are waiting"):
        jobs.submit(store, tiny(3), ADA)
    assert jobs.submit(store, tiny(0), ADA).outcome == "joined"
    assert jobs.submit(store, tiny(3), BEN).outcome == "queued"
    monkeypatch.setenv("EDC_MAX_QUEUED_PER_SESSION", "4")
    jobs.submit(store, tiny(4), ADA)
    monkeypatch.setenv("EDC_MAX_QUEUED_PER_SESSION", "none")
    with pytest.raises(SettingsError, match="EDC_MAX_QUEUED_PER_SESSION is 'none'"):
        jobs.submit(store, tiny(5), ADA)


def test_without_a_class_browsers_share_turns_and_anyone_may_stop(store: Store) -> None:
    jobs.submit(store, tiny(0), Person(session="one"))
    jobs.submit(store, tiny(1), Person(session="one"))
    jobs.submit(store, tiny(2), Person(session="two"))
    assert jobs.places(store)[tiny(2).run] == 2
    jobs.stop(store, tiny(0).run, Person(session="two"))
    assert store.run(tiny(0).run).state == "cancelled"
