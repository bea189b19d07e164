"""Launch bar: differences from EDC, forecast or stored result, Launch."""

import streamlit as st

from edc_core import jobs
from edc_core.design_space.presets import SWITCHES
from edc_core.errors import EDCError
from edc_core.performance import calibrate as calibration
from edc_core.performance.forecast import forecast
from edc_core.pipeline.execute import summary
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.stage_text import STAGE_TEXT
from pages.recipe import known_result as stored
from pages.recipe import recipe_address as address
from pages.recipe.recipe_state import RUN_CONTROLS, Difference, Recipe
from pages.recipe.setting_controls import render_control, setting_text
from pages.shared import access, page_address
from pages.shared import navigation as router
from pages.shared.formatting import duration
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import open_lab

WATCHED = "recipe.watched"  # in the session: the run that is unfolded on this page
FOLLOWED, REFUSED = "recipe.followed", "recipe.refused"
MAX_SHOWN_DIFFERENCES = 6


def render_launch_bar(
    recipe: Recipe, differences: list[Difference], prepared: PreparedRun | None, wrong: str | None, store: Store
) -> None:
    """The line between the settings and the boxes: result or forecast on the left, Launch on the right."""
    with st.container(border=True, key="recipe_bar"):
        says, acts = st.columns([3.2, 1], vertical_alignment="center", gap="medium")
        run = store.find(prepared.run) if prepared else None
        with says:
            st.markdown(_differences(recipe, differences))
            if wrong:
                st.warning(as_sentence(wrong), icon=":material/error:")
            else:
                stored.render_known_result(recipe, prepared, store)
                if not _result(prepared, run, store):
                    _forecast(prepared, run, store)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if run and run.state == RunState.FINISHED:
                    router.page_link("gallery", "Its images", ":material/grid_view:", run=run.id)
                    router.page_link("labels", "Images or labels?", ":material/balance:", run=run.id)
                _more(recipe)
                with st.popover("Command line", icon=":material/terminal:", type="tertiary"):
                    st.code(recipe.command(address.automatic_table(recipe.dataset)), language="bash", wrap_lines=True)
        with acts:
            _act(prepared, run, store)


def _more(recipe: Recipe) -> None:
    with st.popover("Students and score", icon=":material/school:", type="tertiary"):
        for control in RUN_CONTROLS:
            render_control(control, recipe, address.change_settings)


def _differences(recipe: Recipe, differences: list[Difference]) -> str:
    """ "3 settings differ from EDC: ...", each with EDC's value."""
    if not differences:
        return "**This is EDC**: every setting as in preset G."
    count = len(differences)
    shown = " ".join(f":orange-badge[{_one(one)}]" for one in differences[:MAX_SHOWN_DIFFERENCES])
    rest = f" and {count - MAX_SHOWN_DIFFERENCES} more" if count > MAX_SHOWN_DIFFERENCES else ""
    return f"**{count} {'setting differs' if count == 1 else 'settings differ'} from EDC:** {shown}{rest}"


def _one(difference: Difference) -> str:
    controls = [control for choice in SWITCHES.values() for control in choice.controls] + list(RUN_CONTROLS)
    control = next((control for control in controls if control.path == difference.path), None)
    if control is None:
        return f"{difference.path} {difference.here} (EDC {difference.there})"
    if isinstance(difference.here, tuple):
        return f"{control.label} {len(difference.here)} (EDC {len(difference.there)})"
    return f"{control.label} {setting_text(control, difference.here)} (EDC {setting_text(control, difference.there)})"


def _result(prepared: PreparedRun, run: RunRecord | None, store: Store) -> bool:
    """The stored result of these very settings, if there is one."""
    result = run.result if run and run.state == RunState.FINISHED else None
    if result is None and not prepared.pending(store.stage_results):
        result = summary(prepared, store.stage_results)
    if result is None:
        return False
    raw = "averaged" if result["headline"] == "top1_ema" else "raw"
    other = "top1" if result["headline"] == "top1_ema" else "top1_ema"
    on = "test" if result["split"] == "test" else "held-out"
    count = len(result["students"])
    mean = f" Mean of {count} students." if count > 1 else ""
    st.metric(
        f"Already computed: top-1 on {on} images",
        f"{result[result['headline']]:.2f} %",
        help=f"Of the {raw} weights; the other ones have {result[other]:.2f} %.{mean}",
    )
    return True


def _forecast(prepared: PreparedRun, run: RunRecord | None, store: Store) -> None:
    if run and run.state.is_alive:
        place = jobs.places(store).get(prepared.run, 0)
        st.markdown("This very run is " + (f"number {place} in the queue." if place else "working now."))
        return
    calibration.measure_soon(store)  # once a machine, in a process of its own: the next forecast rests on it
    expected = forecast(prepared, store)
    done = sum(stage.done for stage in expected.stages)
    left = ", ".join(dict.fromkeys(STAGE_TEXT[stage.stage].to_do for stage in expected.stages if not stage.done))
    st.markdown(
        f":material/timer: **about {duration(expected.seconds)}** · {expected.memory_mb / 1000:.1f} GB of memory ·"
        f" {done} of {len(expected.stages)} stages are stored already",
        help=f"Left to do: {left or 'nothing'}. {expected.basis}",
    )


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
        st.caption("Launch is closed here.")
        return
    st.button(
        "Launch",
        type="primary",
        width="stretch",
        icon=":material/play_arrow:",
        key="recipe.launch",
        disabled=prepared is None,
        on_click=_launch,
        args=(prepared,),
    )
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_sentence(refused), icon=":material/error:")


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
