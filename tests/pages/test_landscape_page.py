"""Landscape: the page on a first visit, on a store of one's own, on what failed, and its address."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.config import validate_config
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import StoreError
from edc_core.figures.landscape import preview
from edc_core.figures.sharpness import headline
from edc_core.jobs.tasks.landscape import execute_landscape, landscape_task, revalidate_landscape
from edc_core.pipeline.prepare import prepare
from edc_core.runs.partners import SCHEDULE, all_off, choice_pair
from edc_core.store import Store
from pages.landscape.run_picker import VIEWS
from tests.conftest import answer, edc
from tests.support.app_pages import at_address
from tests.support.crowd import DATASET, about, add, prepared
from tests.support.photos import picture, small_photos


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, begun: Callable[[Path], Path]) -> Path:
    """Two tiny runs that differ in their seed."""
    place = begun(tmp_path_factory.mktemp("landscapes"))
    for seed in ("0", "1"):
        answer(edc("run", "--profile", "tiny", "--ipc", "2", "--seed", seed, "--split", "val", home=place))
    return place


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch):
    def open_at(home: Path, **address: str | list[str]) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(home))
        return at_address("landscape", **address).run()

    return open_at


def own_runs(home: Path) -> list[str]:
    with closing(Store(home)) as store:
        return [run.id for run in sorted(store.runs(), key=lambda run: run.seed) if not run.bundled]


def said(app: AppTest) -> str:
    return " ".join(
        part.value for kind in ("markdown", "caption", "warning", "info", "error") for part in getattr(app, kind)
    )


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


@pytest.mark.parametrize("view", [view for view in VIEWS if view != "During synthesis"])
def test_a_first_visit_shows_every_view_at_once(tmp_path: Path, page, view: str) -> None:
    app = page(tmp_path / "home", view=view)
    assert not app.exception
    assert not app.error
    assert "Not measured yet" not in said(app)
    assert charts(app) >= 1
    assert "Look for" in said(app)
    assert "EDC's smoothed schedule beside the plain cosine" in said(app)
    assert "EDC's student lies flatter" in said(app)
    assert "is 0.164 nats, the other's 0.212; the largest eigenvalue is 101 against 129." in said(app)
    assert "In 3 seeds (lab-quick) EDC's worst rise is 0.74 (0.47 to 1.15) times the other's" in said(app)


def test_the_flatness_terms_null_is_one_click_away(tmp_path: Path, page) -> None:
    app = page(tmp_path / "home")
    press(app, "landscape_pair_flatness")
    assert not app.exception
    assert "EDC's worst rise is 0.96 (0.89 to 1.05) times the other's, so chance can explain it" in said(app)
    assert "images differ by 1.0 of 255 grey levels" in said(app)
    assert "No run without the term is stored" in said(app)


def all_off_pair(home: Path) -> list[str]:
    with closing(Store(home)) as store:
        runs = store.runs()
        edc, _ = choice_pair(runs, SCHEDULE)
        return [edc.id, all_off(edc, runs).id]


def test_one_synthesis_is_not_compared_with_itself(tmp_path: Path, page) -> None:
    app = page(tmp_path / "home", view="During synthesis")
    assert "there is one synthesis and nothing to compare" in said(app)
    press(app, "landscape_all_off")
    assert app.multiselect(key="landscape_runs").value == all_off_pair(tmp_path / "home")
    assert "Not measured yet" not in said(app)
    assert charts(app) == 1


def test_a_negative_trace_is_not_called_flat(tmp_path: Path, page) -> None:
    home = tmp_path / "home"
    app = page(home, view="Sharpness", compare=all_off_pair(home))  # A's loss on test images curves down
    assert "**A negative value does not mean “even flatter”** (All choices off, IPC 10, seed 0)" in said(app)
    disagree = "The measures disagree: EDC has the lower Frobenius norm and rise in the ball, All choices off the lower"
    assert f"{disagree} largest eigenvalue." in said(app)


def test_the_headline_names_the_flatter_of_two_only_where_all_measures_agree() -> None:
    agreed = {"eigenvalue": (2.0, 1.0), "trace": (-1.0, 3.0), "ball": (0.5, 0.2)}
    assert (
        headline(("one", "two"), agreed)
        == "two is the flatter: it has the lower largest eigenvalue and rise in the ball."
    )
    assert headline(("one", "two"), {"trace": (-1.0, 3.0), "ball": (None, 0.2)}) == ""


def test_curves_of_different_matching_losses_are_not_said_to_compare_images(tmp_path: Path, page) -> None:
    app = page(tmp_path / "home", view="During synthesis", compare=all_off_pair(tmp_path / "home"))
    _, longest = app.multiselect(key="landscape_runs").value
    assert "differ in what they match (observers, alpha)" in app.info[0].value
    assert "No two of these curves can be compared" in app.info[0].value
    assert "Look for" not in said(app)
    alone = page(tmp_path / "home", view="During synthesis", run=longest)
    assert "Look for" in said(alone)
    assert not alone.info


def test_own_runs_are_asked_for_and_shown_when_they_are_known(home: Path, page) -> None:
    names = own_runs(home)
    app = page(home, compare=names)
    assert app.multiselect(key="landscape_runs").value == names
    assert "2 surfaces of 21 x 21 points" in said(app)
    assert charts(app) == 0
    with closing(Store(home)) as store:
        kept = [prepare(validate_config(store.run(name).settings)) for name in names]
        asked = landscape_task(kept, [{"kind": "slice", "grid": 3, "images": 20, "split": "val"}])
        execute_landscape(asked, home)
        plane = landscape_task(kept, [{"kind": "plane", "grid": 11, "images": 100, "split": "val"}])
        execute_landscape(plane, home)
    app = page(home, compare=names, loss="held-out images", points="11", images="100")
    assert not app.exception
    assert "Not measured yet" not in said(app)
    assert charts(app) == 3
    assert "hash" in said(app)
    assert "cannot tell" in said(app)


def test_own_losses_are_not_compared_and_unknown_runs_are_named(home: Path, page) -> None:
    names = own_runs(home)
    assert "cannot be compared" in said(page(home, compare=names, loss="its own training loss"))
    alone = page(home, run=names[0], loss="its own training loss")
    assert "cannot be compared" not in said(alone)
    lost = page(home, run="g-nowhere")
    assert not lost.exception
    assert "is not here" in said(lost)
    assert lost.multiselect(key="landscape_runs").value


def test_students_of_pictures_that_have_changed_are_not_asked_for(bare_store: Store, page, tmp_path: Path) -> None:
    """Neither by the page, which would name another student after the run, nor by a worker that comes later."""
    folder = small_photos(tmp_path / "set")
    made = prepare(configure("G", str(folder), get_profile("tiny"), 1, 0))
    run = add(bare_store, made)
    asked = landscape_task([made], [{"kind": "plane", "grid": 11}])
    asked.begin(bare_store)
    picture(folder / "train" / "cat" / "late.png", (32, 32), seed=77)
    with pytest.raises(StoreError, match="asked of other data"):
        revalidate_landscape(bare_store.run(asked.id))
    app = page(bare_store.home, run=run)
    assert "was made from other data" in said(app)
    assert not app.button


@pytest.mark.parametrize("by_link", [True, False])
def test_of_compared_runs_the_finished_ones_are_shown_and_the_others_named(bare_store: Store, page, by_link) -> None:
    states = ("failed", "finished", "finished")
    failed, *kept = (add(bare_store, prepared("G", seed), state) for seed, state in enumerate(states))
    app = page(bare_store.home, **({"compare": [failed, *kept]} if by_link else {}))
    if not by_link:  # as the page Runs leaves them in the session
        app.session_state["compare"], app.session_state["run"] = [failed, *kept], failed
    for _ in range(2):  # and so it stays
        app.run()
        assert app.multiselect(key="landscape_runs").value == kept
        assert f"{failed}' is not here or not finished: only the others are shown." in app.warning[0].value


def test_of_more_runs_than_fit_the_first_are_shown_and_the_rest_counted(tmp_path: Path, page) -> None:
    with closing(Store(tmp_path / "home")) as store:
        names = [run.id for run in store.runs() if run.result][:6]
    app = page(tmp_path / "home", compare=names, view="Sharpness")
    assert not app.exception
    assert app.multiselect(key="landscape_runs").value == names[:4]
    assert "6 runs are compared, and 4 fit on a plot" in said(app)


def test_every_seed_stands_behind_one_bar(home: Path, page) -> None:
    names = own_runs(home)
    app = page(home, run=names[0], view="Sharpness")
    assert "1 more run" in app.toggle(key="landscape_seeds").label
    app.toggle(key="landscape_seeds").set_value(True).run()
    assert not app.exception
    assert "2 students' sharpness" in said(app)


def test_only_students_of_one_network_and_data_set_stand_together(home: Path, page) -> None:
    """The bundled runs have another student."""
    app = page(home, view="Sharpness", run=own_runs(home)[0])
    with closing(Store(home)) as store:
        student = store.run(own_runs(home)[0]).settings["evaluate"]["students"][0]
    assert f"0 of 2 finished runs on this data set with the student {student} have been measured" in said(app)
    assert "3 of 15 finished runs on this data set with the student convnet-d3-w32;" in said(
        page(home, view="Sharpness")
    )


def test_seeds_that_are_not_measured_give_no_interval_between_seeds(tmp_path: Path, page) -> None:
    with closing(Store(tmp_path)) as store:
        known = next(run.id for run in store.runs() if run.preset == "G" and run.settings["protocol"] == "edc")
        settings = validate_config(store.run(known).settings)
        for seed in (1, 2):
            add(store, prepare(configure("G", DATASET, get_profile(settings.profile), settings.ipc, seed), about()))
    app = page(tmp_path, run=known, view="Sharpness")
    app.toggle(key="landscape_seeds").set_value(True).run()
    assert "3 students' sharpness" in said(app)
    assert "Whiskers of a single student" in said(app)
    assert "mean over seeds" not in said(app)


def test_what_failed_says_why_and_offers_to_go_on(home: Path, page, monkeypatch: pytest.MonkeyPatch) -> None:
    names = own_runs(home)
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    app = page(home, run=names[0])
    press(app, "landscape_measure")
    assert not app.exception
    with closing(Store(home)) as store:
        row = next(row for row in store.surveys() if row.state != "finished")
        assert row.state == "queued"
        assert row.title.startswith("Landscape of EDC")
        store.mark_running(row.id)
        store.finish(row.id, "failed", error="the moon fell down.")
        (home / "logs").mkdir(exist_ok=True)
        (home / "logs" / f"{row.id}.log").write_text("Traceback: the whole report")
    app = page(home, run=names[0])
    assert "the moon fell down" in said(app)
    assert "Traceback: the whole report" in [code.value for code in app.code]
    press(app, "landscape_resume")
    with closing(Store(home)) as store:
        assert store.find(row.id).state == "queued"
        jobs.stop(store, row.id, jobs.Person(teacher=True))
    assert "was stopped" in said(page(home, run=names[0]))


def test_a_growing_surface_shows_what_is_known_and_nothing_else() -> None:
    loss, done = np.full((5, 5), np.nan), np.zeros((5, 5), bool)
    done[::2, ::2] = True
    loss[::2, ::2] = np.arange(9).reshape(3, 3)
    loss[4, 4] = np.inf  # at the rim
    picture, low, high = preview({"loss": loss, "done": done})
    assert picture.shape == (3, 3, 4)  # the coarse lattice alone
    assert (low, high) == (0, 7)
    assert picture[0, 2, 3] == 0  # not finite: left empty; the top row is the last
    assert (picture[..., 3] > 0).sum() == 8
    done[1, 1], loss[1, 1] = True, 3
    picture, *_ = preview({"loss": loss, "done": done})
    assert picture.shape == (4, 4, 4)
    assert (picture[..., 3] > 0).sum() == 9
