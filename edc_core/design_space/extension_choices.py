"""Extensions: choices from the later literature: off in every preset but `EDC+`, no factor of the paper's ablations.

Like the paper's eight (`paper_choices.py`), each is data: one more entry here is one more on the page.
"""

from collections import ChainMap
from collections.abc import Mapping

from edc_core.design_space.choice import Choice, Control
from edc_core.design_space.paper_choices import CHOICES, LABEL_LOSSES

DATA_RESIDUAL = Choice(
    "data residual",
    ("synthesise",),
    "vanishing information",
    r"x \leftarrow (1 - \rho)\,x + \rho\,x_{real}",
    "none",
    "half of a real image after each of three blocks of four",
    "extension: FADRM, arXiv 2506.24125",
    "Step by step, synthesis wears away what was real in an image. A residual connection brings it back: between"
    " blocks, a share of a real image of its class is mixed in again.",
    None,
    (
        Control("synthesise.residual", "ρ", "Share of the real image; 0 mixes none in", 0, 0.9, 0.05),
        Control("synthesise.residual_blocks", "Blocks", "Equal parts of the synthesis; its end mixes none in", 2, 12),
        Control(
            "synthesise.residual_patch",
            "The real image",
            "The image's own start (as published; where that is no real one, drawn), or drawn again for each block",
            words={"start": "its own start", "drawn": "drawn from its class"},
        ),
    ),
    ("synthesise.residual",),
    "residual",
    off_values={"synthesise.residual": 0.0},
    on_values={"synthesise.residual": 0.5},
)

DIFFICULTY_GROUPS = Choice(
    "difficulty-grouped statistics",
    ("synthesise",),
    "images all of one kind",
    r"s_i = \frac1L \sum_l \frac{\|\mu_i - \mu_c\| + b\,\|\log(\sigma_i^2 / \sigma_c^2)\|}{\sqrt{K_l}}",
    "every image is matched with its class",
    "image g is matched with group g of its class (a real start is drawn from that group too)",
    "extension: PSM",
    "Matched with the same averages, a class's images grow alike. Here the class is split by difficulty, into as"
    " many groups as it has condensed images, and each image stands for a group of its own.",
    None,
    (
        Control(
            "synthesise.grouping",
            "An image stands for",
            "Its whole class, or a group of it: the first image for the easiest, the last for the hardest",
            words={"none": "its class", "difficulty": "a group by difficulty"},
        ),
        Control("synthesise.grouping_variance_weight", "b", "Weight of the variances in the difficulty", 0, 5, 0.1),
    ),
    ("synthesise.grouping",),
    "groups",
    off_values={"synthesise.grouping": "none"},
    on_values={"synthesise.grouping": "difficulty"},
)

VOTING = Choice(
    "committee voting",
    ("relabel",),
    "labels by the worst observer",
    r"t = \sum_m \frac{a_m}{\sum_j a_j}\,z_m",
    "every observer's logits count the same",
    "weighted by held-out accuracy",
    "extension: CV-DD (Dataset Distillation via Committee Voting)",
    "A mean counts an observer that is often wrong as much as one that is seldom wrong. Here each one's logits"
    " count by its own accuracy on held-out training images.",
    None,
    (
        Control(
            "relabel.voting",
            "Votes",
            "How much each observer's logits count in a soft label",
            words={"equal": "equal", "accuracy": "by accuracy"},
        ),
    ),
    ("relabel.voting",),
    "votes",
    off_values={"relabel.voting": "equal"},
    on_values={"relabel.voting": "accuracy"},
)

COSINE_LABELS = Choice(
    "cosine label loss",
    ("evaluate",),
    "labels as exact values",
    r"1 - \cos\left(z,\ \tfrac{t}{\|t\|} + \gamma \tfrac{s}{\|s\|}\right)",
    "MSE + CE",
    "cosine with the committee's logits and a tenth of the smoothed class",
    "extension: GIFT, arXiv 2405.14736",
    "MSE asks a student for the committee's exact numbers. The cosine asks only for their direction, with a little of"
    " the class itself added where the committee is unsure.",
    None,
    (
        Control(
            "evaluate.loss",
            "Label loss",
            "How the student follows its labels",
            words=LABEL_LOSSES,
        ),
        Control(
            "evaluate.hard_label_weight", "γ", "Weight of the smoothed class beside the committee's logits", 0, 1, 0.05
        ),
        Control("evaluate.smoothing", "Smoothing", "Share of the class that is spread over all classes", 0, 1, 0.05),
    ),
    ("evaluate.loss",),
    "direction",
    off_values={"evaluate.loss": "mse_gt"},
    on_values={"evaluate.loss": "cosine"},
    exact_match=True,
)

EXTENSIONS: dict[str, Choice] = {
    "data-residual": DATA_RESIDUAL,
    "difficulty-groups": DIFFICULTY_GROUPS,
    "committee-voting": VOTING,
    "cosine-labels": COSINE_LABELS,
}
# All there is to switch, the paper's choices first; a live view of both groups.
SWITCHES: Mapping[str, Choice] = ChainMap(EXTENSIONS, CHOICES)
