"""Stage contexts for tests: one stage of a run, started by itself."""

from pathlib import Path

from edc_core.data import open_dataset
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.prepare import prepare
from edc_core.store import StageResults
from edc_core.store.stage_results import Work


def context_of(config, home: Path, stage: str, work: Path, watch=lambda event: None, name: str = "") -> StageContext:
    """A stage of a run as the pipeline would start it, in a folder of the test's own."""
    prepared = prepare(config)
    node = next(node for node in prepared.nodes if node.stage == stage and name in ("", node.name))
    dataset = open_dataset(config.dataset, config.data, home, prepared.description)
    work.mkdir(exist_ok=True, parents=True)
    return StageContext(node, prepared.nodes, config, dataset, StageResults(home), Work(node.key, work), watch)
