"""How fast this machine condenses: a short real run, timed by its own events, beside what the processor allows."""

from edc_core.bench.report import Report, Timed
from edc_core.bench.run import bench

__all__ = ["Report", "Timed", "bench"]
