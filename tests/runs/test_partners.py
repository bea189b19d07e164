"""Partners of a run: whom Landscape shows beside it."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edc_core.runs.partners import FLATNESS, SCHEDULE, all_off, choice_pair, partner_of
from edc_core.runs.run_table import title_of
from edc_core.store import Store
from edc_core.store.run_record import RunRecord


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunRecord]:
    """The bundled ones."""
    with closing(Store(tmp_path_factory.mktemp("partners"))) as store:
        return store.runs()


def test_the_smoothed_schedule_and_the_plain_cosine_are_a_bundled_pair(runs: list[RunRecord]) -> None:
    edc, plain = choice_pair(runs, SCHEDULE)
    assert title_of(edc) == "EDC, IPC 10, seed 0"
    assert title_of(plain) == "EDC without smoothed schedule, IPC 10, seed 0"
    assert (edc.settings["evaluate"]["zeta"], plain.settings["evaluate"]["zeta"]) == (2.0, 1.0)
    assert choice_pair([run for run in runs if run.id != plain.id], SCHEDULE) is None
    assert choice_pair(runs, FLATNESS) is None
    assert title_of(all_off(edc, runs)) == "All choices off, IPC 10, seed 0"


def test_a_run_stands_beside_its_unchanged_preset(runs: list[RunRecord]) -> None:
    edc, plain = choice_pair(runs, SCHEDULE)
    assert partner_of(plain, runs) == edc
    assert partner_of(edc, runs) == plain
    assert partner_of(next(run for run in runs if run.preset == "random" and run.settings["protocol"] == "edc"), runs)
    other_seed = replace(edc, id="g-other", seed=7)
    assert partner_of(other_seed, runs) == plain
    other_size = replace(edc, id="g-more", ipc=50)
    assert partner_of(other_size, runs) is None
    assert Path(plain.dataset).name == "fashion-mnist-mini"
