"""Settings of every stage, in the paper's words, and of a whole run.

A stage's settings hold only what that stage reads; a field marked `when(...)` is read, and keyed,
only where its condition holds. Section numbers refer to arXiv 2404.13733.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from edc_core.catalogue import family_of
from edc_core.errors import SettingsError
from edc_core.settings import Settings, explain, later, when

Fraction = Annotated[float, Field(ge=0, le=1)]
Decay = Annotated[float, Field(ge=0, lt=1)]
Scale = Annotated[float, Field(gt=0, le=1)]
Precision = Literal["auto", "bfloat16", "float32"]
# Bounds that no experiment reaches, so that what passes here also fits where it goes.
Count = Annotated[int, Field(ge=1, le=10**7)]
CountFromZero = Annotated[int, Field(ge=0, le=10**7)]
Positive = Annotated[float, Field(ge=1e-6, le=1e6)]
NonNegative = Annotated[float, Field(ge=0, le=1e6)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Names = tuple[str, ...]


class DataConfig(Settings):
    """Which part of the training set is condensed, and which is held out for choices and live curves."""

    holdout: Count = 1000  # images, spread evenly over the classes; at most a tenth of the smallest
    train_per_class: Count | None = None  # None: all of them


TRAINED_HERE = when(ready_made=(False,))


class SqueezeConfig(Settings):
    """Training one observer from scratch on the real training set."""

    # "imagenet-1k": not trained here at all; torchvision's weights, from its cache or by download
    pretrained: Literal["none", "imagenet-1k"] = Field("none", json_schema_extra=when(ready_made=(True,)))
    epochs: Count = Field(10, json_schema_extra=TRAINED_HERE)
    batch_size: Count = Field(64, json_schema_extra=TRAINED_HERE)
    lr: Positive = Field(0.05, json_schema_extra=TRAINED_HERE)
    momentum: Decay = Field(0.9, json_schema_extra=TRAINED_HERE)
    weight_decay: NonNegative = Field(0.0, json_schema_extra=TRAINED_HERE)
    schedule: Literal["constant", "cosine"] = Field("constant", json_schema_extra=TRAINED_HERE)
    crop_padding: Annotated[int, Field(ge=0, le=256)] = Field(4, json_schema_extra=TRAINED_HERE)
    flip: bool = Field(True, json_schema_extra=TRAINED_HERE)
    seed: Seed = Field(0, json_schema_extra=TRAINED_HERE)
    precision: Precision = "auto"

    @property
    def ready_made(self) -> bool:
        return self.pretrained != "none"


class StatisticsConfig(Settings):
    """Moments of every BatchNorm2d and Conv2d input over the real training set."""

    patch: Count = 4  # side of a patch in pixels of the layer's input
    precision: Precision = "auto"


class InitialiseConfig(Settings):
    """The images that synthesis starts from."""

    kind: Literal["noise", "real", "rded", "herding", "single-class", "glyphs", "given"] = "real"
    scorer: str | None = Field(None, json_schema_extra=when(kind=("rded", "herding")))
    tiles: Count = Field(2, json_schema_extra=when(kind=("rded",)))  # a mosaic has tiles x tiles crops
    candidates: Count = Field(300, json_schema_extra=when(kind=("rded",)))  # images per class
    crops: Count = Field(5, json_schema_extra=when(kind=("rded",)))  # scored crops per image
    crop_min: Scale = Field(0.5, json_schema_extra=when(kind=("rded",)))
    only: str | None = Field(None, json_schema_extra=when(kind=("single-class",)))  # None: see draws.only_class
    images: str | None = Field(None, json_schema_extra=when(kind=("given",)))  # the digest of an imported set
    seed: Seed = Field(0, json_schema_extra=when(kind=("noise", "real", "rded", "herding", "single-class", "glyphs")))

    @model_validator(mode="after")
    def _has_digest(self) -> "InitialiseConfig":
        if self.images is not None and not re.fullmatch("[0-9a-f]{24}", self.images):
            raise ValueError(
                f"images is '{self.images[:100]}', but an imported set's digest has 24 hexadecimal digits."
            )
        return self

    @model_validator(mode="after")
    def _needs_scorer(self) -> "InitialiseConfig":
        if self.kind in ("rded", "herding") and self.scorer is None:
            raise ValueError(f"kind '{self.kind}' ranks images by an observer: set initialise.scorer to one.")
        if self.scorer is not None:
            family_of(self.scorer)
        return self


OPTIMISED = when(optimised=(True,))
BY_CLASS = when(by_class=(True,))


class SynthesiseConfig(Settings):
    """Optimising the images (paper, sec. 3.1 to 3.3)."""

    iterations: CountFromZero = 150  # 0: the initial images are the condensed ones
    observers: Names = Field((), json_schema_extra=OPTIMISED)
    batch_size: Count | None = Field(None, json_schema_extra=OPTIMISED)  # None: all images at once
    lr: Positive = Field(0.05, json_schema_extra=OPTIMISED)
    beta1: Decay = Field(0.5, json_schema_extra=OPTIMISED)
    beta2: Decay = Field(0.9, json_schema_extra=OPTIMISED)
    cross_entropy_weight: NonNegative = Field(1.0, json_schema_extra=OPTIMISED)
    matching_weight: NonNegative = Field(0.01, json_schema_extra=OPTIMISED)  # the paper's r
    alpha: Fraction = Field(0.5, json_schema_extra=OPTIMISED)  # weight of Form (1); 1 - alpha of Form (2)
    category_form: Literal["per_class", "batch_mixture"] = Field("per_class", json_schema_extra=BY_CLASS)
    category_variance: Literal["class", "within_image"] = Field("class", json_schema_extra=BY_CLASS)
    first_layer_weight: NonNegative = Field(10.0, json_schema_extra=OPTIMISED)
    match_convolutions: bool = Field(True, json_schema_extra=OPTIMISED)
    match_patches: bool = Field(True, json_schema_extra=when(match_convolutions=(True,)))
    momentum: Decay = Field(0.8, json_schema_extra=OPTIMISED)  # of the running synthetic moments
    running_start: Literal["first_batch", "zero"] = Field("first_batch", json_schema_extra=when(remembers=(True,)))
    drop_rate: Decay = Field(0.0, json_schema_extra=OPTIMISED)  # a layer is left out of an iteration
    crop_min: Scale = Field(0.5, json_schema_extra=OPTIMISED)
    crop_max: Scale = Field(1.0, json_schema_extra=OPTIMISED)
    crop_curriculum: Literal["none", "easy_to_hard"] = Field("none", json_schema_extra=OPTIMISED)
    flip: bool = Field(True, json_schema_extra=OPTIMISED)
    grouping: Literal["none", "difficulty"] = Field("none", json_schema_extra=later("none", by_class=(True,)))
    grouping_spread: NonNegative = Field(1.0, json_schema_extra=when(grouped=(True,)))  # variances' weight in the score
    flatness: Literal["none", "logit", "reference", "statistics", "sam"] = Field("logit", json_schema_extra=OPTIMISED)
    flatness_weight: NonNegative = Field(0.25, json_schema_extra=when(flatness=("logit", "reference", "statistics")))
    flatness_decay: Decay = Field(0.99, json_schema_extra=when(flatness=("logit", "reference", "statistics")))
    flatness_temperature: Positive = Field(4.0, json_schema_extra=when(flatness=("logit", "reference")))
    flatness_radius: Positive = Field(0.05, json_schema_extra=when(flatness=("sam",)))
    residual: Decay = Field(0.0, json_schema_extra=later(0.0, optimised=(True,)))  # a real picture's share; 0: off
    residual_blocks: Annotated[int, Field(ge=2, le=1000)] = Field(4, json_schema_extra=when(blends=(True,)))
    residual_patch: Literal["start", "drawn"] = Field("start", json_schema_extra=when(blends=(True,)))
    seed: Seed = Field(0, json_schema_extra=OPTIMISED)
    precision: Precision = Field("auto", json_schema_extra=OPTIMISED)

    @property
    def optimised(self) -> bool:
        return self.iterations > 0

    @property
    def by_class(self) -> bool:
        """Whether Form (2) takes part."""
        return self.optimised and self.alpha < 1

    @property
    def remembers(self) -> bool:
        """Whether the running synthetic moments outlast an iteration."""
        return self.optimised and self.momentum > 0

    @property
    def grouped(self) -> bool:
        """Whether each image is matched with a part of its class instead of the whole."""
        return self.by_class and self.grouping != "none"

    @property
    def blends(self) -> bool:
        """Whether real pictures are mixed in between blocks of the synthesis."""
        return self.optimised and self.residual > 0

    @model_validator(mode="after")
    def _consistent(self) -> "SynthesiseConfig":
        if self.optimised and not self.observers:
            raise ValueError("observers is empty, but images are optimised against observers: name at least one.")
        return _checked_crop(self)


class ViewsConfig(Settings):
    """The student's views: what is shown in which order, and how it is augmented.

    A view is a function of (seed, epoch, batch) alone; relabel and evaluate read the same plan.
    """

    epochs: Count | None = 300
    steps: Count | None = None  # optimiser steps; set one of the two budgets
    batch_size: Count = 25
    crop_min: Scale = 0.5
    crop_max: Scale = 1.0
    flip: bool = True
    randaugment: CountFromZero = 2  # operations per image; 0 turns it off
    magnitude: Annotated[int, Field(ge=0, le=30)] = Field(9, json_schema_extra=when(randaugments=(True,)))
    cutmix: NonNegative = 1.0  # alpha of the Beta distribution; 0 turns it off
    seed: Seed = 0

    @property
    def randaugments(self) -> bool:
        return self.randaugment > 0

    @model_validator(mode="after")
    def _one_budget(self) -> "ViewsConfig":
        if (self.epochs is None) == (self.steps is None):
            raise ValueError(
                f"epochs is {self.epochs} and steps is {self.steps}: set one of the two budgets and the other to null."
            )
        return _checked_crop(self)


class RelabelConfig(Settings):
    """Who labels the views: a committee's mean logits, or the class itself."""

    labels: Literal["soft", "hard"] = "soft"
    observers: Names = Field((), json_schema_extra=when(labels=("soft",)))
    voting: Literal["equal", "accuracy"] = Field("equal", json_schema_extra=later("equal", labels=("soft",)))
    precision: Precision = Field("auto", json_schema_extra=when(labels=("soft",)))
    # Label every view ahead and keep it (FKD), in half precision; off, they are labelled while a student learns.
    stored: bool = Field(False, json_schema_extra=when(stores=(True,)))
    top_k: Count | None = Field(None, json_schema_extra=when(stores=(True,)))  # logits kept of a view; null: all

    @property
    def stores(self) -> bool:
        """Whether labels lie in the store; where not, `stored` and `top_k` enter no key."""
        return self.stored and self.labels == "soft"

    @model_validator(mode="after")
    def _has_committee(self) -> "RelabelConfig":
        if self.labels == "soft" and not self.observers:
            raise ValueError("observers is empty, but soft labels are a committee's: name at least one observer.")
        return self


class EvaluateConfig(Settings):
    """Training students on the condensed set."""

    students: Names = ("convnet-d3-w32",)
    seeds: Annotated[int, Field(ge=1, le=1000)] = 1  # students of each architecture, with consecutive seeds
    seed: Seed = 0
    loss: Literal["mse_gt", "kl", "ce", "cosine"] = "mse_gt"
    ce_weight: NonNegative = Field(0.025, json_schema_extra=when(loss=("mse_gt",)))
    temperature: Positive = Field(20.0, json_schema_extra=when(loss=("kl",)))
    class_weight: NonNegative = Field(0.1, json_schema_extra=when(loss=("cosine",)))  # of the class in the target
    smoothing: Fraction = Field(0.1, json_schema_extra=when(loss=("cosine",)))  # of the class, over all classes
    optimiser: Literal["adamw", "sgd"] = "adamw"
    lr: Positive = 1e-3
    momentum: Decay = Field(0.9, json_schema_extra=when(optimiser=("sgd",)))
    weight_decay: NonNegative = 0.01
    schedule: Literal["cosine", "ssrs", "multistep", "alrs", "constant"] = "cosine"
    zeta: Positive = Field(2.0, json_schema_extra=when(schedule=("cosine", "ssrs")))
    gamma: Scale = Field(0.5, json_schema_extra=when(schedule=("multistep", "alrs")))
    ema_decay: Decay = 0.99
    precision: Precision = "auto"


class ScoreConfig(Settings):
    """Which images judge the student, and which of its weights is the headline.

    Raw and averaged weights are both scored always, so `weights` costs nothing and enters no key.
    """

    split: Literal["val", "test"] = "test"
    weights: Literal["raw", "ema"] = "ema"


def _checked_crop(settings):
    if settings.crop_min > settings.crop_max:
        raise ValueError(f"crop_min is {settings.crop_min}, above crop_max {settings.crop_max}: choose a smaller one.")
    return settings


class RunConfig(Settings):
    """Everything that decides a run's result, by stage; `preset` and `protocol` only say where it came from."""

    preset: str
    protocol: str
    settings: str  # the table of settings that was used: lab, tiny, cifar-10, ...
    dataset: str
    ipc: Count
    data: DataConfig = DataConfig()
    squeeze: SqueezeConfig = SqueezeConfig()
    statistics: StatisticsConfig = StatisticsConfig()
    initialise: InitialiseConfig
    synthesise: SynthesiseConfig
    views: ViewsConfig
    relabel: RelabelConfig
    evaluate: EvaluateConfig
    score: ScoreConfig = ScoreConfig()

    @model_validator(mode="after")
    def _agree(self) -> "RunConfig":
        if not self.evaluate.students:
            raise ValueError("evaluate.students is empty: name at least one network.")
        for name in (*self.synthesise.observers, *self.relabel.observers, *self.evaluate.students):
            family_of(name)
        for path, names in (
            ("synthesise.observers", self.synthesise.observers),
            ("relabel.observers", self.relabel.observers),
            ("evaluate.students", self.evaluate.students),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"{path} is {', '.join(names)}: name each network once.")
        if (self.relabel.labels == "hard") != (self.evaluate.loss == "ce"):
            raise ValueError(
                f"evaluate.loss is '{self.evaluate.loss}' with relabel.labels '{self.relabel.labels}': hard labels"
                " go with 'ce', soft ones with 'mse_gt', 'kl' or 'cosine'."
            )
        return self


def checked(values: dict) -> RunConfig:
    """A run's settings from nested plain values.

    Raises:
        SettingsError: naming the setting, its value and the cure.
    """
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        raise explain(error, RunConfig) from None


__all__ = [
    "DataConfig",
    "EvaluateConfig",
    "InitialiseConfig",
    "RelabelConfig",
    "RunConfig",
    "ScoreConfig",
    "SettingsError",
    "SqueezeConfig",
    "StatisticsConfig",
    "SynthesiseConfig",
    "ViewsConfig",
    "checked",
]
