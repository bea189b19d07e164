"""The catalogue of networks by name, without torch: what a setting may ask for.

Builders live in `backbones.py`; a family here and its builder there share one name.
"""

import difflib
import re
from dataclasses import dataclass

from edc_core.errors import SettingsError


@dataclass(frozen=True)
class Family:
    """One family of networks and the grammar of its names."""

    pattern: str
    example: str
    summary: str

    def match(self, name: str) -> re.Match[str] | None:
        return re.fullmatch(self.pattern, name)


FAMILIES: dict[str, Family] = {
    "convnet": Family(
        r"convnet-d(?P<depth>[1-9])-w(?P<width>[1-9]\d{0,3})",
        "convnet-d3-w128",
        "depth x (3x3 convolution, instance norm, ReLU, average pooling), then linear",
    ),
    "resnet18": Family(
        r"resnet18(?:-w(?P<width>[1-9]\d{0,3}))?",
        "resnet18",
        "ResNet-18; up to 64 px with a 3x3 stem and no max-pooling; -w16 narrows it",
    ),
    "wrn": Family(
        r"wrn-(?P<depth>10|16|22|28|34|40)-(?P<widen>[1-9]\d?)",
        "wrn-16-2",
        "wide residual network of a depth and a widening factor",
    ),
    "mobilenetv2": Family(
        r"mobilenetv2-(?P<width>0\.\d{1,2}|1\.0)",
        "mobilenetv2-0.5",
        "MobileNetV2 of a width factor; up to 64 px with early strides removed",
    ),
    "shufflenetv2": Family(
        r"shufflenetv2-(?P<width>0\.25|0\.5|1\.0)",
        "shufflenetv2-0.5",
        "ShuffleNetV2 of a width factor; up to 64 px with a 1x1 stem",
    ),
}


def family_of(name: str) -> tuple[str, re.Match[str]]:
    """The family's name and the parts of a network's name.

    Raises:
        SettingsError: no family has such a name.
    """
    for family, entry in FAMILIES.items():
        if match := entry.match(name):
            return family, match
    examples = [entry.example for entry in FAMILIES.values()]
    near = difflib.get_close_matches(name, examples, n=1, cutoff=0.3)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise SettingsError(f"network '{name}' is unknown: {hint}Choose a name like {', '.join(examples)}.")


def check_fits(name: str, size: int) -> None:
    """Refuse a network whose pooling would shrink an image of `size` px to nothing."""
    family, match = family_of(name)
    smallest = 2 ** int(match["depth"]) if family == "convnet" else 8
    if size < smallest:
        raise SettingsError(
            f"network '{name}' needs images of at least {smallest} px, but these are {size} px: choose a shallower one."
        )
