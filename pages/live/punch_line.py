"""Result of a finished run in one line and three bars: guessing, this set, all real images."""

import html

import streamlit as st

from edc_core.design_space.presets import PRESETS
from edc_core.figures.run_colours import run_colour
from edc_core.judging.full_data import FullData, full_data_top1
from edc_core.judging.worth import CURVES_FOLDER
from edc_core.runs.condensed_set import labels_of
from edc_core.runs.partners import partner_of
from edc_core.runs.run_table import scored_images, title_of, top1_of
from edc_core.store.run_record import RunRecord
from pages.recipe import recipe_address
from pages.shared import navigation as router
from pages.shared.charts import is_dark
from pages.shared.footing import render_footing
from pages.shared.page_frame import Lab

GUESSING, ALL_IMAGES = "#8C8C8C", "#5A6472"


def render_punch_line(lab: Lab, run: RunRecord) -> None:
    """The line, its bars, what they rest on, and where to look next."""
    images, full = (
        len(labels_of(lab.store.stage_results, run)),
        full_data_top1(run, (CURVES_FOLDER, lab.home / "worth")),
    )
    st.markdown(f"#### {sentence(run, images, full)}")
    bars, onward = st.columns([3, 1.4], gap="medium", vertical_alignment="center")
    with bars:
        st.html(_bars(run, images, full))
        render_footing(*_footing(run, full))
    with onward, st.container(key="live-onward", gap="xsmall"):
        _onward(lab, run)


def sentence(run: RunRecord, images: int, full: FullData | None) -> str:
    """What the run's images taught, between guessing and all real images as far as that is stored."""
    own = f"{images:,} {'image' if images == 1 else 'images'} taught {top1_of(run):.1f} %"
    whole = f"all {full.images:,} teach {full.top1.mean:.1f} %" if full else ""
    return "; ".join([part for part in (own, whole) if part] + [f"guessing gives {_guessing(run):.3g} %"]) + "."


def _guessing(run: RunRecord) -> float:
    return 100 / len(run.manifest["dataset"]["classes"])


def _bars(run: RunRecord, images: int, full: FullData | None) -> str:
    shown = [
        ("Guessing", _guessing(run), GUESSING),
        (f"These {images:,} images", top1_of(run), run_colour(run, is_dark())),
    ]
    if full:
        shown.append((f"All {full.images:,} real images", full.top1.mean, ALL_IMAGES))
    rows = "".join(
        f"<span>{html.escape(name)}</span>"
        f'<span class="bar"><i style="width:{value:.2f}%;background:{colour}"></i></span><b>{value:.1f} %</b>'
        for name, value, colour in shown
    )
    said = "; ".join(f"{name}: {value:.1f} %" for name, value, _ in shown)
    return f'<div class="live-punch" role="img" aria-label="{html.escape(said)}">{rows}</div>'


def _footing(run: RunRecord, full: FullData | None) -> list[str]:
    """What the figures rest on: images and students in a line, then weights and the training on all real images."""
    result = run.result
    where = "test images" if result["split"] == "test" else "held-out training images"
    figures = {"top1_ema": "with averaged weights (EMA)", "top1": "with raw weights"}
    order = sorted(figures, key=lambda name: name != result["headline"])
    own = ", ".join(f"{result[name]:.2f} % {figures[name]}" for name in order)
    count, student = len(result["students"]), run.settings["evaluate"]["students"][0]
    mean = f"the mean of {count} students" if count > 1 else "1 student, so a difference of a point may be chance"
    return [
        f"Top-1 on {scored_images(run):,} {where}; {mean}.",
        f"Top-1 is the share of these images that the student classifies correctly: {own}.",
        f"What all real images of this data set teach {student} is not measured here."
        if full is None
        else f"All {full.images:,} real images: the same network with hard labels, {full.steps:,} steps, mean of"
        f" {full.top1.count} seeds.",
    ]


def _onward(lab: Lab, run: RunRecord) -> None:
    """Links onward, each to this very run."""
    if run.settings["synthesise"]["iterations"]:
        look = {"run": run.id, "gallery-view": "Forming"}
        router.page_link("gallery", "See it form", icon=":material/animation:", **look)
    else:
        router.page_link("gallery", "Look at the images", icon=":material/grid_view:", run=run.id)
    if run.preset in PRESETS and st.button(
        "Switch one choice off",
        key="live_switch_off",
        icon=":material/toggle_off:",
        type="tertiary",
        on_click=recipe_address.store_settings,
        args=(run.settings,),
    ):
        router.go_to_page("recipe", run=run.id)
    partner = partner_of(run, lab.store.runs())
    beside = {"compare": [run.id, partner.id]} if partner else {"run": run.id}
    note = f"Beside {title_of(partner)}." if partner else None
    router.page_link("landscape", "How flat is it?", icon=":material/landscape:", help=note, view="Sharpness", **beside)
    router.page_link("labels", "Images or labels?", icon=":material/balance:", run=run.id)
