"""What the images at the end of a synthesis are made of, by the blocks that made it."""

from edc_core.config import RunConfig
from edc_core.figures.miniatures.miniature import OTHER, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go


def mixed(share: float, blocks: int) -> list[float]:
    """The real images' part in an image as each block begins, were a block to change nothing itself."""
    return [1 - (1 - share) ** block for block in range(blocks)]


def residual(config: RunConfig, look: Look) -> Miniature:
    """The real images' part as each block begins, by share and number of blocks.

    The arithmetic of mixing alone: what a block's optimisation then does to the image is left out.
    """
    wanted = config.synthesise
    blocks = wanted.residual_blocks if wanted.residual else 1
    parts = mixed(wanted.residual, blocks)
    names = [f"block {number + 1}" for number in range(blocks)]
    figure = go.Figure()
    figure.add_bar(x=names, y=[100 * part for part in parts], name="real images, mixed in", marker={"color": OTHER})
    figure.add_bar(x=names, y=[100 * (1 - part) for part in parts], name="what it came with", marker={"color": STRONG})
    figure.update_layout(barmode="stack", bargap=0.25)
    framed(figure, "as each block begins", "part of the image (%)")
    figure.update_yaxes(range=[0, 100])
    steps = wanted.iterations / blocks
    return Miniature(
        "Look at the second block: whatever the first one has made of an image, so much of it is real again.",
        figure,
        readings=(
            Reading("mixed in", f"{blocks - 1} times" if blocks > 1 else "never", "At each block's end but the last"),
            Reading("a block", f"{steps:.0f} steps", "Of the synthesis"),
        ),
    )
