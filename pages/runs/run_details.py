"""Details of one run: result, settings, stages, links, downloads."""

import json
from collections.abc import Callable
from functools import partial

import streamlit as st

from edc_core import jobs
from edc_core.config.paths import split
from edc_core.design_space.citations import bibtex
from edc_core.runs.command_line import command_of
from edc_core.runs.compare import read_settings
from edc_core.runs.run_table import image_bytes, name_of, seconds_of, title_of, top1_of
from edc_core.runs.setting_text import shown
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.stage_text import title_of_stage
from pages.recipe import recipe_address
from pages.runs.run_actions import render_run_actions
from pages.runs.run_table import STATES, age_text
from pages.shared import navigation as router
from pages.shared.formatting import duration, storage
from pages.shared.help_texts import REPORT_HELP
from pages.shared.log_popover import render_log
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab, open_lab
from pages.shared.run_swatch import render_swatch
from pages.shared.set_check import render_set_check
from pages.shared.take_over import silence_text

MIME_TYPES = {"zip": "application/zip", "html": "text/html", "json": "application/json"}
CITE_HELP = "BibTeX of what the run rests on, and of the lab."
KEPT = "Everything finished is kept: Resume goes on from its last checkpoint."
ICONS = {
    RunState.FAILED: ":material/error:",
    RunState.INTERRUPTED: ":material/power_off:",
    RunState.CANCELLED: ":material/stop_circle:",
    RunState.NOT_ANSWERING: ":material/pause_circle:",
}

ORIGINS = {
    "app": "started in the app",
    "command line": "started on the command line",
    "ablation": "run for a matrix",
}


def render_run_details(here: Lab, run: RunRecord, visitor: jobs.Person) -> None:
    """The panel of one run."""
    with st.container(border=True):
        head, buttons = st.columns([1, 1], vertical_alignment="center")
        with head.container(horizontal=True, vertical_alignment="center", gap="small"):
            render_swatch(run)
            st.subheader(escape_markdown(title_of(run)), anchor=False, help=f"Its name on the command line: {run.id}")
        head.caption(_origin(run))
        if changed := name_of(run).changed:
            head.caption(f"Differs from {name_of(run).base}: {escape_markdown('; '.join(changed))}")
        with buttons:
            render_run_actions(here, run, visitor)
        _trouble(here, run)
        if run.result:
            _result(here, run)
        render_set_check(run)
        _ways(run)
        _details(here, run)


def _origin(run: RunRecord) -> str:
    """Its state, and where it came from; of what comes with the project, when it was made says nothing here."""
    if run.bundled:
        return f"{STATES[run.state]} · comes with the project"
    by = f" by {escape_markdown(run.nickname)}" if run.nickname else ""
    return f"{STATES[run.state]} · {ORIGINS.get(run.origin, run.origin)}{by}, {age_text(run.created)}"


def _trouble(here: Lab, run: RunRecord) -> None:
    says = {
        RunState.FAILED: escape_markdown(run.error or "It failed and left no reason."),
        RunState.INTERRUPTED: f"Its process is gone. {KEPT}",
        RunState.CANCELLED: f"It was stopped. {KEPT}",
        RunState.NOT_ANSWERING: silence_text(run) if run.state is RunState.NOT_ANSWERING else None,
    }.get(run.state)
    if says is None:
        return
    (st.error if run.state == RunState.FAILED else st.warning)(says, icon=ICONS[run.state])
    if run.state == RunState.FAILED:
        render_log(here.home, run.id, "The full report")


def _result(here: Lab, run: RunRecord) -> None:
    result, columns = run.result, st.columns(4)
    weights = "averaged weights (EMA)" if result["headline"] == "top1_ema" else "raw weights"
    scored = "test images" if result["split"] == "test" else "held-out training images"
    columns[0].metric(
        f"Top-1 on {scored}", f"{top1_of(run):.2f} %", help=f"Accuracy with {weights} after the last epoch."
    )
    seconds, weight = seconds_of(run, here.store.stage_results), image_bytes(run, here.store.stage_results)
    columns[1].metric(
        "Computing",
        duration(seconds) if seconds is not None else "unknown",
        help="Seconds of this run's own stages; observers and their statistics belong to the data set.",
    )
    columns[2].metric("Images", storage(weight) if weight else "unknown", help="One byte per pixel and colour.")
    looks = run.manifest["test_looks"]
    columns[3].metric(
        "Uses of the test set",
        looks["run"],
        help=f"In this store; all its runs together: {looks['store']}. Runs that come with the project were scored"
        " where they were made.",
    )
    if len(result["students"]) > 1:
        st.dataframe(
            [
                {"student": s["student"], "seed": s["seed"], "top-1 raw (%)": s["top1"], "top-1 EMA (%)": s["top1_ema"]}
                for s in result["students"]
            ],
            hide_index=True,
        )


def _ways(run: RunRecord) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        router.page_link("gallery", "Gallery", ":material/grid_view:", run=run.id)
        if run.state == RunState.FINISHED:
            router.page_link("labels", "Images or labels?", ":material/balance:", run=run.id)
            router.page_link("landscape", "Landscape", ":material/landscape:", run=run.id)
        if st.button("Open its recipe", key="runs_recipe", icon=":material/tune:", type="tertiary"):
            recipe_address.store_settings(run.settings)
            router.go_to_page("recipe")
    _files(run)


def _files(run: RunRecord) -> None:
    """Downloads of the run's images, report, export and settings."""
    name = run.id
    with st.container(horizontal=True):
        if run.state == RunState.FINISHED:
            told = "A folder of images, with labels, settings and hashes."
            _download("zip", "Images (ZIP)", partial(_zip, run), f"{name}.zip", "folder_zip", told)
            _download("report", "Report (HTML)", partial(report_html, [name]), f"{name}.html", "article", REPORT_HELP)
            told = (
                "The whole run for another lab: images, labels, scores, hashes. Import it there with Import a run,"
                " or with `python -m edc_core import`."
            )
            _download("export", "Export (ZIP)", partial(_export, run), f"{name}-run.zip", "archive", told)
        with st.popover("Cite", icon=":material/format_quote:", key="runs_cite", help=CITE_HELP):
            st.code(bibtex([run.settings]), language="bibtex", wrap_lines=True)
        told = "The settings, manifest, stages and result as JSON."
        _download("json", "Settings (JSON)", partial(_record, run), f"{name}.json", "download", told)


def _download(key: str, label: str, make: Callable[[], str | bytes], file: str, icon: str, told: str) -> None:
    """One download button; its content is made when it is pressed."""
    kind = MIME_TYPES[file.rpartition(".")[2]]
    icon = f":material/{icon}:"
    st.download_button(label, make, file, kind, key=f"runs_{key}", icon=icon, on_click="ignore", help=told)


def _zip(run: RunRecord) -> bytes:
    """ZIP of the images, made on demand with a store of its own."""
    from edc_core.exchange.image_zip import zip_of

    with open_lab() as here:
        return zip_of(here.store, run)


def report_html(names: list[str]) -> str:
    """One page about runs of these names; made when somebody asks."""
    from edc_core.report import runs_html

    with open_lab() as here:
        return runs_html(here.store, [here.store.run(name) for name in names])


def _export(run: RunRecord) -> bytes:
    """Export of the run, made on demand."""
    from edc_core.exchange.export_run import export_zip

    with open_lab() as here:
        return export_zip(here.store, run)


def _record(run: RunRecord) -> str:
    """A run as a file: everything its result rests on, nothing of the machine's moment."""
    names = ("id", "title", "created", "state", "origin", "settings", "manifest", "plan", "result", "error")
    return json.dumps({name: getattr(run, name) for name in names}, indent=1)


def _details(here: Lab, run: RunRecord) -> None:
    st.code(command_of(run.settings), language="bash", wrap_lines=True)
    with st.expander("Settings", icon=":material/tune:"):
        settings = read_settings(run.settings)
        groups: dict[str, dict[str, str]] = {}
        for path, value in settings.items():
            stage, name = split(path)
            groups.setdefault(stage or "run", {})[name] = shown(value)
        columns = st.columns(3)
        for number, (stage, values) in enumerate(groups.items()):
            lines = "".join(f"\n| {name.replace('_', ' ')} | `{value}` |" for name, value in values.items())
            columns[number % 3].markdown(f"| **{stage}** | |\n|---|---|{lines}")
    with st.expander("Stages and what they took", icon=":material/account_tree:"):
        st.dataframe(_stages(here, run), hide_index=True)


def _stages(here: Lab, run: RunRecord) -> list[dict]:
    from edc_core.store.files import read_json

    found = []
    for node in run.plan:
        folder = here.store.stage_results.find(node["key"])
        done = read_json(folder / "stage.json") if folder and (folder / "stage.json").exists() else {}
        found.append(
            {
                "stage": title_of_stage(node["stage"]),
                "of": node["name"],
                "state": "stored" if folder else "missing",
                "seconds": done.get("seconds"),
                "key": node["key"],
            }
        )
    return found
