"""Squeeze panel: train chosen observers on a data set, follow them live, continue on Recipe."""

from dataclasses import dataclass

import streamlit as st

from edc_core import jobs
from edc_core.data import Description
from edc_core.data.dataset import most_per_class
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.profiles import BUNDLED_OBSERVERS
from edc_core.doctor import Report
from edc_core.errors import EDCError, SettingsError
from edc_core.jobs.tasks.squeeze import SqueezeTask, val_top1
from edc_core.networks.catalogue import FAMILIES, check_fits
from edc_core.performance import calibrate as calibration
from edc_core.performance.forecast import forecast_together
from edc_core.pipeline.prepare import prepare
from edc_core.store import SQUEEZE, StageResults
from edc_core.store.states import RunState
from pages.live.live_panel import render_live_panel
from pages.recipe import recipe_address, recipe_state
from pages.shared import access
from pages.shared import navigation as router
from pages.shared.formatting import duration
from pages.shared.help_texts import SQUEEZE_HELP
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab, open_lab

REFUSED, IPC = "data.squeeze_refused", 10


@dataclass(frozen=True)
class SqueezeRequest:
    """Request of the controls: the task, the profile, and the settings by which a run finds its results."""

    squeeze: SqueezeTask
    table: str
    changes: dict


def render_squeeze(here: Lab, address: str, about: Description, report: Report | None) -> None:
    """Controls, progress, and the link to Recipe."""
    fatal = report is not None and report.fatal
    with st.container(border=True, key="data_squeeze"):
        st.subheader("Squeeze", anchor=False, help=SQUEEZE_HELP)
        if fatal:
            st.markdown("Fix what the check found first: this data set cannot be condensed as it is.")
            return
        asked = _controls(address, about)
        if asked is None:
            return
        todo = asked.squeeze.pending(here.store.stage_results)
        _known(asked.squeeze, here.store.stage_results)
        if todo:
            _work(here, asked)
        _onward(about, asked, bool(todo))


def _controls(address: str, about: Description) -> SqueezeRequest | None:
    """Profile, observers and epochs; None (and a sentence) where they do not fit."""
    columns = st.columns([1.2, 3.2, 1], vertical_alignment="top")
    table = recipe_address.select_profile(columns[0], address, "The same profiles as on the page Recipe.")
    own = configure("G", address, get_profile(table), 1, 0)
    usual = list(dict.fromkeys([*own.synthesise.observers, *own.relabel.observers]))
    mark = f"{about.digest[:8]}.{table}"
    chosen = columns[1].multiselect(
        "Observers",
        list(dict.fromkeys([*usual, *_offered(about.size)])),
        usual,
        key=f"data.observers.{mark}",
        accept_new_options=True,
        wrap=True,
        placeholder="type a name",
        help=f"EDC uses these with the profile {table}. You may type another one, such as wrn-16-2.",
    )
    epochs = columns[2].number_input(
        "Epochs", 1, 1000, own.squeeze.epochs, key=f"data.epochs.{mark}", help="Passes over the training set."
    )
    if not chosen:
        st.info("Choose at least one observer.", icon=":material/info:")
        return None
    changes = {} if set(chosen) == set(usual) else {f"{stage}.observers": tuple(chosen) for stage in STAGES}
    if epochs != own.squeeze.epochs:
        changes["squeeze.epochs"] = int(epochs)
    try:
        config = configure("G", address, get_profile(table), 1, 0, changes=changes)
        return SqueezeRequest(SqueezeTask(prepare(config, about)), table, changes)
    except EDCError as error:
        st.warning(as_sentence(str(error)), icon=":material/error:")
        return None


STAGES = ("synthesise", "relabel")


def _offered(size: int) -> list[str]:
    """Networks of the catalogue that fit the pictures."""
    fitting = []
    for name in (*BUNDLED_OBSERVERS, *(family.example for family in FAMILIES.values())):
        try:
            check_fits(name, size)
        except SettingsError:
            continue
        fitting.append(name)
    return fitting


def _known(asked: SqueezeTask, stage_results: StageResults) -> None:
    """Badge per observer: its accuracy, or "not yet"."""
    badges = []
    for node in asked.observers:
        top1 = val_top1(stage_results, node)
        badges.append(
            f":gray-badge[{node.name}: not yet]" if top1 is None else f":green-badge[{node.name}: {top1:.1f} %]"
        )
    where = asked.prepared.config.squeeze.scored_on
    st.markdown(" ".join(badges), help=f"Top-1 on {where}: the share that it classifies correctly.")


def _work(here: Lab, asked: SqueezeRequest) -> None:
    """The live panel of a running or stopped task, or the Squeeze button."""
    row = here.store.find(asked.squeeze.id)
    if row is None or not row.state.is_alive:
        here_too = [other for other in here.store.alive() if other.origin == SQUEEZE]
        other = next((one for one in here_too if one.dataset == asked.squeeze.prepared.config.dataset), None)
        if other:
            st.caption("Other observers of this data set are being squeezed:")
        row = other or row
    if row and row.state != RunState.FINISHED:
        render_live_panel(row.id)
    if row is None or row.id != asked.squeeze.id or row.state == RunState.FINISHED:
        _ask(here, asked)


def _ask(here: Lab, asked: SqueezeRequest) -> None:
    prepared, todo = asked.squeeze.prepared, asked.squeeze.pending(here.store.stage_results)
    calibration.measure_soon(here.store)
    expected = forecast_together([(prepared, {node.key for node in todo})], here.store)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        access.start_button(
            "Squeeze", "data.squeeze", "compress", type="primary", on_click=_submit, args=(asked.squeeze,)
        )
        st.markdown(
            f":material/timer: about **{duration(expected.seconds)}** · {expected.memory_mb / 1000:.1f} GB of memory",
            help=f"Based on: {expected.basis}.",
        )
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_sentence(refused), icon=":material/error:")


def _submit(asked: SqueezeTask) -> None:
    try:
        config = asked.prepared.config
        now = SqueezeTask(prepare(config, recipe_address.described_now(config.dataset)))
        with open_lab() as here:
            jobs.submit_task(here.store, now, access.current_person())
    except EDCError as error:
        st.session_state[REFUSED] = str(error)


def _onward(about: Description, asked: SqueezeRequest, waiting: bool) -> None:
    """Link to Recipe with this data set and its observers."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        pressed = st.button(
            "Condense it",
            key="data.condense",
            type="secondary" if waiting else "primary",
            icon=":material/arrow_forward:",
        )
        st.markdown(
            "Missing observers are trained automatically by the first run."
            if waiting
            else "This opens the page Recipe with these observers."
        )
    if pressed:
        most = most_per_class(about, asked.squeeze.prepared.config.data)
        st.session_state["ipc"] = min(st.session_state.get("ipc") or IPC, most)
        st.session_state["set"] = _changes(asked.changes)
        router.go_to_page("recipe")  # the session keeps data set and profile: both addresses hold them


def _changes(own: dict) -> str:
    """The recipe's changes, with this page's in place of earlier ones of the same settings."""
    paths = ("squeeze.epochs", *(f"{stage}.observers" for stage in STAGES))
    try:
        before = recipe_state.read_changes(st.session_state.get("set") or "")
    except EDCError:  # the page Recipe would have said so
        before = {}
    return recipe_state.format_changes({path: value for path, value in before.items() if path not in paths} | own)
