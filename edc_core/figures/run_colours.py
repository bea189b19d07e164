"""Colours of runs: a preset's own where nothing differs from it, else one that follows from what differs.

A run keeps its colour in every chart and list, whatever else is in the store: draws of one thing share it.
"""

import hashlib
from collections.abc import Sequence

from edc_core.design_space.paper_choices import CHOICES
from edc_core.figures.colours import colour_of
from edc_core.runs.run_name import RunName
from edc_core.runs.run_table import name_of
from edc_core.store.run_record import RunRecord

# On a light page and on a dark one; found by a search for colours that three kinds of eyes tell apart, and that stand
# out from EDC's blue, grey and vermillion.
CHANGED_COLOURS = (
    ("#967545", "#CE9E6D"),
    ("#6277F7", "#9170F8"),
    ("#3729AC", "#BD90F6"),
    ("#016982", "#7DDDF5"),
    ("#691E4C", "#F2267F"),
    ("#344217", "#B9EA70"),
    ("#4B7360", "#80F7D9"),
    ("#D0342C", "#FD9D12"),
)
SHADES = (("#000000", 0.4), ("#FFFFFF", 0.4), ("#000000", 0.65))  # of a colour that a chart has already


def run_colour(run: RunRecord, dark: bool = False) -> str:
    """The colour of a run on a light page or a dark one."""
    name = name_of(run)
    if name.preset or not name.values:
        return colour_of(name.preset or run.preset)
    return CHANGED_COLOURS[_place(name) % len(CHANGED_COLOURS)][dark]


def _place(name: RunName) -> int:
    """A number that follows from what differs; of EDC without one choice, that choice's, so that no two are alike."""
    first, value = name.values[0]
    if len(name.values) == 1 and first in CHOICES and value == "false":
        return list(CHOICES).index(first)
    return hashlib.sha256(repr((name.base, sorted(name.values))).encode()).digest()[0]


def shaded(colours: Sequence[str]) -> list[str]:
    """These colours, each repetition in a shade of its own, for charts that tell lines apart by colour alone."""
    found: list[str] = []
    for number, colour in enumerate(colours):
        repeated = list(colours[:number]).count(colour)
        found.append(_mixed(colour, *SHADES[(repeated - 1) % len(SHADES)]) if repeated else colour)
    return found


def _mixed(colour: str, other: str, share: float) -> str:
    parts = [(int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(own * (1 - share) + more * share):02X}" for own, more in parts)


def swatch(colour: str) -> str:
    """A dot of a colour as an image's address, for a table's column."""
    return (
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'>"
        f"<circle cx='10' cy='10' r='8' fill='%23{colour[1:]}'/></svg>"
    )
