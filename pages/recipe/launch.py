"""Launch bar: what is measured or what a run takes, and Launch; it stays on the screen."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from edc_core import jobs
from edc_core.design_space import extension_evidence as measured
from edc_core.design_space.presets import PRESETS, SWITCHES
from edc_core.errors import EDCError
from edc_core.performance import calibrate as calibration
from edc_core.performance.device_status import device_status
from edc_core.performance.forecast import forecast
from edc_core.performance.queue_wait import queue_wait
from edc_core.pipeline.execute import summary
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.runs.run_name import preset_title, run_name
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.stage_text import STAGE_TEXT
from pages.recipe import known_result as stored
from pages.recipe import recipe_address as address
from pages.recipe.known_result import KnownResult
from pages.recipe.pipeline_steps import render_steps
from pages.recipe.recipe_state import RUN_CONTROLS, Difference, Recipe
from pages.recipe.setting_controls import render_control, setting_text
from pages.shared import access, page_address
from pages.shared import navigation as router
from pages.shared.formatting import duration, in_line
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import open_lab

WATCHED = "recipe.watched"  # in the session: the run that is unfolded on this page
FOLLOWED, REFUSED = "recipe.followed", "recipe.refused"
MAX_SHOWN_DIFFERENCES = 6


def render_launch_bar(
    recipe: Recipe,
    differences: list[Difference],
    prepared: PreparedRun | None,
    wrong: str | None,
    store: Store,
    observers: Mapping[str, Mapping[str, Any]],
) -> None:
    """The bar that stays on the screen: what is measured, what a run takes, Launch."""
    with st.container(key="recipe_bar"):
        result, this_run, acts = st.columns([3.3, 3.1, 1.3], vertical_alignment="center", gap="medium")
        run = store.find(prepared.run) if prepared else None
        known = None
        with result:
            if prepared is None or wrong:
                st.warning(as_sentence(wrong or ""), icon=":material/error:")
            else:
                known = _measured(recipe, prepared, store)
        with this_run:
            if prepared and not wrong and not _result(prepared, run, store):
                _forecast(prepared, run, store, bool(known))
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipe_bar_links"):
                if run and run.state == RunState.FINISHED:
                    router.page_link("gallery", "Its images", run=run.id)
                    router.page_link("labels", "Images or labels?", run=run.id)
                with st.popover("More", type="tertiary"):
                    _more(recipe, differences, observers)
                    st.caption(f":material/memory: {escape_markdown(device_status(store).line)}")
                if known and known.elsewhere:
                    stored.render_switch(known.elsewhere)
        with acts:
            _act(prepared, run, store)


def _measured(recipe: Recipe, prepared: PreparedRun, store: Store) -> KnownResult | None:
    """What is stored of these switches, under this profile or another."""
    try:
        known = stored.known_result(recipe, prepared, store)
    except EDCError as error:
        st.caption(f":material/error: Stored matrices cannot be read: {escape_markdown(str(error))}")
        return None
    if known is None:
        return None
    st.markdown(stored.headline(known), help=stored.origin(known))
    st.caption(f"{run_name(prepared.config.model_dump(mode='json'))} · {stored.rests_on(known, prepared.config)}")
    return known


def _more(recipe: Recipe, differences: list[Difference], observers: Mapping[str, Mapping[str, Any]]) -> None:
    """What belongs to no choice: what differs, the steps, the students, the command line."""
    st.markdown(_differences(recipe, differences))
    st.caption(f"{_preset_sentence(recipe.preset)} {measured.sentence(recipe.preset)}".rstrip())
    render_steps(recipe.sketch, observers)
    for control in RUN_CONTROLS:
        render_control(control, recipe, address.change_settings)
    st.caption("The same run from a command line:")
    st.code(recipe.command(address.automatic_table(recipe.dataset)), language="bash", wrap_lines=True)


def _preset_sentence(name: str) -> str:
    if preset_title(name) == "EDC":
        return "**EDC**: all eight choices on (G in the paper's ladder A to G)."
    return f"**{preset_title(name)}**: {PRESETS[name].summary}."


def _differences(recipe: Recipe, differences: list[Difference]) -> str:
    """ "3 settings differ from EDC: ...", each with EDC's value."""
    if not differences:
        return "**This is EDC**: no setting differs."
    count = len(differences)
    shown = " ".join(f":orange-badge[{_one(one)}]" for one in differences[:MAX_SHOWN_DIFFERENCES])
    rest = f" and {count - MAX_SHOWN_DIFFERENCES} more" if count > MAX_SHOWN_DIFFERENCES else ""
    return f"**{count} {'setting differs' if count == 1 else 'settings differ'} from EDC:** {shown}{rest}"


def _one(difference: Difference) -> str:
    controls = [control for choice in SWITCHES.values() for control in choice.controls] + list(RUN_CONTROLS)
    control = next((control for control in controls if control.path == difference.path), None)
    if control is None:
        return f"{difference.path}: {difference.here} (EDC: {difference.there})"
    if isinstance(difference.here, tuple):
        here, there = len(difference.here), len(difference.there)
        return f"{control.label}: {'other networks' if here == there else f'{here} (EDC: {there})'}"
    here, there = setting_text(control, difference.here), setting_text(control, difference.there)
    return f"{control.label}: {here} (EDC: {there})"


def _result(prepared: PreparedRun, run: RunRecord | None, store: Store) -> bool:
    """The stored result of these very settings, if there is one."""
    result = run.result if run and run.state == RunState.FINISHED else None
    if result is None and not prepared.pending(store.stage_results):
        result = summary(prepared, store.stage_results)
    if result is None:
        return False
    raw, others = ("averaged", "raw") if result["headline"] == "top1_ema" else ("raw", "averaged")
    other = "top1" if result["headline"] == "top1_ema" else "top1_ema"
    on = "test" if result["split"] == "test" else "held-out"
    count = len(result["students"])
    mean = f" Mean of {count} students." if count > 1 else ""
    st.markdown(
        f"This exact run: **{result[result['headline']]:.2f} %** on {on} images",
        help=f"Top-1 with {raw} weights; {others} weights reach {result[other]:.2f} %.{mean}",
    )
    return True


def _forecast(prepared: PreparedRun, run: RunRecord | None, store: Store, known: bool) -> None:
    """What a run takes; `known`: its accuracy is measured, under this profile or another."""
    if run and run.state.is_alive:
        waits = run.state == RunState.QUEUED
        st.markdown(f"This run: {in_line(queue_wait(store, run.id))}." if waits else "This exact run is running now.")
        return
    calibration.measure_soon(store)  # once a machine, in a process of its own: the next forecast rests on it
    expected = forecast(prepared, store)
    done = sum(stage.done for stage in expected.stages)
    left = ", ".join(dict.fromkeys(STAGE_TEXT[stage.stage].to_do for stage in expected.stages if not stage.done))
    device = device_status(store)
    st.markdown(
        f"{'This run' if known else 'Not measured here'}: **about {duration(expected.seconds)}**",
        help=f"{done} of {len(expected.stages)} stages are stored already; left to do: {left or 'nothing'}."
        f" {expected.memory_mb / 1000:.1f} GB of memory. Forecast: {expected.basis}."
        f" It runs on {escape_markdown(device.line)}.",
    )
    if misfit := device.misfit(expected.memory_mb):
        st.caption(escape_markdown(misfit))


def _act(prepared: PreparedRun | None, run: RunRecord | None, store: Store) -> None:
    """Primary button: Launch, Watch or Show."""
    if st.session_state.pop(FOLLOWED, False):
        st.rerun()  # the panel stands outside this fragment
    state = run.state if run else None
    if state and not state.ended_early:
        words = "Watch it" if state.is_alive else "Show this run"
        icon = ":material/visibility:"
        shape = {"type": "primary", "width": "stretch", "icon": icon, "key": "recipe.watch"}
        st.button(words, on_click=_follow, args=(prepared.run,), **shape)
        return
    if access.is_hidden("launch") or jobs.read_only():
        st.caption("Launching is disabled here.")
        return
    st.button(
        "Launch",
        type="primary",
        width="stretch",
        icon=":material/play_arrow:",
        key="recipe.launch",
        disabled=prepared is None or not _fits(prepared, store),
        on_click=_launch,
        args=(prepared,),
    )
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_sentence(refused), icon=":material/error:")


def _fits(prepared: PreparedRun, store: Store) -> bool:
    """Whether the machine has the memory; the forecast beside says why not."""
    return device_status(store).misfit(forecast(prepared, store).memory_mb) is None


def _launch(prepared: PreparedRun) -> None:
    """Callback: submit the run to the queue, and name it in the session before widgets read it."""
    try:
        now = prepare(prepared.config, address.described_now(prepared.config.dataset))
        with open_lab() as found:
            _follow(jobs.submit(found.store, now, access.current_person()).run)
    except EDCError as error:
        st.session_state[REFUSED] = str(error)


def _follow(run: str) -> None:
    page_address.set_selected_run(run)
    st.session_state[WATCHED] = run
    st.session_state[FOLLOWED] = True
