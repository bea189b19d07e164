"""Settings of the stages that make images: data, squeeze, statistics, initialise, synthesise."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from edc_core.config.base import Settings, active_when, stored_as, unkeyed_at
from edc_core.config.field_types import (
    Count,
    CountFromZero,
    Decay,
    Fraction,
    NetworkName,
    NonNegative,
    Observers,
    Positive,
    Precision,
    Scale,
    Seed,
    checked_crop,
)
from edc_core.networks.catalogue import family_of


class DataConfig(Settings):
    """Split of the training set: the condensed part, and the images held out for choices and live curves."""

    holdout: Count = 1000  # images, spread evenly over the classes; at most a tenth of the smallest
    train_per_class: Count | None = None  # None: all of them


TRAINED_HERE = active_when(ready_made=(False,))


class SqueezeConfig(Settings):
    """Training one observer from scratch on the real training set."""

    # "imagenet-1k": not trained here at all; torchvision's weights, from its cache or by download
    pretrained: Literal["none", "imagenet-1k"] = Field("none", json_schema_extra=active_when(ready_made=(True,)))
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

    @property
    def scored_on(self) -> str:
        """Images that an observer's accuracy is measured on; ready-made weights have seen them all."""
        return "images seen in training" if self.ready_made else "held-out images"


class StatisticsConfig(Settings):
    """Moments of every BatchNorm2d and Conv2d input over the real training set."""

    patch: Count = 4  # side of a patch in pixels of the layer's input
    precision: Precision = "auto"


InitialImages = Annotated[
    Literal["noise", "real", "rded", "herding", "single-class", "glyphs", "imported"],
    *stored_as({"imported": "given"}),
]


class InitialiseConfig(Settings):
    """The images that synthesis starts from."""

    kind: InitialImages = "real"
    scorer: NetworkName | None = Field(None, json_schema_extra=active_when(kind=("rded", "herding")))
    tiles: Count = Field(2, json_schema_extra=active_when(kind=("rded",)))  # a mosaic has tiles x tiles crops
    candidates_per_class: Count = Field(300, alias="candidates", json_schema_extra=active_when(kind=("rded",)))
    crops_per_image: Count = Field(5, alias="crops", json_schema_extra=active_when(kind=("rded",)))  # scored ones
    crop_area_min: Scale = Field(0.5, alias="crop_min", json_schema_extra=active_when(kind=("rded",)))
    # None: see initial_images.only_class.
    single_class: str | None = Field(None, alias="only", json_schema_extra=active_when(kind=("single-class",)))
    images: str | None = Field(None, json_schema_extra=active_when(kind=("imported",)))  # the digest of an imported set
    precision: Precision = Field(
        "auto", json_schema_extra=unkeyed_at("auto", kind=("rded", "herding"))
    )  # of the scorer
    seed: Seed = Field(
        0, json_schema_extra=active_when(kind=("noise", "real", "rded", "herding", "single-class", "glyphs"))
    )

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


OPTIMISED = active_when(optimised=(True,))
BY_CLASS = active_when(by_class=(True,))


class SynthesiseConfig(Settings):
    """Optimising the images (paper, sec. 3.1 to 3.3)."""

    iterations: CountFromZero = 150  # 0: the initial images are the condensed ones
    observers: Observers = Field((), json_schema_extra=OPTIMISED)
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
    match_patches: bool = Field(True, json_schema_extra=active_when(match_convolutions=(True,)))
    momentum: Decay = Field(0.8, json_schema_extra=OPTIMISED)  # of the running synthetic moments
    running_moments_init: Literal["first_batch", "zero"] = Field(
        "first_batch", alias="running_start", json_schema_extra=active_when(remembers=(True,))
    )
    # Of each layer, to be left out of an iteration.
    layer_drop_prob: Decay = Field(0.0, alias="drop_rate", json_schema_extra=OPTIMISED)
    crop_area_min: Scale = Field(0.5, alias="crop_min", json_schema_extra=OPTIMISED)
    crop_area_max: Scale = Field(1.0, alias="crop_max", json_schema_extra=OPTIMISED)
    crop_curriculum: Literal["none", "easy_to_hard"] = Field("none", json_schema_extra=OPTIMISED)
    flip: bool = Field(True, json_schema_extra=OPTIMISED)
    grouping: Literal["none", "difficulty"] = Field("none", json_schema_extra=unkeyed_at("none", by_class=(True,)))
    # The variances' weight in the difficulty.
    grouping_variance_weight: NonNegative = Field(
        1.0, alias="grouping_spread", json_schema_extra=active_when(grouped=(True,))
    )
    flatness: Literal["none", "logit", "reference", "statistics", "sam"] = Field("logit", json_schema_extra=OPTIMISED)
    flatness_weight: NonNegative = Field(
        0.25, json_schema_extra=active_when(flatness=("logit", "reference", "statistics"))
    )
    flatness_decay: Decay = Field(0.99, json_schema_extra=active_when(flatness=("logit", "reference", "statistics")))
    flatness_temperature: Positive = Field(4.0, json_schema_extra=active_when(flatness=("logit", "reference")))
    flatness_radius: Positive = Field(0.05, json_schema_extra=active_when(flatness=("sam",)))  # normalised units
    flatness_norm: Literal["image", "batch"] = Field("image", json_schema_extra=unkeyed_at("batch", flatness=("sam",)))
    residual: Decay = Field(0.0, json_schema_extra=unkeyed_at(0.0, optimised=(True,)))  # a real image's share; 0: off
    residual_blocks: Annotated[int, Field(ge=2, le=1000)] = Field(4, json_schema_extra=active_when(blends=(True,)))
    residual_patch: Literal["start", "drawn"] = Field("start", json_schema_extra=active_when(blends=(True,)))
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
        """Whether real images are mixed in between blocks of the synthesis."""
        return self.optimised and self.residual > 0

    @model_validator(mode="after")
    def _consistent(self) -> "SynthesiseConfig":
        if self.optimised and not self.observers:
            raise ValueError("observers is empty, but images are optimised against observers: name at least one.")
        return checked_crop(self)
