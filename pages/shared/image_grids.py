"""Image grids: one pixel-crisp image element with names for rows and columns.

A picture is sent at its native size and enlarged by the browser, by whole multiples: one for a laptop's width
and one for a projector's. Names are text beside it, so they are readable however small the images are.
"""

import html
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from edc_core.errors import EDCError
from edc_core.runs.image_grids import STRIP, by_class, cut, png, read_png, sheet

LAPTOP, PROJECTOR = (700, 660), (1180, 960)  # pixels of a page that a picture may take, wide and high
NARROW = 700  # of one on which a picture shrinks to what its rows' names leave of the window
NAMES = "5.2rem"  # of width that those names have there
STEEP_HEADS = 5  # names above columns, from which on they stand upright on a phone: they would be cut
WIDE = 1600  # pixels of a window from which it counts as a projector's


def grid_cells(path: Path, size: int) -> np.ndarray | None:
    """A grid of the store, cells (rows, columns, C, H, W); None where it was moved away between two looks."""
    try:
        return cut(read_png(path), size)
    except EDCError:
        return None


def composite(
    pixels: np.ndarray, labels: np.ndarray, classes: Sequence[str], key: str, shown: int = 10, alt: str = ""
) -> None:
    """The first `shown` images of each class, a named row per class; (N, C, H, W) uint8 and (N,) class numbers."""
    cells, filled, present = by_class(pixels, labels, shown)
    picture = sheet(cells, filled)
    names = [classes[label] for label in present]
    render_image(png(picture), picture.shape[1], picture.shape[0], key, rows=names, alt=alt or ", ".join(names))


def render_image(
    content: bytes,
    width: int,
    height: int,
    key: str,
    rows: Sequence[str] = (),
    heads: Sequence[str] = (),
    feet: Sequence[str] = (),
    strip: bool = False,
    alt: str = "",
    laptop: tuple[int, int] = LAPTOP,
    projector: tuple[int, int] = PROJECTOR,
) -> None:
    """A PNG of native size `width` x `height`, enlarged, with names for its rows (left) and columns (above, below).

    `strip`: the picture begins with a caption's strip, which the rows' names leave free.
    """
    small, large = (max(1, min(wide // width, high // height)) for wide, high in (laptop, projector))
    name = f"pixels-{key}"
    st.html(f"<style>{_sizes(name, width, small, large, height, strip)}</style>")
    with st.container(key=name, horizontal=True, gap="small", vertical_alignment="top", wrap=False):
        if rows:
            with st.container(key=f"{name}-rows", width="content"):
                st.html(_names(rows, "rows headed" if heads else "rows", len(heads)))
        with st.container(key=f"{name}-picture", width="content", gap=None):
            if heads:
                st.html(_names(heads, "heads", len(heads)))
            st.image(content, width=width * small, output_format="PNG", alt=alt or "condensed images")
            if feet:
                st.html(_names(feet, "feet"))


def _names(names: Sequence[str], kind: str, heads: int = 0) -> str:
    inside = "".join(f'<span title="{html.escape(name)}">{html.escape(name)}</span>' for name in names)
    return f'<div class="picture-{kind}{" steep" if heads >= STEEP_HEADS else ""}">{inside}</div>'


def _sizes(name: str, width: int, small: int, large: int, height: int, strip: bool) -> str:
    """Where names stand, and how large the picture is in a narrow and in a wide window."""
    free = STRIP if strip else 0
    rules = f"""
.st-key-{name} img {{ border-radius: 0; }}
.st-key-{name} .picture-rows {{ display: grid; grid-auto-rows: 1fr; text-align: right; line-height: 1.05;
  height: calc(var(--scale) * {height - free} * 1px);
  margin-top: calc(var(--scale) * {free} * 1px); --scale: {small}; font-size: 0.95rem; }}
.st-key-{name} .picture-rows.headed {{ margin-top: calc(2.2rem + var(--scale) * {free} * 1px); }}
.st-key-{name} .picture-rows span {{ align-self: center; max-width: 9.5rem; overflow-wrap: anywhere;
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }}
.st-key-{name} .picture-heads, .st-key-{name} .picture-feet {{ display: grid; grid-auto-flow: column;
  grid-auto-columns: 1fr; text-align: center; line-height: 1.1; width: calc(var(--scale) * {width} * 1px);
  max-width: 100%; --scale: {small}; font-size: 0.95rem; min-height: 2.2rem; align-items: center;
  white-space: pre-line; }}
.st-key-{name} span {{ min-width: 0; }}
"""
    rules += _narrow(name, width, small, height, free)
    return rules + (
        f"@media (min-width: {WIDE}px) {{ .st-key-{name} [data-testid='stImage'],"
        f" .st-key-{name} [data-testid='stImageContainer'], .st-key-{name} [data-testid='stFullScreenFrame'],"
        f" .st-key-{name}-picture .stElementContainer:has(img),"
        f" .st-key-{name} img {{ width: {width * large}px !important; max-width: 100% !important; }}"
        f" .st-key-{name} .picture-rows, .st-key-{name} .picture-heads, .st-key-{name} .picture-feet"
        f" {{ --scale: {large}; font-size: 1.1rem; }} }}"
    )


def _narrow(name: str, width: int, small: int, height: int, free: int) -> str:
    """A phone's rules: the largest whole multiple that fits beside the names, or a part of the picture's own size."""
    place = f":has(> .st-key-{name})"
    room = "calc(100cqi - 1px - var(--beside))"
    whole = f"max(round(down, {room}, {width}px), min({room}, {width}px))"
    return f"""
@media (max-width: {NARROW}px) {{
  [data-testid='stLayoutWrapper']{place} {{ container-type: inline-size; width: 100%; }}
  .st-key-{name} {{ --beside: 0px; --shown: min({width * small}px, {whole}); }}
  .st-key-{name}:has(.picture-rows) {{ --beside: calc({NAMES} + 0.5rem); gap: 0.5rem; }}
  .st-key-{name}-rows, [data-testid='stLayoutWrapper']:has(> .st-key-{name}-rows) {{ width: {NAMES}; flex: none; }}
  .st-key-{name}-picture, [data-testid='stLayoutWrapper']:has(> .st-key-{name}-picture) {{
    flex: none; width: var(--shown); max-width: none; min-width: 0; }}
  .st-key-{name} img {{ width: var(--shown) !important; max-width: 100% !important; height: auto !important; }}
  .st-key-{name} .picture-rows {{ height: calc(var(--shown) * {(height - free) / width:.5f}); font-size: 0.85rem;
    margin-top: calc(var(--shown) * {free / width:.5f}); }}
  .st-key-{name} .picture-rows.headed {{ margin-top: calc(2.2rem + var(--shown) * {free / width:.5f}); }}
  .st-key-{name} .picture-rows span {{ max-width: {NAMES}; }}
  .st-key-{name} .picture-heads, .st-key-{name} .picture-feet {{ width: var(--shown); font-size: 0.8rem; }}
  .st-key-{name} .picture-heads span {{ display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
    overflow: hidden; }}
  .st-key-{name} .picture-heads.steep {{ height: 5.4rem; align-items: end; justify-items: center; }}
  .st-key-{name} .picture-heads.steep span {{ display: block; writing-mode: vertical-rl; transform: rotate(180deg);
    max-height: 5.2rem; padding-inline-start: 0.25rem; white-space: nowrap; text-overflow: ellipsis; }}
  .st-key-{name} .picture-rows.steep {{ margin-top: calc(5.4rem + var(--shown) * {free / width:.5f}); }}
}}"""
