"""Settings of every stage, in the paper's words, and of a whole run.

A stage's settings hold only what that stage reads; a field marked `active_when(...)` is read, and keyed,
only where its condition holds. Section numbers refer to arXiv 2404.13733.
"""

from edc_core.config.condense import DataConfig, InitialiseConfig, SqueezeConfig, StatisticsConfig, SynthesiseConfig
from edc_core.config.evaluate import EvaluateConfig, RelabelConfig, ScoreConfig, ViewsConfig
from edc_core.config.field_types import (
    Count,
    CountFromZero,
    Decay,
    Fraction,
    Names,
    NonNegative,
    Positive,
    Precision,
    Scale,
    Seed,
)
from edc_core.config.run import RunConfig, validate_config

__all__ = [
    "Count",
    "CountFromZero",
    "DataConfig",
    "Decay",
    "EvaluateConfig",
    "Fraction",
    "InitialiseConfig",
    "Names",
    "NonNegative",
    "Positive",
    "Precision",
    "RelabelConfig",
    "RunConfig",
    "Scale",
    "ScoreConfig",
    "Seed",
    "SqueezeConfig",
    "StatisticsConfig",
    "SynthesiseConfig",
    "ViewsConfig",
    "validate_config",
]
