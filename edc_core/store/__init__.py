"""Runs, curves and stage results on disk: SQLite for what changes, folders for what is finished."""

from edc_core.store.recorder import Recorder
from edc_core.store.run_record import CHECK, SQUEEZE, SURVEY, TASKS
from edc_core.store.stage_results import StageResults, Work
from edc_core.store.store import BUNDLED, Store, default_home

__all__ = [
    "BUNDLED",
    "CHECK",
    "SQUEEZE",
    "SURVEY",
    "TASKS",
    "StageResults",
    "Recorder",
    "Store",
    "Work",
    "default_home",
]
