"""Settings of the stages that teach and judge students: views, relabel, evaluate, score."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edc_core.config.base import Settings, active_when, unkeyed_at
from edc_core.config.field_types import (
    Count,
    CountFromZero,
    Decay,
    Fraction,
    Networks,
    NonNegative,
    Observers,
    Positive,
    Precision,
    Scale,
    Seed,
    checked_crop,
)


class ViewsConfig(Settings):
    """The student's views: what is shown in which order, and how it is augmented.

    A view is a function of (seed, epoch, batch) alone; relabel and evaluate read the same plan.
    """

    epochs: Count | None = 300
    steps: Count | None = None  # optimiser steps; set one of the two budgets
    batch_size: Count = 25
    crop_area_min: Scale = Field(0.5, alias="crop_min")
    crop_area_max: Scale = Field(1.0, alias="crop_max")
    flip: bool = True
    randaugment_ops: CountFromZero = Field(2, alias="randaugment")  # operations per image; 0 turns it off
    randaugment_magnitude: Annotated[int, Field(ge=0, le=30)] = Field(
        9, alias="magnitude", json_schema_extra=active_when(randaugments=(True,))
    )
    cutmix_alpha: NonNegative = Field(1.0, alias="cutmix")  # alpha of the Beta distribution; 0 turns it off
    # Tiles a side that change places in each view, as a mosaic's (ShufflePatches, RDED); 1 leaves images whole.
    shuffle_tiles: Count = Field(1, json_schema_extra=unkeyed_at(1))
    seed: Seed = 0

    @property
    def randaugments(self) -> bool:
        return self.randaugment_ops > 0

    @model_validator(mode="after")
    def _one_budget(self) -> "ViewsConfig":
        if (self.epochs is None) == (self.steps is None):
            raise ValueError(
                f"epochs is {self.epochs} and steps is {self.steps}: set one of the two budgets and the other to null."
            )
        return checked_crop(self)


class RelabelConfig(Settings):
    """Labels of the views: a committee's mean logits, or the class itself."""

    labels: Literal["soft", "hard"] = "soft"
    observers: Observers = Field((), json_schema_extra=active_when(labels=("soft",)))
    voting: Literal["equal", "accuracy"] = Field("equal", json_schema_extra=unkeyed_at("equal", labels=("soft",)))
    precision: Precision = Field("auto", json_schema_extra=active_when(labels=("soft",)))
    # Label every view ahead and keep it (FKD), in half precision; off, they are labelled while a student learns.
    stored: bool = Field(False, json_schema_extra=active_when(stores=(True,)))
    # Logits kept of a view; null: all.
    logits_top_k: Count | None = Field(None, alias="top_k", json_schema_extra=active_when(stores=(True,)))

    @property
    def stores(self) -> bool:
        """Whether labels lie in the store; where not, `stored` and `logits_top_k` enter no key."""
        return self.stored and self.labels == "soft"

    @model_validator(mode="after")
    def _has_committee(self) -> "RelabelConfig":
        if self.labels == "soft" and not self.observers:
            raise ValueError("observers is empty, but soft labels are a committee's: name at least one observer.")
        return self


class EvaluateConfig(Settings):
    """Training students on the condensed set."""

    students: Networks = ("convnet-d3-w32",)
    seeds: Annotated[int, Field(ge=1, le=1000)] = 1  # students of each architecture, with consecutive seeds
    seed: Seed = 0
    loss: Literal["mse_gt", "kl", "ce", "cosine"] = "mse_gt"
    ce_weight: NonNegative = Field(0.025, json_schema_extra=active_when(loss=("mse_gt",)))
    temperature: Positive = Field(20.0, json_schema_extra=active_when(loss=("kl",)))
    # Of the class in the target.
    hard_label_weight: NonNegative = Field(0.1, alias="class_weight", json_schema_extra=active_when(loss=("cosine",)))
    smoothing: Fraction = Field(0.1, json_schema_extra=active_when(loss=("cosine",)))  # of the class, over all classes
    optimiser: Literal["adamw", "sgd"] = "adamw"
    lr: Positive = 1e-3
    momentum: Decay = Field(0.9, json_schema_extra=active_when(optimiser=("sgd",)))
    weight_decay: NonNegative = 0.01
    schedule: Literal["cosine", "ssrs", "multistep", "alrs", "constant"] = "cosine"
    zeta: Positive = Field(2.0, json_schema_extra=active_when(schedule=("cosine", "ssrs")))
    gamma: Scale = Field(0.5, json_schema_extra=active_when(schedule=("multistep", "alrs")))
    ema_decay: Decay = 0.99
    precision: Precision = "auto"


class ScoreConfig(Settings):
    """Scoring of a student: on which images, and with which of its weights as the headline.

    Raw and averaged weights are both scored always, so `weights` costs nothing and enters no key.
    """

    split: Literal["val", "test"] = "test"
    weights: Literal["raw", "ema"] = "ema"
