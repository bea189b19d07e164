"""A key of a stage result and a run that was begun."""

from edc_core.store import Store

KEY = "0123456789abcdef01234567"


def begin(store: Store, run: str = "a-run", config: dict | None = None, dataset: dict | None = None) -> None:
    """A run of one stage, registered as this process's."""
    config = {"preset": "G", "dataset": "x", "ipc": 1, "evaluate": {"seed": 0}} | (config or {})
    plan = [{"stage": stage, "name": "", "key": KEY} for stage in ("synthesise", "evaluate")]
    store.claim_or_resume(run, config, plan, {"dataset": dataset or {"digest": "d"}})
