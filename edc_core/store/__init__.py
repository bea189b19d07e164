"""Runs, curves and artefacts on disk: SQLite for what changes, folders for what is finished."""

from edc_core.store.artefacts import Artefacts, Work
from edc_core.store.recorder import Recorder
from edc_core.store.runs import SURVEY
from edc_core.store.store import BUNDLED, Store, default_home

__all__ = ["BUNDLED", "SURVEY", "Artefacts", "Recorder", "Store", "Work", "default_home"]
