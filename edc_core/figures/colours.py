"""Preset colours, the same in every chart: Okabe-Ito, safe for colour-blind readers.

The ladder's middle rungs share a hue with what they are nearest to and differ by line style.
"""

OKABE_ITO = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
    "grey": "#8A8F98",  # in place of black, which a dark page swallows
    "ochre": "#B89B00",  # in place of yellow, which a light page swallows
}
PRESET_COLOURS = {
    "A": OKABE_ITO["orange"],
    "B": OKABE_ITO["sky"],
    "C": OKABE_ITO["sky"],
    "D": OKABE_ITO["sky"],
    "E": OKABE_ITO["sky"],
    "F": OKABE_ITO["sky"],
    "G": OKABE_ITO["blue"],
    "EDC": OKABE_ITO["blue"],
    "EDC+": OKABE_ITO["blue"],
    "SRe2L": OKABE_ITO["purple"],
    "CDA": OKABE_ITO["purple"],
    "G-VBSM": OKABE_ITO["orange"],
    "RDED": OKABE_ITO["vermillion"],
    "random": OKABE_ITO["grey"],
    "herding": OKABE_ITO["green"],
}
PRESET_DASHES = {
    "C": "dot",
    "D": "dash",
    "E": "longdash",
    "F": "dashdot",
    "CDA": "dash",
    "G-VBSM": "dash",
    "EDC+": "dot",
}


def colour_of(preset: str) -> str:
    """A preset's colour; ochre for one that has none of its own (negative controls, imported sets)."""
    return PRESET_COLOURS.get(preset, OKABE_ITO["ochre"])


# One colour a curve, everywhere.
CURVE_COLOURS = {
    "raw": OKABE_ITO["blue"],
    "ema": OKABE_ITO["vermillion"],
    "total": "#7F7F7F",
    "cross_entropy": OKABE_ITO["orange"],
    "matching": OKABE_ITO["green"],
    "flatness": OKABE_ITO["purple"],
    "train": OKABE_ITO["sky"],
}
