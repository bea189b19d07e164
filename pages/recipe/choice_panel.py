"""Panel of one design choice: formula, controls, miniature, the paper's figures."""

import numpy as np
import streamlit as st

from edc_core.config import RunConfig
from edc_core.data import Description
from edc_core.data.glance import glance
from edc_core.design_space import extension_evidence as measured
from edc_core.design_space.paper_tables import PROTOCOL
from edc_core.design_space.presets import SWITCHES, Choice
from edc_core.figures.miniatures import MINIATURES, Look, Miniature, evidence_figure
from edc_core.stage_graph import StageNode, build_stage_graph
from edc_core.store import Store
from edc_core.store.files import read_json
from edc_core.wording.grammar import capitalise
from pages.recipe import recipe_address as address
from pages.recipe.mixture import render_mixture
from pages.recipe.pipeline_boxes import is_read
from pages.recipe.recipe_state import Recipe
from pages.recipe.setting_controls import known_networks, render_control
from pages.shared.charts import NO_MODE_BAR, inked, render_chart
from pages.shared.markdown_escape import as_sentence

MINIATURE_SAMPLES = 8  # real images at hand for the miniatures
MAX_WIDTH_PX = 1460  # pixels; wider pictures are shrunk, with blur, before they are sent
BARE = {**NO_MODE_BAR, "scrollZoom": False}


def render_choice_panel(recipe: Recipe, config: RunConfig, wrong: str | None, look: Look) -> None:
    """The opened choice. `config` is what the miniature shows, `wrong` what is wrong with the settings, if anything."""
    name = address.opened_choice()
    choice = SWITCHES[name]
    with st.container(border=True, key="recipe_panel"):
        words, image = st.columns([1, 1.1], gap="large")
        with words:
            st.subheader(capitalise(choice.title), anchor=False)
            st.markdown(f"**Mends: {choice.weakness}.** {choice.explained}")
            st.latex(choice.formula)
            if wrong:
                st.warning(as_sentence(wrong), icon=":material/error:")
            _controls(recipe, choice)
        with image:
            if choice.miniature in MINIATURES:
                _show(MINIATURES[choice.miniature](config, look), name)
            if said := measured.sentence(choice.title):
                st.caption(said)
            _evidence(choice)


def _controls(recipe: Recipe, choice: Choice) -> None:
    if not is_read(recipe, choice):
        st.caption("Nothing here is read as the other settings stand.")
    seen = [control for control in choice.controls if recipe.reads(control.path)]
    for control in seen:
        if not control.more:
            render_control(control, recipe, address.change_settings)
    more = [control for control in seen if control.more]
    if more:
        with st.popover("More settings", icon=":material/tune:"):
            for control in more:
                render_control(control, recipe, address.change_settings)


def _show(miniature: Miniature, name: str) -> None:
    if miniature.scene:
        render_mixture(miniature.scene)
    elif miniature.figure:
        render_chart(inked(miniature.figure), key=f"recipe.miniature.{name}", config=BARE)
    for row in miniature.rows:
        st.caption(f"**{row.name}** :blue-badge[chosen]" if row.chosen else row.name)
        st.image(_enlarged(row.image), output_format="PNG", width="stretch", alt=row.name)
    st.markdown(f":material/visibility: {miniature.say}")
    if miniature.readings and not miniature.scene:
        with st.container(horizontal=True, gap="medium", key="recipe_readings"):
            for reading in miniature.readings:
                st.metric(reading.name, reading.value, help=reading.hint or None, width="content")


def _enlarged(image: np.ndarray) -> np.ndarray:
    """By the largest whole multiple that Streamlit sends unchanged, so that a browser only ever shrinks it."""
    times = max(1, MAX_WIDTH_PX // image.shape[1])
    return image.repeat(times, 0).repeat(times, 1)


def _evidence(choice: Choice) -> None:
    if not choice.evidence:
        return
    with st.expander(f"The paper's evidence ({choice.source})", icon=":material/menu_book:"):
        st.caption(f"Printed, not measured here; {PROTOCOL}. No intervals: compare within a chart, not with this lab.")
        for number, evidence in enumerate(choice.evidence):
            st.caption(f"**The paper's own figures, {evidence.source}**: {evidence.setting}. {evidence.note}")
            render_chart(inked(evidence_figure(evidence)), key=f"recipe.evidence.{number}", config=BARE)


@st.cache_resource(show_spinner=False, max_entries=10)
def _samples(dataset: str, digest: str, _about: Description, holdout: int):
    """One real training image of each of the first classes, (N, C, H, W) uint8; of the training part only."""
    from edc_core.config import DataConfig

    part = glance(dataset, DataConfig(holdout=holdout), _about)
    rows = [int((part.labels == label).nonzero()[0][0]) for label in range(min(MINIATURE_SAMPLES, len(_about.classes)))]
    return part.take(rows)


def miniature_look(recipe: Recipe, about: Description, store: Store) -> Look:
    """Inputs of the miniatures: samples, classes, observers."""
    samples = _samples(recipe.dataset, about.digest, about, recipe.untouched.data.holdout)
    return Look(samples, len(about.classes), _observers(recipe, about, store))


def _observers(recipe: Recipe, about: Description, store: Store) -> dict[str, dict]:
    """Stored records of the networks that can be observers."""
    sketch = recipe.sketch
    names = dict.fromkeys((*known_networks(recipe), *sketch.synthesise.observers, *sketch.relabel.observers))
    facts = {}
    for name in names:
        for node in _squeezes(sketch, (name,), about.digest):
            if found := store.stage_results.find(node.key):
                facts[name] = read_json(found / "observer.json")
    return facts


def _squeezes(config: RunConfig, names: tuple[str, ...], digest: str) -> list[StageNode]:
    """The stages that would train these observers."""
    labels = config.relabel.model_copy(update={"labels": "soft", "observers": names})
    still = config.synthesise.model_copy(update={"iterations": 0})
    drawn = config.initialise.model_copy(update={"kind": "real"})
    plan = build_stage_graph(
        config.model_copy(update={"relabel": labels, "synthesise": still, "initialise": drawn}), digest
    )
    return [node for node in plan if node.stage == "squeeze"]
