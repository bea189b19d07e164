"""The page Runs as a person meets it: tick, compare, rename, delete; links; nothing that is not theirs."""

import io
import json
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.access.permissions import check_may_import
from edc_core.errors import Diverged
from edc_core.exchange.export_run import export_zip
from edc_core.exchange.import_run import import_run
from edc_core.runs.run_table import title_of
from edc_core.store import Store
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.app_pages import runs_page as page
from tests.support.crowd import add, crowd, prepared, press


def said(app: AppTest) -> str:
    return " ".join(part.value for part in (*app.markdown, *app.caption, *app.subheader, *app.title))


def test_an_empty_store_leads_to_the_first_run(bare_store: Store) -> None:
    app = page()
    assert "There is no run yet" in said(app)
    assert app.button(key="runs_first").label == "Run EDC now"


def test_two_hundred_runs_are_all_there(bare_store: Store) -> None:
    crowd(bare_store, 200)
    app = page()
    assert len(app.dataframe[0].value) == 200
    assert "200 runs" in said(app)


def test_the_table_says_what_changed_and_has_any_setting_as_a_column(bare_store: Store) -> None:
    changes = '{"synthesise.flatness": "none", "evaluate.zeta": 1.5, "views.batch_size": 5}'
    add(bare_store, prepared("G", changes=changes))
    add(bare_store, prepared("G", 1, changes='{"evaluate.zeta": 1.5}'))
    app = page(runs_columns="evaluate.zeta")
    table = app.dataframe[0].value.set_index("seed")
    assert dict(table["called"]) == {0: "EDC, 3 changes", 1: "EDC with zeta 1.5"}
    assert table["changed"][0] == "without flatness; batch size 5; zeta 1.5"
    assert set(table["dataset"]) == {"fashion-mnist-mini"}
    assert set(table["evaluate.zeta"]) == {1.5}
    assert table["colour"][0] != table["colour"][1]


def test_filters_stand_in_the_address_and_come_from_it(bare_store: Store) -> None:
    crowd(bare_store, 20)
    app = page(runs_preset="RDED")
    assert set(map(tuple, app.dataframe[0].value["preset"])) == {("RDED",)}
    app.multiselect(key="runs_state").select("failed").run()
    assert set(map(tuple, app.dataframe[0].value["state"])) == {("failed",)}
    app.text_input(key="runs_text").input("no such thing").run()
    assert "No run passes these filters" in app.info[0].value


def test_a_link_opens_a_run_with_its_figures_and_command(bare_store: Store) -> None:
    name = add(bare_store, prepared("G", 4), top1=71.5)
    app = page(run=name)
    assert {metric.label: metric.value for metric in app.metric}["Top-1 on test images"] == "71.50 %"
    cited, command = app.code[0].value, app.code[1].value
    assert "@inproceedings{shao2024elucidating," in cited
    assert "Fashion-MNIST" in cited
    assert command == "python -m edc_core run --preset G --dataset fashion-mnist-mini --ipc 2 --seed 4 --profile tiny"
    links = [link.proto.query_string for link in app.get("page_link")]
    assert any(f"run={name}" in link for link in links)
    files = [button.proto.label for button in app.get("download_button")]
    assert files[:2] == ["Table as CSV", "Open as notebook"]
    assert files[2:] == ["Images (ZIP)", "Report (HTML)", "Export (ZIP)", "Settings (JSON)"]


def test_a_run_of_a_given_set_shows_what_was_found_of_it(bare_store: Store) -> None:
    name = add(bare_store, prepared("G", 4), top1=71.5)
    finding = {"check": "values", "severity": "warning", "message": "the images look stretched.", "cure": "x"}
    kept = json.dumps(dict(bare_store.run(name).manifest) | {"set_check": {"consented": False, "findings": [finding]}})
    bare_store.database.execute("UPDATE runs SET manifest = ? WHERE id = ?", (kept, name))
    assert "The images look stretched." in [warning.value for warning in page(run=name).warning]


@pytest.mark.parametrize("preset", ["G", "A"])
def test_its_recipe_is_the_runs_own_whatever_recipe_showed_before(bare_store: Store, preset: str) -> None:
    app = page(run=add(bare_store, prepared(preset), "cancelled"))
    before = {"preset": "random", "profile": "lab-smoke", "ipc": 50, "seed": 7, "set": "synthesise.alpha=0.7"}
    for name, value in before.items():
        app.session_state[name] = value
    press(app, "runs_recipe")
    assert app.title[0].value == "Recipe"
    settings = "--dataset fashion-mnist-mini --ipc 2 --seed 0 --profile tiny"
    assert app.code[0].value == f"python -m edc_core run --preset {preset} {settings}"


def test_a_run_says_where_it_came_from(bare_store: Store) -> None:
    name = add(bare_store, prepared("G"))
    bare_store.database.execute("UPDATE runs SET origin = 'ablation'")
    assert "finished · run for a matrix, just now" in said(page(run=name))


@pytest.mark.parametrize(("changes", "drawn"), [("{}", True), ('{"data.holdout": 40}', False)])
def test_compared_curves_stand_below_the_best_observer_of_the_same_images(
    bare_store: Store, changes: str, drawn: bool
) -> None:
    ours, theirs = prepared("G"), prepared("random", changes=changes)
    names = [add(bare_store, made) for made in (ours, theirs)]
    squeezed = [node for node in ours.nodes if node.stage == "squeeze"]
    for node, top1 in zip(squeezed, (70.0, 90.5), strict=True):
        folder = bare_store.home / "artefacts" / node.key
        folder.mkdir(parents=True)
        (folder / "observer.json").write_text(json.dumps({"val_top1": top1}))
    chart = page(compare=names).get("plotly_chart")[0].proto.spec
    assert "guessing" in chart
    assert (f"{squeezed[1].name}, trained on all real images: 90.5" in chart) == drawn


def test_a_link_opens_a_comparison_that_shows_only_what_differs(bare_store: Store) -> None:
    names = [add(bare_store, prepared("G"), top1=80.0), add(bare_store, prepared("random"), top1=79.5)]
    app = page(compare=[*names, "gone"])
    assert "2 runs compared" in said(app)
    ways = [link.proto.query_string for link in app.get("page_link") if link.proto.label == "Their landscapes"]
    assert ways == ["&".join(f"compare={name}" for name in names)]
    assert "Report (HTML)" in [button.proto.label for button in app.get("download_button")]
    results, different = app.dataframe[1].value, app.table[0].value  # a table wraps a long value, a grid cuts it off
    assert list(results.loc["top-1"]) == ["80.00 %", "79.50 %"]
    assert list(different.index) == ["synthesise.iterations"]
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert {line["name"]: line["line"]["color"] for line in figure["data"]} == {
        "EDC, IPC 2, seed 0": "#0072B2",
        "Random images, IPC 2, seed 0": "#8A8F98",
    }
    assert "Fewer than three seeds" in said(app)


def test_a_failed_run_says_why_and_keeps_its_report_one_click_away(bare_store: Store) -> None:
    name = add(bare_store, prepared("G"), "failed", error="the loss became infinite: lower synthesise.lr.")
    log = bare_store.home / "logs" / f"{name}.log"
    log.parent.mkdir()
    log.write_text("Traceback: the whole story")
    app = page(run=name)
    assert app.error[0].value == "the loss became infinite: lower synthesise.lr."
    assert "the whole story" in app.code[0].value
    assert not app.button(key="runs_resume").disabled


def test_a_diverged_run_is_offered_no_resume(bare_store: Store) -> None:
    why = Diverged("synthesis diverged", "lower synthesise.lr (now 9)")
    app = page(run=add(bare_store, prepared("G"), "failed", error=why))
    assert app.error[0].value.startswith("synthesis diverged: lower synthesise.lr")
    assert "runs_resume" not in [button.key for button in app.button]


def test_delete_asks_and_then_deletes(bare_store: Store) -> None:
    name, other = add(bare_store, prepared("G")), add(bare_store, prepared("A"))
    app = press(page(run=name), "runs_delete")
    assert [run.id for run in bare_store.runs()] == [other, name]  # asked, not yet done
    press(app, "runs_delete_now")
    assert [run.id for run in bare_store.runs()] == [other]
    assert app.session_state["run"] is None
    assert not list((bare_store.home / "artefacts").glob(prepared("G").nodes[-1].key))


def test_a_run_is_renamed(bare_store: Store) -> None:
    name = add(bare_store, prepared("G"))
    app = press(page(run=name), "runs_rename")
    next(field for field in app.text_input if field.label == "Name").input("the best of them")
    press(app, "runs_rename_now")
    assert title_of(bare_store.run(name)) == "the best of them"


def bundle(store: Store, folder: Path, name: str) -> None:
    """Make a run of the store one that comes with the project."""
    (folder / "runs").mkdir(parents=True)
    (folder / "runs" / f"{name}.json").write_text(json.dumps(vars(store.run(name))))
    store.database.execute("DELETE FROM runs WHERE id = ?", (name,))


def test_what_comes_with_the_project_cannot_be_changed(bare_store: Store, bare_bundle: Path) -> None:
    name = add(bare_store, prepared("G"))
    bundle(bare_store, bare_bundle, name)
    app = page(run=name)
    for key in ("runs_rename", "runs_delete"):
        assert app.button(key=key).disabled
        assert "comes with the project" in app.button(key=key).help
    assert "finished · comes with the project" in [caption.value for caption in app.caption]


def test_other_peoples_runs_cannot_be_changed(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = add(bare_store, prepared("G"))
    monkeypatch.setenv("EDC_CLASS_CODE", "chalk")
    ada, _ = jobs.enter_class(bare_store, jobs.classroom(), "chalk", "Ada")
    _, token = jobs.enter_class(bare_store, jobs.classroom(), "chalk", "Grace")
    bare_store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (ada.id, name))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.session_state["_access_token"] = token
    at_page(app, "runs")
    app.query_params["run"] = name
    app.run()
    assert not app.exception
    assert app.button(key="runs_delete").disabled
    assert app.button(key="runs_delete").help == "This run is Ada's."


def test_what_works_and_waits_stands_above_and_can_be_stopped(bare_store: Store) -> None:
    running, waiting = add(bare_store, prepared("G"), "running"), add(bare_store, prepared("A"), "queued")
    app = page()
    assert "Next in line; how long until it starts is not known yet" in said(app)
    press(app, f"runs_stop_{waiting}")
    assert bare_store.run(waiting).state == "cancelled"
    assert bare_store.run(running).state == "running"


def test_a_link_to_a_run_that_is_gone_shows_the_table(bare_store: Store) -> None:
    add(bare_store, prepared("G"))
    app = page(run="no-such-run")
    assert len(app.dataframe) == 1


@pytest.fixture(scope="module")
def exported(tiny_run: dict, shared_home: Path) -> bytes:
    with closing(Store(shared_home)) as store:
        return export_zip(store, store.run(tiny_run["run"]))


def upload(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader(key="runs_import_0").set_value(("run.zip", content, "application/zip")).run()
    return press(app, "runs_import_go")


def test_an_exported_run_comes_back_through_the_browser(bare_store: Store, exported: bytes, tiny_run: dict) -> None:
    app = upload(page(), exported)
    assert not app.error
    assert [(run.id, run.result["top1"]) for run in bare_store.runs()] == [(tiny_run["run"], tiny_run["top1"])]
    assert app.session_state["run"] == tiny_run["run"]
    assert any(metric.label == "Top-1 on test images" for metric in app.metric)
    assert app.button(key="runs_import_go").disabled  # the next one has to be chosen first


def test_what_is_no_exported_run_is_refused_on_the_page(bare_store: Store, exported: bytes) -> None:
    app = upload(page(), exported[:-3000])
    assert "no whole ZIP" in app.error[0].value
    spoilt = bytearray(exported)
    spoilt[spoilt.index(b"IHDR") + 20] ^= 1
    app = upload(page(), bytes(spoilt))
    assert ".png" in app.error[0].value
    assert bare_store.runs() == []


def test_nothing_is_imported_where_nothing_may_be_changed(bare_store: Store, exported: bytes, monkeypatch) -> None:
    app = page()
    app.file_uploader(key="runs_import_0").set_value(("run.zip", exported, "application/zip")).run()
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    app = press(app, "runs_import_go")  # drawn before the lab was closed
    assert "lab is read-only" in app.error[0].value
    assert page().button(key="runs_import_go").disabled
    assert bare_store.runs() == []


def test_in_a_class_the_run_is_whose_who_brought_it(bare_store: Store, exported: bytes, tmp_path: Path) -> None:
    import_run(io.BytesIO(exported), tmp_path, owner="ada")
    with closing(Store(tmp_path)) as store:
        assert store.runs()[0].owner == "ada"
    import_run(io.BytesIO(exported), tmp_path, owner="grace")
    with closing(Store(tmp_path)) as store:
        assert store.runs()[0].owner == "ada"


def test_in_a_class_only_the_teacher_imports(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", "chalk")
    ada, token = jobs.enter_class(bare_store, jobs.classroom(), "chalk", "Ada")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.session_state["_access_token"] = token
    at_page(app, "runs")
    app.run()
    assert "In a class only the teacher imports runs: give them the ZIP." in said(app)
    assert app.file_uploader(key="runs_import_0").disabled
    with pytest.raises(jobs.Refused, match="only the teacher imports runs"):
        check_may_import(ada)
    check_may_import(jobs.Person("t", "Ms T", teacher=True))


def test_a_zip_that_is_too_large_is_refused_unread(bare_store: Store) -> None:
    app = upload(page(), bytes(51 * 2**20))  # a browser may pass the uploader's own limit by
    assert app.error[0].value.startswith("The ZIP has 51 MiB, more than 50: import it on the command line")
