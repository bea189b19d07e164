"""The numbers: settings by data set, and what each design choice's "off" and "on" are there."""

from edc_core.config.field_types import STORED_PROFILES
from edc_core.design_space.profiles.lab import (
    BUNDLED_OBSERVERS,
    DIGITS,
    LAB,
    LAB_LARGE,
    LAB_QUICK,
    LAB_SMOKE,
    OFFERED_STUDENTS,
    TINY,
)
from edc_core.design_space.profiles.paper import CIFAR10, CIFAR100, IMAGENET1K, IMAGENET10, TINY_IMAGENET
from edc_core.design_space.profiles.profile import Profile, Values
from edc_core.networks.imagenet import CLASS_LISTS, is_imagenet

__all__ = [
    "BUNDLED_OBSERVERS",
    "LAB",
    "LAB_QUICK",
    "OFFERED_STUDENTS",
    "PROFILES",
    "TINY",
    "Profile",
    "Values",
    "current_profile",
    "default_profile",
]

PROFILES: dict[str, Profile] = {
    table.name: table
    for table in (
        LAB,
        LAB_LARGE,
        LAB_QUICK,
        LAB_SMOKE,
        TINY,
        DIGITS,
        CIFAR10,
        CIFAR100,
        TINY_IMAGENET,
        IMAGENET10,
        IMAGENET1K,
    )
}


def current_profile(name: str) -> str:
    """A profile's name, where rows and older commands have it by the name that it is stored under."""
    return next((current for current, stored in STORED_PROFILES.items() if stored == name), name)


_CIFAR10_CLASSES = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}


def default_profile(classes: tuple[str, ...], size: int) -> Profile:
    """The settings that suit a data set with these class names and this image size in pixels."""
    if set(classes) == set("0123456789"):
        return DIGITS
    if size == 32 and set(classes) == _CIFAR10_CLASSES:
        return CIFAR10
    if size == 32 and len(classes) == 100:
        return CIFAR100
    if size == 64 and len(classes) == 200:
        return TINY_IMAGENET
    if size == 224 and set(classes) == set(CLASS_LISTS["imagenet-10"]):
        return IMAGENET10
    if size == 224 and is_imagenet(classes):
        return IMAGENET1K
    return LAB_LARGE if size > 64 else LAB
