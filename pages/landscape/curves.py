"""Curves: sharpness along the synthesis, and gradient cosines by batch size."""

import streamlit as st

from edc_core.figures import sharpness as figures_sharpness
from edc_core.judging.comparison_sets import image_key
from edc_core.landscape.config import differing, matching_loss
from edc_core.runs.partners import SCHEDULE, all_off, choice_pair
from edc_core.wording.grammar import plural
from pages.landscape.measurement_panel import CHART_CONFIG, landscape_key, survey_of
from pages.landscape.run_picker import Controls, LandscapeRun, colours_of
from pages.shared import page_address
from pages.shared.charts import ink, render_chart
from pages.shared.footing import render_footing
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed


def render_synthesis_sharpness(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """Sharpness in the images' space along the synthesis."""
    optimised = [one for one in kept if one.prepared.config.synthesise.optimised]
    for one in kept:
        if one not in optimised:
            st.caption(f"{escape_markdown(one.name)} does not optimise its images, so it has no synthesis to look at.")
    if not optimised:
        return
    if len(optimised) > 1 and len({image_key(one.run.plan) for one in optimised}) == 1:
        _same_images(lab)
        return
    every = max(1, max(one.prepared.config.synthesise.iterations for one in optimised) // 10)
    question = controls.question("images", every=every, vectors=10)
    asked, known = survey_of(lab, optimised, question, f"{plural(len(optimised), 'synthesis', 'syntheses')}, repeated")
    answered = [
        (one, known[key].about)
        for one, part in zip(optimised, asked.parts, strict=True)
        if (key := landscape_key(part, "images")) in known
    ]
    if not answered:
        return
    shown = [(one.name, about) for one, about in answered]
    colours = colours_of(one for one, _ in answered)
    chart = figures_sharpness.during_synthesis(shown, controls.log, ink(), colours)
    render_chart(
        chart,
        key="landscape_during",
        config=CHART_CONFIG,
        printed=Printed(
            "sharpness along synthesis",
            "Frobenius norm of the Hessian of each run's matching loss in the images of the first batch, along the"
            f" synthesis; band: the estimate's 95 % interval. {'; '.join(name for name, _ in shown)}.",
        ),
    )
    if not _said_to_differ(answered):
        st.markdown("**Look for** whether flatness regularisation keeps the curve lower than in a run without it.")
    render_footing(
        "Frobenius norm of the Hessian in the images; band: the estimate's 95 % interval.",
        "The Hessian is that of each run's own matching loss in the images of the first batch, averaged over its"
        " observers. The interval is of one synthesis and shows no spread over seeds.",
    )
    for name, about in shown:
        if about["largest_difference"]:
            st.warning(
                f"{escape_markdown(name)}: the repeated synthesis ended up to {about['largest_difference']} of 255"
                " steps away from the stored images (other machine or threads): the curve belongs to a sister of"
                " that set."
            )


def _same_images(lab: Lab) -> None:
    """One synthesis is no comparison: the way to one that is."""
    st.info("These runs share their images, so there is one synthesis and nothing to compare.")
    edc, *_ = choice_pair(lab.store.runs(), SCHEDULE) or (None,)
    if edc and (start := all_off(edc, lab.store.runs())):
        st.button(
            "EDC beside all choices off",
            key="landscape_all_off",
            icon=":material/compare_arrows:",
            on_click=page_address.set_selected_runs,
            args=([edc.id, start.id],),
        )


def _said_to_differ(answered: list[tuple[LandscapeRun, dict]]) -> bool:
    """Warn if the curves are of different losses; returns whether they are."""
    losses = [matching_loss(one.prepared.config, one.prepared.nodes, about["images"]) for one, about in answered]
    if not (parts := differing(losses)):
        return False
    groups: dict[tuple, list[str]] = {}
    for (one, _), loss in zip(answered, losses, strict=True):
        groups.setdefault(tuple(loss.items()), []).append(escape_markdown(one.name))
    alike = [" with ".join(names) for names in groups.values() if len(names) > 1]
    comparable = f"Only these share a loss: {'; '.join(alike)}." if alike else "No two of these curves can be compared."
    st.info(
        f"These runs differ in what they match ({', '.join(parts)}), so the curves compare functions as well as images."
        f" {comparable}"
    )
    return True


def render_gradients(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """Cosine of a batch's gradient with that of the whole set."""
    asked, known = survey_of(lab, kept, controls.question("cosine"), plural(len(kept), "set of gradients", "sets"))
    answered = [
        (one, known[key].about)
        for one, part in zip(kept, asked.parts, strict=True)
        if (key := landscape_key(part, "cosine")) in known
    ]
    if not answered:
        return
    shown, colours = [(one.name, about) for one, about in answered], colours_of(one for one, _ in answered)
    chart = figures_sharpness.gradient_cosines(shown, ink(), colours)
    render_chart(
        chart,
        key="landscape_cosines",
        config=CHART_CONFIG,
        printed=Printed(
            "gradient cosine by batch size",
            "Cosine of a batch's gradient with the whole set's, at the trained weights. Solid: condensed set; dashed:"
            f" real images; band: the middle 90 % of batches. {'; '.join(name for name, _ in shown)}.",
        ),
    )
    st.markdown(
        "**Look for** how large a batch must be before it points where the whole set does. Solid: the condensed set;"
        " dashed: real images; band: the middle 90 % of batches."
    )
    render_footing(
        "**What it cannot tell:** compare batch sizes well below the size of both sets.",
        "The gradients are taken at the trained weights, with the student's own loss and labels, without augmentation."
        " The cosine with a set of 100 images is 1 at 100 by construction.",
    )
