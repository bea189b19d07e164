"""EDC Lab's engine: dataset condensation after "Elucidating the Design Space of Dataset Condensation".

`import edc_core as edc` gives `condense`, `evaluate`, `ablate`, `list_runs` and `load`; see docs/api.md. They are
loaded when they are first used: importing the package costs nothing, and loads no torch.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edc_core.api import EDCError, ablate, condense, evaluate, list_runs, load

__version__ = "0.1.0"
__all__ = ["EDCError", "ablate", "condense", "evaluate", "list_runs", "load"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'", name=name, obj=sys.modules[__name__])
    from edc_core import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
