"""The index of the design space: the eight choices, the presets A to G and the baselines, and protocols.

Each is data over the settings of `config.py`; the numbers for a data set stand in `tables.py`, and
`configure.py` makes a run's settings of all three. A value "@name" is the table's own of that name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Overrides = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """One of EDC's design choices: what it mends, how it is written, where the paper shows it."""

    title: str
    stages: tuple[str, ...]
    weakness: str
    formula: str  # LaTeX
    off: str
    on: str
    evidence: str  # where in the paper


CHOICES: dict[str, Choice] = {
    "real-initialisation": Choice(
        "real image initialisation",
        ("initialise",),
        "lacking realism",
        r"X^{\mathcal{S}}_0 \subset X^{\mathcal{T}}",
        "Gaussian noise, twice the iterations",
        "real images or RDED mosaics",
        "sec. 3.1, figure 1 (CONFIG B)",
    ),
    "smoothing-schedule": Choice(
        "smoothing LR schedule",
        ("evaluate",),
        "hyperparameters",
        r"\mu(i) = \tfrac12\left(1 + \cos\frac{i\pi}{\zeta N}\right)",
        "cosine, zeta = 1",
        "zeta = 1.5 to 2",
        "sec. 3.2, table 3 (CONFIG C)",
    ),
    "flatness": Choice(
        "flatness regularisation",
        ("synthesise",),
        "over-sharp landscape",
        r"D_{KL}\left(\sigma(z(X)/\tau) \,\|\, \sigma(z(X_{EMA})/\tau)\right)",
        "none",
        "logit form, weight 0.25, beta 0.99, tau 4",
        "sec. 3.2, table 4 (CONFIG D)",
    ),
    "small-batch": Choice(
        "smaller batch size",
        ("views",),
        "hyperparameters",
        r"|B| \ll 1024",
        "1024",
        "100 (ImageNet-1k), 50 (CIFAR-100), 25 (CIFAR-10)",
        "sec. 3.3, figure 1 (CONFIG E)",
    ),
    "backbones": Choice(
        "better backbone choice",
        ("synthesise", "relabel"),
        "hyperparameters",
        r"\mathcal{F}_{synthesis},\ \mathcal{F}_{labels}",
        "the baseline's observers",
        "a set tuned for synthesis and one for labels",
        "sec. 3.3, figure 1 (CONFIG E)",
    ),
    "category-matching": Choice(
        "soft category-aware matching",
        ("synthesise",),
        "coarse-grained matching",
        r"\mathcal{L} = \alpha\,\mathcal{L}_{global} + (1-\alpha)\sum_c p(c)\,\mathcal{L}_c",
        "alpha = 1 (global only)",
        "alpha = 0.5",
        "sec. 3.1, Eq. 5, table 5 (CONFIG F)",
    ),
    "weak-augmentation": Choice(
        "weak augmentation",
        ("synthesise",),
        "hyperparameters",
        r"\text{crop scale} \in (0.5, 1)",
        "crop scale (0.08, 1)",
        "crop scale (0.5, 1)",
        "sec. 3.3, figure 1 (CONFIG G)",
    ),
    "ema-evaluation": Choice(
        "EMA-based evaluation",
        ("score",),
        "over-sharp landscape",
        r"\theta_{EMA} \leftarrow \beta\,\theta_{EMA} + (1-\beta)\,\theta",
        "raw weights",
        "averaged weights, rate 0.99",
        "sec. 3.2, figure 1 (CONFIG G)",
    ),
}
EVALUATION_CHOICES = ("smoothing-schedule", "small-batch", "ema-evaluation")


@dataclass(frozen=True)
class Preset:
    """A named point of the design space: the choices that are on, and what else differs from EDC."""

    summary: str
    choices: tuple[str, ...] = ()
    protocol: str = "edc"
    overrides: Overrides = field(default_factory=dict)


_LADDER = tuple(CHOICES)
_SRE2L: Overrides = {
    "initialise.kind": "noise",
    "synthesise.observers": "@single",
    "synthesise.iterations": "@long",
    "synthesise.lr": 0.25,
    "synthesise.match_convolutions": False,
    "synthesise.momentum": 0.0,
    "synthesise.first_layer_weight": 10.0,
}
_NO_SYNTHESIS: Overrides = {"synthesise.iterations": 0}

PRESETS: dict[str, Preset] = {
    "A": Preset("CONFIG A: every choice off, as in G-VBSM (whose dropped layers and CE weight are the preset G-VBSM)"),
    "B": Preset("A + real image initialisation", _LADDER[:1]),
    "C": Preset("B + smoothing LR schedule (zeta 1.5)", _LADDER[:2], overrides={"evaluate.zeta": 1.5}),
    "D": Preset("C + flatness regularisation", _LADDER[:3], overrides={"evaluate.zeta": 1.5}),
    "E": Preset("D + smaller batch size and better backbone choice (zeta 2)", _LADDER[:5]),
    "F": Preset("E + soft category-aware matching", _LADDER[:6]),
    "G": Preset("F + weak augmentation and EMA-based evaluation: EDC", _LADDER),
    "EDC": Preset("the same as G", _LADDER),
    "SRe2L": Preset("noise, one observer, global BatchNorm matching, KL labels (Yin et al. 2023)", (), "sre2l", _SRE2L),
    "CDA": Preset(
        "SRe2L with crops from easy to hard (Yin & Shen 2023)",
        (),
        "sre2l",
        {**_SRE2L, "synthesise.crop_curriculum": "easy_to_hard"},
    ),
    "G-VBSM": Preset(
        "several observers in turn, BatchNorm and convolution matching, MSE + 0.1 CE (Shao et al. 2024)",
        (),
        "edc",
        {"synthesise.drop_rate": 0.4, "evaluate.ce_weight": 0.1},
    ),
    "RDED": Preset(
        "no optimisation: mosaics of the crops that an observer finds easiest (Sun et al. 2024)",
        (),
        "rded",
        {
            "initialise.kind": "rded",
            "initialise.scorer": "@scorer",
            "initialise.tiles": "@tiles",
            **_NO_SYNTHESIS,
        },
    ),
    "random": Preset(
        "random real images under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "real", **_NO_SYNTHESIS},
    ),
    "herding": Preset(
        "real images whose mean follows the class mean, under EDC's labels and evaluation",
        _LADDER,
        overrides={"initialise.kind": "herding", "initialise.scorer": "@scorer", **_NO_SYNTHESIS},
    ),
}

_HARD: Overrides = {"relabel.labels": "hard", "relabel.observers": (), "evaluate.loss": "ce"}
PROTOCOLS: dict[str, tuple[str, Overrides]] = {
    "edc": ("soft labels of a committee, MSE + CE, AdamW, CutMix", {}),
    "rded": (
        "soft labels of one observer, KL at temperature 20, raw weights",
        {
            "relabel.observers": "@single",
            "evaluate.loss": "kl",
            "views.batch_size": "@rded_batch",
            "views.randaugment": 0,
            "views.crop_min": 0.5,
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
            "views.randaugment": 0,
            "views.crop_min": 0.08,
            "evaluate.schedule": "cosine",
            "evaluate.zeta": 1.0,
            "score.weights": "raw",
        },
    ),
    "hard": ("hard labels, EDC's augmentation and optimiser", _HARD),
    "plain": (
        "hard labels, no augmentation",
        {**_HARD, "views.randaugment": 0, "views.cutmix": 0.0, "views.flip": False, "views.crop_min": 1.0},
    ),
}
