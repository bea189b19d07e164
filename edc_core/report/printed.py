"""What the paper prints about single choices: a table of its own, never among our figures."""

from edc_core.ablation.design import WITH_CHOICES, Design
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.paper_tables import PROTOCOL, SOURCE
from edc_core.report.markup import element, table


def printed(design: Design) -> str:
    """The paper's evidence for a design's choices; empty for a design without choices."""
    if design.kind not in WITH_CHOICES:
        return ""
    rows = [
        [
            CHOICES[name].title,
            f"{one.source}: {one.setting}",
            "; ".join(f"{setting} {top1:.1f}" for setting, top1 in one.rows),
            one.note,
        ]
        for name in CHOICES
        if name in design.choices
        for one in CHOICES[name].evidence
    ]
    if not rows:
        return ""
    said = (
        f"Printed figures of {SOURCE}, top-1 in percent under {PROTOCOL}: other data and other networks, no intervals."
        " Nothing of it was measured here."
    )
    heading = element("h2", "What the paper prints about these choices") + element("p", said)
    return f"<section>{heading}{table(['choice', 'where', 'top-1 (%)', 'note'], rows)}</section>"
