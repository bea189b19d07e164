"""Panel of one design choice: formula, controls, miniature, the paper's figures."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from edc_core.ablation.choice_evidence import ChoiceEvidence
from edc_core.ablation.choice_verdicts import verdict
from edc_core.config import RunConfig
from edc_core.data import Description
from edc_core.data.glance import glance
from edc_core.design_space import extension_evidence as measured
from edc_core.design_space.choice import Evidence
from edc_core.design_space.paper_tables import PROTOCOL
from edc_core.design_space.presets import SWITCHES, Choice
from edc_core.figures.miniatures import MINIATURES, Look, Miniature, evidence_figure
from edc_core.stage_graph import StageNode, build_stage_graph
from edc_core.store import Store
from edc_core.store.files import read_json
from edc_core.wording.grammar import capitalise, plural
from pages.recipe import recipe_address as address
from pages.recipe.choice_list import is_read
from pages.recipe.mixture import render_mixture
from pages.recipe.recipe_state import Recipe
from pages.recipe.setting_controls import known_networks, render_control
from pages.shared.charts import NO_MODE_BAR, inked, is_dark, render_chart
from pages.shared.markdown_escape import as_sentence

SHOWN_CONTROLS = 2  # the others are one click away
FIGURE_HEIGHT = 212  # pixels: the page is to fit a screen of 720
MINIATURE_SAMPLES = 8  # real images at hand for the miniatures
MAX_WIDTH_PX = 1460  # pixels; wider pictures are shrunk, with blur, before they are sent
BARE = {**NO_MODE_BAR, "scrollZoom": False}


def render_choice_panel(
    recipe: Recipe, config: RunConfig, wrong: str | None, look: Look, evidence: Mapping[str, ChoiceEvidence]
) -> None:
    """The opened choice. `config` is what the miniature shows, `wrong` what is wrong with the settings, if anything."""
    name = address.opened_choice()
    choice = SWITCHES[name]
    with st.container(border=True, key="recipe_panel"):
        st.subheader(capitalise(choice.title), anchor=False)
        st.markdown(f":small[{choice.explained}]")
        _said(choice, evidence.get(name))
        settings, image = st.columns([1, 1.5], gap="medium")
        miniature = MINIATURES[choice.miniature](config, look) if choice.miniature in MINIATURES else None
        with settings:
            if wrong:
                st.warning(as_sentence(wrong), icon=":material/error:")
            _controls(recipe, choice)
            if miniature:
                _readings(miniature)
        with image:
            if miniature:
                _show(miniature, name)


def _said(choice: Choice, evidence: ChoiceEvidence | None) -> None:
    """What is measured here, and what the paper prints."""
    here = _measured_here(choice, evidence)
    if here:
        st.markdown(f":small[**Here:** {here}]")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipe_paper"):
        paper = next((one for one in choice.evidence if one.gain is not None), None)
        if paper:
            printed = dict(paper.rows)
            st.markdown(
                f":small[**The paper:** {paper.gain:+.1f} on {paper.setting.partition(',')[0]}"
                f" ({printed[paper.off]:.1f} → {printed[paper.on]:.1f})]",
                width="content",
            )
        _formula(choice)
        _evidence(choice)


def _measured_here(choice: Choice, evidence: ChoiceEvidence | None) -> str:
    if evidence is None:
        return measured.sentence(choice.title)
    if evidence.profile is None:
        return "Not measured on this data set."
    titles = {name: other.title for name, other in SWITCHES.items()}
    told = verdict(evidence.effects, titles) or "The accuracy is not measured on this data set."
    count = evidence.effects.with_others.count if evidence.effects.with_others else 0
    seeds = f", {count} {plural(count, 'seed')}" if count else ""
    return f"{told} :gray[Profile {evidence.profile}{seeds}; points of top-1 on held-out images.]"


def _formula(choice: Choice) -> None:
    with st.popover("Formula", icon=":material/function:", type="tertiary"):
        st.markdown(f"Weakness addressed: {choice.weakness}.")
        st.latex(choice.formula)


def _controls(recipe: Recipe, choice: Choice) -> None:
    if not is_read(recipe, choice):
        st.caption("With the other settings as they are, nothing here has an effect.")
    seen = [control for control in choice.controls if recipe.reads(control.path)]
    shown = [control for control in seen if not control.more][:SHOWN_CONTROLS]
    for control in shown:
        render_control(control, recipe, address.change_settings)
    if more := [control for control in seen if control not in shown]:
        with st.popover("More settings", icon=":material/tune:"):
            for control in more:
                render_control(control, recipe, address.change_settings)


def _show(miniature: Miniature, name: str) -> None:
    if miniature.scene:
        render_mixture(miniature.scene)
    elif miniature.figure:
        render_chart(
            inked(miniature.figure).update_layout(height=FIGURE_HEIGHT), key=f"recipe.miniature.{name}", config=BARE
        )
    for row in miniature.rows:
        st.caption(f"**{row.name}** :blue-badge[chosen]" if row.chosen else row.name)
        st.image(_enlarged(row.image), output_format="PNG", width="stretch", alt=row.name)
    st.markdown(f":small[:material/visibility: {miniature.say}]")


def _readings(miniature: Miniature) -> None:
    """The figures read off a miniature, below the controls that move them."""
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
    with st.popover("The paper's evidence", icon=":material/menu_book:", type="tertiary"):
        st.caption(
            f"{capitalise(choice.source)}. The paper's figures, not measured here; {PROTOCOL}. They have no"
            f" intervals: compare them with each other, not with this lab."
        )
        for number, evidence in enumerate(choice.evidence):
            st.caption(f"**{capitalise(evidence.source)}**: {evidence.setting}. {evidence.note}")
            figure = _evidence_chart(choice.title, number, evidence, is_dark())
            render_chart(figure, key=f"recipe.evidence.{number}", config=BARE)


@st.cache_resource(show_spinner=False, max_entries=64)
def _evidence_chart(title: str, number: int, _evidence: Evidence, dark: bool):
    """The paper's figures on a choice, in the ink of a light or a dark page; drawn once, as they never change."""
    return inked(evidence_figure(_evidence))


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
