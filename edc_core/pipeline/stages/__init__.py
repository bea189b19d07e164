"""The stages, one file each: a function of a context that leaves its result in the context's folder."""

from collections.abc import Callable

from edc_core.pipeline.context import StageContext
from edc_core.pipeline.stages.difficulty import difficulty
from edc_core.pipeline.stages.evaluate import evaluate
from edc_core.pipeline.stages.initialise import initialise
from edc_core.pipeline.stages.neighbours import neighbours
from edc_core.pipeline.stages.relabel import relabel
from edc_core.pipeline.stages.score import score
from edc_core.pipeline.stages.squeeze import squeeze
from edc_core.pipeline.stages.statistics import statistics
from edc_core.pipeline.stages.synthesise import synthesise


def _landscape(context: StageContext) -> None:
    """Its libraries take seconds to load, and few ask for it."""
    from edc_core.pipeline.stages.landscape import landscape

    landscape(context)


STAGES: dict[str, Callable[[StageContext], None]] = {
    "squeeze": squeeze,
    "statistics": statistics,
    "difficulty": difficulty,
    "initialise": initialise,
    "synthesise": synthesise,
    "relabel": relabel,
    "evaluate": evaluate,
    "score": score,
    "neighbours": neighbours,
    "landscape": _landscape,
}
