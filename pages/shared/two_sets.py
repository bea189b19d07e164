"""Two condensed sets side by side: the same class rows, their difference, and where they differ most."""

import numpy as np
import streamlit as st

from edc_core.errors import EDCError
from edc_core.judging.comparison_sets import image_key
from edc_core.runs.image_grids import beside, in_rows, png, sheet
from edc_core.runs.run_table import called, names_of, top1_of
from edc_core.runs.set_pair import SetPair, set_pair
from edc_core.store.run_record import RunRecord
from pages.shared.image_grids import render_image
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab

IMAGES_PER_CLASS, ROWS_OF_ONE_CLASS = 4, 4  # of each set, so that three panels stand side by side on a laptop
MAX_CLASSES, MAX_STRIP = 10, 8
LONGEST_HEAD = 16  # letters that two lines above a phone's narrowest panel hold
GAP_PX = 8  # pixels between panels


def render_two_sets(lab: Lab, first: RunRecord, second: RunRecord, one_class: str | None = None) -> None:
    """The panels, a switch to their difference, and the images that differ most; a sentence where that cannot be."""
    if image_key(first.plan) == image_key(second.plan):
        st.info("Both runs judge the same images: choose a run with other images.", icon=":material/info:")
        return
    try:
        pair = set_pair(lab.store, first, second)
    except EDCError as error:
        st.info(as_sentence(str(error)), icon=":material/info:")
        return
    names = _names(first, second)
    heads = names if max(map(len, names)) <= LONGEST_HEAD else ["Set 1", "Set 2"]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(" · ".join(_scored(*of) for of in zip(names, heads, (first, second), strict=True)))
        differ = st.toggle(
            "Difference",
            key="two-sets-difference",
            help="How far apart the two are, pixel by pixel: black where they are the same.",
            bind="query-params",
            persist_state="session",
        )
    _panels(pair, heads, one_class, differ)
    st.markdown(_where(pair))
    _most_different(pair, heads)


def _names(first: RunRecord, second: RunRecord) -> list[str]:
    """What the two are called, as short as tells them apart: of equal names what only one of them says."""
    short = [called(first), called(second)]
    if short[0] != short[1]:
        return short
    one, other = (name.split(", ") for name in names_of([first, second]))
    return [
        ", ".join(own[:1] + [part for part in own[1:] if part not in others])
        for own, others in ((one, other), (other, one))
    ]


def _scored(name: str, head: str, run: RunRecord) -> str:
    """The set's head, its name where that is another, and its accuracy."""
    top1, named = top1_of(run), "" if name == head else f": {escape_markdown(name)}"
    return f"**{escape_markdown(head)}**{named}" + ("" if top1 is None else f" {top1:.1f} %")


def _panels(pair: SetPair, names: list[str], one_class: str | None, differ: bool) -> None:
    cells, filled, heads = [pair.first, pair.second], [pair.filled, pair.filled], list(names)
    if differ:
        cells.append(pair.difference)
        filled.append(pair.filled if pair.paired else np.ones((len(pair.classes), 1), bool))
        heads.append("difference")
    if one_class in pair.classes:
        row = pair.classes.index(one_class)
        panels, rows = [_one_class(c[row], f[row]) for c, f in zip(cells, filled, strict=True)], ()
    else:
        panels = [_rows(c, f) for c, f in zip(cells, filled, strict=True)]
        rows = pair.classes[:MAX_CLASSES]
    tall, wide = (max(panel.shape[side] for panel in panels) for side in (0, 1))
    canvas = beside([_framed(panel, tall, wide) for panel in panels], GAP_PX)
    laptop, alt = (760, 660), "; ".join(heads)
    render_image(png(canvas), canvas.shape[1], canvas.shape[0], "two-sets", rows, heads, alt=alt, laptop=laptop)
    if len(pair.classes) > MAX_CLASSES and rows:
        st.caption(f"{MAX_CLASSES} of {len(pair.classes)} classes; in the Gallery each can be chosen.")


def _framed(panel: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """A panel at the top middle of a transparent frame: heads stand above equal widths."""
    free = wide - panel.shape[1]
    return np.pad(panel, ((0, tall - panel.shape[0]), (free // 2, free - free // 2), (0, 0)))


def _rows(cells: np.ndarray, filled: np.ndarray) -> np.ndarray:
    return sheet(cells[:MAX_CLASSES, :IMAGES_PER_CLASS], filled[:MAX_CLASSES, :IMAGES_PER_CLASS])


def _one_class(cells: np.ndarray, filled: np.ndarray) -> np.ndarray:
    shown = cells[filled][: IMAGES_PER_CLASS * ROWS_OF_ONE_CLASS]
    return sheet(*in_rows(shown, min(IMAGES_PER_CLASS, len(shown))))


def _where(pair: SetPair) -> str:
    """Sentence on where the sets differ most and least, and on what is compared."""
    order = [(escape_markdown(name), share) for name, share in pair.by_class]
    most = ", ".join(f"{name} ({share:.0f} %)" for name, share in order[:3])
    least = f"; least in {order[-1][0]} ({order[-1][1]:.0f} %)" if len(order) > 3 else ""
    basis = (
        "Both sets began as the same images, so each image is compared with its partner."
        if pair.paired
        else "They did not begin as the same images, so no image has a partner: class means are compared."
    )
    return f"**They differ most in** {most}{least}: the mean difference of a pixel, black to white being 100 %. {basis}"


def _most_different(pair: SetPair, names: list[str]) -> None:
    """The pairs of images that differ most, one above the other."""
    places = pair.largest(MAX_STRIP)
    if not places:
        return
    rows, columns = (np.array(numbers) for numbers in zip(*places, strict=True))
    lines = np.stack([cells[rows, columns] for cells in (pair.first, pair.second, pair.difference)])
    heads = [f"{pair.classes[row]} {column + 1}" for row, column in places]
    canvas = sheet(lines)
    said = [*names, "difference"]
    st.markdown("**The images that differ most**")
    render_image(png(canvas), canvas.shape[1], canvas.shape[0], "two-sets-most", said, heads, alt="; ".join(heads))
