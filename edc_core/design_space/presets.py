"""The index of the design space: the paper's choices (`paper_choices.py`) and those beyond it
(`extension_choices.py`), presets A to G, baselines and protocols.

Each is data over the settings of `config/`; the numbers for a data set stand in `profiles/`, and
`compose.py` makes a run's settings of all three. A value "@name" is the table's own of that name.
"""

from dataclasses import dataclass, field
from typing import Literal

from edc_core.design_space.choice import Choice, Control, Evidence, Overrides
from edc_core.design_space.extension_choices import EXTENSIONS, SWITCHES
from edc_core.design_space.paper_choices import CHOICES

__all__ = [
    "EXTENSIONS",
    "CHOICES",
    "EVALUATION_CHOICES",
    "GIVEN",
    "PRESETS",
    "PROTOCOLS",
    "SWITCHES",
    "Choice",
    "Control",
    "Evidence",
    "Overrides",
    "Preset",
]

EVALUATION_CHOICES = ("smoothing-schedule", "small-batch", "ema-evaluation")


@dataclass(frozen=True)
class Preset:
    """A named point of the design space: the choices that are on, and what else differs from EDC."""

    summary: str
    choices: tuple[str, ...] = ()
    protocol: str = "edc"
    overrides: Overrides = field(default_factory=dict)
    kind: Literal["ladder", "extension", "baseline", "control", "negative-control", "given"] = "ladder"


_LADDER = tuple(name for name, choice in CHOICES.items() if choice.rung)
_SRE2L: Overrides = {
    "initialise.kind": "noise",
    "synthesise.observers": "@single",
    "synthesise.iterations": "@long",
    "synthesise.lr": 0.25,
    "synthesise.matching_weight": 0.01,  # SRe2L's and CDA's on ImageNet-1k too, where EDC's is 0.1
    "synthesise.match_convolutions": False,
    "synthesise.momentum": 0.0,
    "synthesise.first_layer_weight": 10.0,
}
_NO_SYNTHESIS: Overrides = {"synthesise.iterations": 0}

PRESETS: dict[str, Preset] = {
    "A": Preset("CONFIG A: every choice off, much as in G-VBSM (see the preset of that name for the rest of it)"),
    "B": Preset("A + real image initialisation", _LADDER[:1]),
    "C": Preset("B + smoothing LR schedule (cosine: zeta 1.5)", _LADDER[:2], overrides={"evaluate.zeta": 1.5}),
    "D": Preset("C + flatness regularisation", _LADDER[:3], overrides={"evaluate.zeta": 1.5}),
    "E": Preset("D + smaller batch size and better backbone choice (cosine: zeta 2)", _LADDER[:5]),
    "F": Preset("E + soft category-aware matching", _LADDER[:6]),
    "G": Preset("F + weak augmentation and EMA-based evaluation: EDC", _LADDER),
    "EDC": Preset("the same as G", _LADDER),
    "EDC+": Preset(
        "EDC + data residual and difficulty-grouped statistics, which led when later choices were first compared here",
        (*_LADDER, "data-residual", "difficulty-groups"),
        kind="extension",
    ),
    "SRe2L": Preset(
        "noise, one observer, global BatchNorm matching, KL labels (Yin et al. 2023)", (), "sre2l", _SRE2L, "baseline"
    ),
    "CDA": Preset(
        "SRe2L with crops from easy to hard (Yin & Shen 2023)",
        (),
        "sre2l",
        {**_SRE2L, "synthesise.crop_curriculum": "easy_to_hard"},
        "baseline",
    ),
    "G-VBSM": Preset(
        "several observers in turn, BatchNorm and convolution matching, MSE + 0.1 CE (Shao et al. 2024)",
        (),
        "edc",
        {
            "synthesise.observers": "@gvbsm",
            "relabel.observers": "@gvbsm",
            "synthesise.layer_drop_prob": 0.4,
            "evaluate.ce_weight": 0.1,
        },
        "baseline",
    ),
    "RDED": Preset(
        "no optimisation: mosaics of the crops that an observer finds easiest (Sun et al. 2024)",
        ("real-initialisation",),
        "rded",
        {
            "initialise.kind": "rded",
            "initialise.scorer": "@scorer",
            "initialise.tiles": "@tiles",
            **_NO_SYNTHESIS,
        },
        "baseline",
    ),
    "random": Preset(
        "random real images under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "real", **_NO_SYNTHESIS},
        kind="control",
    ),
    "herding": Preset(
        "real images whose mean follows the class mean, under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "herding", "initialise.scorer": "@scorer", **_NO_SYNTHESIS},
        kind="control",
    ),
    "single-class": Preset(
        "real images of one class only (handbags where there are any), under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "single-class", **_NO_SYNTHESIS},
        kind="negative-control",
    ),
    "glyphs": Preset(
        "letters and digits, which are of no class, under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "glyphs", **_NO_SYNTHESIS},
        kind="negative-control",
    ),
    "noise": Preset(
        "Gaussian noise, under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "noise", **_NO_SYNTHESIS},
        kind="negative-control",
    ),
}
# Somebody else's condensed set: no point of the design space, and no run without its images.
GIVEN = Preset(
    "an imported set, under EDC's labels and evaluation",
    _LADDER,
    overrides={"initialise.kind": "imported", **_NO_SYNTHESIS},
    kind="given",
)

_HARD: Overrides = {"relabel.labels": "hard", "relabel.observers": (), "evaluate.loss": "ce"}
PROTOCOLS: dict[str, tuple[str, Overrides]] = {
    "edc": ("soft labels of a committee, MSE + CE, AdamW, CutMix", {}),
    "rded": (
        "soft labels of one observer, KL at temperature 20, raw weights",
        {
            "relabel.observers": "@single",
            "evaluate.loss": "kl",
            "views.batch_size": "@rded_batch",
            "views.randaugment_ops": 0,
            "views.shuffle_tiles": "@tiles",
            "views.crop_area_min": 0.5,
            "evaluate.schedule": "cosine",
            "evaluate.zeta": 2.0,  # RDED's own schedule is the cosine over twice the epochs
            "score.weights": "raw",
        },
    ),
    "sre2l": (
        "soft labels of one observer, KL at temperature 20, batch 1024, cosine, raw weights",
        {
            "relabel.observers": "@single",
            "evaluate.loss": "kl",
            "views.batch_size": 1024,
            "views.randaugment_ops": 0,
            "views.crop_area_min": 0.08,
            "evaluate.schedule": "cosine",
            "evaluate.zeta": 1.0,
            "score.weights": "raw",
        },
    ),
    "hard": ("hard labels, EDC's augmentation and optimiser", _HARD),
    "plain": (
        "hard labels, no augmentation",
        {
            **_HARD,
            "views.randaugment_ops": 0,
            "views.cutmix_alpha": 0.0,
            "views.flip": False,
            "views.crop_area_min": 1.0,
        },
    ),
}
