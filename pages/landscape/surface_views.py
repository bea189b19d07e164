"""Landscape views: contours, surface, optimiser path, interpolation."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from edc_core.errors import SettingsError
from edc_core.figures import landscape as figures
from edc_core.figures.landscape import Surface, surface_of
from edc_core.jobs.tasks.landscape import LandscapeTask
from edc_core.runs.landscape_results import Landscape
from edc_core.wording.grammar import plural
from pages.landscape.curves import render_gradients, render_synthesis_sharpness
from pages.landscape.measurement_panel import CHART_CONFIG, landscape_key, survey_of
from pages.landscape.run_picker import Controls, LandscapeRun, colours_of
from pages.landscape.sharpness import render_sharpness
from pages.shared.charts import ink, render_chart
from pages.shared.footing import render_footing
from pages.shared.help_texts import SURFACE_LIMITS
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.notebook_button import render_notebook_button
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed


def render_view(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """The chosen view."""
    try:
        VIEWS[controls.view](lab, kept, controls)
    except SettingsError as error:
        st.info(as_sentence(str(error)), icon=":material/info:")


def _surfaces(
    kept: list[LandscapeRun], asked: LandscapeTask, known: dict[str, Landscape], kind: str
) -> list[tuple[Surface, dict]]:
    """Complete surfaces with their records, in the order of the runs."""
    found = []
    for one, part in zip(kept, asked.parts, strict=True):
        if landscape := known.get(landscape_key(part, kind)):
            found.append((surface_of(one.name, landscape.about, landscape.arrays), landscape.about))
    return found


SAVED_AS = {
    "contours": "loss surface",
    "space": "loss surface in space",
    "slice1": "loss along direction 1",
    "slice2": "loss along direction 2",
    "path": "path of the optimiser",
    "between": "loss between",
}


def _chart(figure: go.Figure, key: str, caption: str, names: Iterable[str]) -> None:
    listed, content = list(names), SAVED_AS[key.partition("_")[0]]
    printed = Printed(f"{content} {' and '.join(listed)}", f"{caption} {'; '.join(listed)}.")
    render_chart(figure, key=f"landscape_{key}", config=CHART_CONFIG, printed=printed)


def render_shape(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """Contours side by side, and slices through the trained weights."""
    found = _plane(lab, kept, controls)
    if not found:
        return
    surfaces = [surface for surface, _ in found]
    _chart(
        figures.contours(surfaces, controls.what, controls.log, ink()),
        "contours",
        f"Loss surface ({controls.what}) around the trained weights, which the cross marks.",
        [surface.name for surface in surfaces],
    )
    st.markdown(
        "**Look for** the size of the dark valley around the cross, which marks the trained weights, and how evenly it"
        " rises." + (" All panels share one scale, one loss and the same directions." if len(found) > 1 else "")
    )
    own = dict(zip([one.name for one in kept], colours_of(kept), strict=True))
    colours = [own[surface.name] for surface in surfaces]
    left, right = st.columns(2, gap="large")
    for axis, column in enumerate((left, right)):
        with column:
            st.markdown(f"**Slice along direction {axis + 1}**")
            figure = figures.slices(surfaces, controls.what, controls.log, axis, ink(), colours)
            names = [surface.name for surface in surfaces]
            _chart(
                figure, f"slice{axis + 1}", f"Loss along random direction {axis + 1} from the trained weights.", names
            )
    _about(lab, kept, found, controls)


def render_in_space(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """One surface in three dimensions."""
    found = _plane(lab, kept, controls)
    if not found:
        return
    surface = found[0][0]
    if len(found) > 1:
        names = [one.name for one, _ in found]
        name = st.segmented_control(
            "Run", names, default=names[0], required=True, key="landscape_one", format_func=escape_markdown
        )
        surface = next(one for one, _ in found if one.name == name)
    figure = figures.in_space(surface, controls.what, controls.log, ink())
    _chart(figure, "space", f"Loss surface ({controls.what}) around the trained weights.", [surface.name])
    st.markdown("**Look for** walls close to the middle, and for side valleys. Drag to turn it, scroll to zoom.")
    _about(lab, kept, found, controls)


def _plane(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> list[tuple[Surface, dict]]:
    points = f"{controls.grid} x {controls.grid} points, {controls.images:,} images"
    asked, known = survey_of(lab, kept, controls.question("plane"), f"{plural(len(kept), 'surface')} of {points}")
    return _surfaces(kept, asked, known, "plane")


def render_path(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """Path of the optimiser on its principal plane."""
    what = f"{plural(len(kept), 'surface')} around the path of training, {controls.grid} x {controls.grid} points"
    asked, known = survey_of(lab, kept, controls.question("path"), what)
    found = _surfaces(kept, asked, known, "path")
    for number, (surface, _) in enumerate(found):
        st.markdown(f"**{escape_markdown(surface.name)}** · {figures.explained_sentence(surface)}")
        figure = figures.contours([surface], controls.what, controls.log, ink())
        caption = "Path of the optimiser on the plane of its first two principal directions; a dot is an epoch."
        _chart(figure, f"path_{number}", caption, [surface.name])
    if found:
        st.markdown(
            "**Look for** where the path enters the valley, and whether training is still moving at the end. Each"
            " dot is an epoch whose raw weights were kept."
        )
        render_footing(
            "Each run has a plane of its own, so these plots cannot be laid over each other.",
            "The plane is that of the first two principal directions of the run's saved weights. It shows only what"
            " lies in it: near the start the true loss differs from the colour beneath the dot.",
        )
        _downloads(found, "path")


def render_interpolation(lab: Lab, kept: list[LandscapeRun], controls: Controls) -> None:
    """Linear interpolation from the first run's student to each other's."""
    if len(kept) < 2:
        st.info("Choose at least two runs: the line leads from the student of the first to that of each other one.")
        return
    what = f"{plural(len(kept) - 1, 'line')} of {controls.grid} points"
    asked, known = survey_of(lab, kept, controls.question("between"), what)
    found = _surfaces(kept, asked, known, "between")
    for number, (surface, about) in enumerate(found):
        figure = figures.line_between(surface, kept[0].name, surface.name, controls.log, ink())
        caption = "Loss on the straight line between two students' weights."
        _chart(figure, f"between_{number}", caption, [kept[0].name, surface.name])
        barrier = about["barrier"]
        said = "cannot be told, as the loss is not finite on it" if barrier is None else f"is {barrier:.3g} nats"
        st.markdown(
            f"The barrier on the path to {escape_markdown(surface.name)} {said}: how far the loss rises"
            " above the straight line."
        )
    if found:
        st.markdown("**Look for** a wall between the two: without one, both students lie in one valley.")
        st.caption(
            "**What it cannot tell:** a wall on the straight line does not mean that no curved path goes around it, and"
            " hidden units in another order make a wall between equal functions."
        )
        _downloads(found, "between")


def _about(lab: Lab, kept: list[LandscapeRun], found: list[tuple[Surface, dict]], controls: Controls) -> None:
    """What the pictures rest on, what they cannot tell, and their numbers to take away."""
    for note in figures.notes([surface for surface, _ in found]):
        st.warning(note, icon=":material/blur_off:")
    first = found[0][1]
    hashes = dict.fromkeys(about["directions"] for _, about in found)
    alike = "" if len(hashes) == 1 else " Students of different architectures have different directions."
    losses = "; ".join(
        f"{escape_markdown(surface.name)}: {_number(about['centre']['loss'])} nats,"
        f" {_number(about['centre']['top1'], 1)} %"
        for surface, about in found
    )
    count = max(_weights(lab, one) for one in kept)
    render_footing(
        f"At the cross, {losses}.",
        f"The loss is {first['loss']} ({first['images']:,} of them), with BatchNorm in eval mode. The two directions"
        f" are Gaussian (seed {controls.seed}, hash {', '.join(hashes)}), scaled to the student's filter norms and made"
        f" orthogonal.{alike}",
        SURFACE_LIMITS.format(weights=count) if count else SURFACE_LIMITS.replace("{weights:,}", "very many"),
    )
    _downloads(found, "plane")


def _weights(lab: Lab, one: LandscapeRun) -> int:
    """How many weights the run's student has, where its record says so."""
    node = next((node for node in one.prepared.nodes if node.stage == "evaluate"), None)
    folder = lab.store.stage_results.find(node.key) if node else None
    return _counted(str(folder / "student.safetensors")) if folder else 0


@st.cache_data(max_entries=200, show_spinner=False)
def _counted(path: str) -> int:
    from safetensors import safe_open

    from edc_core.store.digests import verified

    if not Path(path).exists():
        return 0
    with safe_open(verified(Path(path)), "np") as file:
        slices = [file.get_slice(name).get_shape() for name in file.keys() if name.startswith("raw.")]  # noqa: SIM118
    return int(sum(np.prod(shape) for shape in slices))


def _downloads(found: list[tuple[Surface, dict]], kind: str) -> None:
    """The numbers of each run as CSV and as a notebook."""
    with st.container(horizontal=True):
        for number, (surface, _) in enumerate(found):
            st.download_button(
                f"Data of {escape_markdown(surface.name)} (CSV)",
                lambda surface=surface: figures.as_csv(surface),
                f"landscape-{kind}-{number + 1}.csv",
                "text/csv",
                key=f"landscape_csv_{kind}_{number}",
                wrap=True,
                icon=":material/download:",
                on_click="ignore",
            )
            render_notebook_button(
                lambda notebooks, surface=surface: notebooks.surface_notebook(surface.name, figures.as_csv(surface)),
                f"landscape-{kind}-{number + 1}.ipynb",
                f"landscape_ipynb_{kind}_{number}",
            )


def _number(value: float | None, digits: int = 3) -> str:
    return "not finite" if value is None else f"{value:.{digits}f}"


VIEWS: dict[str, Callable[[Lab, list[LandscapeRun], Controls], None]] = {
    "Shape": render_shape,
    "In space": render_in_space,
    "Path": render_path,
    "Between two": render_interpolation,
    "Sharpness": render_sharpness,
    "During synthesis": render_synthesis_sharpness,
    "Gradients": render_gradients,
}
