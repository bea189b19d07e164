"""Condensed images of one seed, a strip a cell, embedded in the page."""

from collections.abc import Sequence

from edc_core.ablation.matrix import Job, Matrix
from edc_core.judging.results import condensed_images
from edc_core.report.markup import data_address, element, text
from edc_core.runs.image_grids import by_class, png, sheet
from edc_core.store import StageResults

MAX_STRIPS, MAX_CLASSES = 16, 20
SCALE = 2  # each pixel that many times as large
ENDS = ("all off", "all on")


def strips(matrix: Matrix, stage_results: StageResults) -> str:
    """The first image of each class in every cell of the first seed whose images are there; empty without any."""
    parts, shown = [], set()
    for job in _chosen(matrix):
        key = next(node.key for node in job.prepared.nodes if node.stage == "synthesise")
        found = (
            None if key in shown or len(parts) >= MAX_STRIPS else condensed_images(job.prepared.nodes, stage_results)
        )
        if found is None:
            continue
        shown.add(key)
        cells, _, _ = by_class(*found, 1)
        image_png = png(sheet(cells[:MAX_CLASSES].swapaxes(0, 1)), SCALE)
        name = f"{job.cell.name}, IPC {job.ipc}"
        parts.append(
            f'<figure class="strip">{element("figcaption", name)}<img alt="{text(name)}: an image of each class"'
            f' src="{data_address(image_png, "image/png")}"></figure>'
        )
    return "\n".join(parts)


def _chosen(matrix: Matrix) -> Sequence[Job]:
    """Jobs of the first seed; of many cells only both ends."""
    first = [job for job in matrix.jobs if job.seed == matrix.design.first_seed]
    ends = [job for job in first if job.cell.name in ENDS]
    order = {name: place for place, name in enumerate(matrix.design.presets)}
    first.sort(key=lambda job: (job.dataset, job.ipc, order.get(job.cell.name, 0)))
    return ends if ends and len(first) > MAX_STRIPS else first
