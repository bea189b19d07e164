"""How fast this machine condenses: a short real run, timed by its own events, beside what the processor allows."""

from edc_core.performance.bench.report import Report, Timed
from edc_core.performance.bench.run import IPC, bench

__all__ = ["IPC", "Report", "Timed", "bench"]
