"""The Python API: what `import edc_core as edc` offers; documented in docs/api.md. No torch until a stage computes."""

from edc_core.api.compute import ablate, condense, evaluate
from edc_core.api.run import Run
from edc_core.api.stored import list_runs, load
from edc_core.errors import EDCError

__all__ = ["EDCError", "Run", "ablate", "condense", "evaluate", "list_runs", "load"]
