"""Field types of settings: shares, counts and factors, within bounds that no experiment reaches."""

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field

from edc_core.config.base import stored_as

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
# Profiles that stored rows have by another name.
STORED_PROFILES = {"lab-quick": "brisk", "lab-smoke": "sprint"}
ProfileName = Annotated[str, *stored_as(STORED_PROFILES)]


class NameMark(Enum):
    """Network names in the text of a setting: a network, or networks among which "@cifar-10" stands for a committee."""

    NETWORK = "network"
    COMMITTEE = "committee"


NETWORK, COMMITTEE = NameMark.NETWORK, NameMark.COMMITTEE
NetworkName = Annotated[str, NETWORK]
Networks = Annotated[tuple[str, ...], NETWORK]
Observers = Annotated[tuple[str, ...], COMMITTEE]


def checked_crop(settings):
    """The settings, whose least crop is no larger than the largest.

    Raises:
        ValueError: it is.
    """
    if settings.crop_area_min > settings.crop_area_max:
        raise ValueError(
            f"crop_area_min is {settings.crop_area_min}, above crop_area_max {settings.crop_area_max}:"
            " choose a smaller one."
        )
    return settings
