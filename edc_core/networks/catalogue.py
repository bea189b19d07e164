"""The catalogue of networks by name, without torch: what a setting may ask for.

Builders live in `builders.py`; a family here and its builder there share one name.
"""

import difflib
import re
from dataclasses import dataclass
from importlib.util import find_spec

from edc_core.errors import SettingsError

SMALL_IMAGE = 64  # px; up to here a network has the stem of its CIFAR variant, above its ImageNet stem


@dataclass(frozen=True)
class Family:
    """One family of networks and the grammar of its names."""

    pattern: str
    example: str
    summary: str
    smallest: int = 8  # px; below, a feature map would vanish
    batch_norm: bool = True  # whether it has BatchNorm2d layers, whose moments SRe2L matches
    alone: int = 0  # px; below, the last map is one pixel, whose BatchNorm learns from no image alone
    package: str | None = None  # that builds it, where it is not one of those that are always there

    def match(self, name: str) -> re.Match[str] | None:
        return re.fullmatch(self.pattern, name)


FAMILIES: dict[str, Family] = {
    "convnet": Family(
        r"convnet-d(?P<depth>[1-9])-w(?P<width>[1-9]\d{0,3})",
        "convnet-d3-w128",
        "depth x (3x3 convolution, instance norm, ReLU, average pooling), then linear",
        batch_norm=False,
    ),
    "resnet18": Family(
        r"resnet18(?:-w(?P<width>[1-9]\d{0,3}))?",
        "resnet18",
        "ResNet-18; up to 64 px with a 3x3 stem and no max-pooling; -w16 narrows it",
        alone=9,
    ),
    "wrn": Family(
        r"wrn-(?P<depth>10|16|22|28|34|40)-(?P<widen>[1-9]\d?)",
        "wrn-16-2",
        "wide residual network of a depth and a widening factor",
    ),
    "mobilenetv2": Family(
        r"mobilenetv2(?:-(?P<width>0\.\d{1,2}|1\.0))?",
        "mobilenetv2-0.5",
        "MobileNetV2 of a width factor, without one torchvision's own; up to 64 px with early strides removed",
        alone=9,
    ),
    "shufflenetv2": Family(
        r"shufflenetv2-(?P<width>0\.25|0\.5|1\.0)",
        "shufflenetv2-0.5",
        "ShuffleNetV2 of a width factor, torchvision's own above 64 px; below with a 1x1 stem",
        alone=9,
    ),
    "bottleneck": Family(
        r"resnet(?P<depth>50|101)(?:-w(?P<width>[1-9]\d{0,3}))?",
        "resnet50",
        "ResNet-50 and ResNet-101; up to 64 px with a 3x3 stem and no max-pooling; -w16 narrows them",
        alone=9,
    ),
    "efficientnet": Family(
        r"efficientnet-b0",
        "efficientnet-b0",
        "EfficientNet-B0; up to 64 px with early strides removed",
        alone=9,
    ),
    "alexnet": Family(
        r"alexnet", "alexnet", "AlexNet with its 11x11 stem; matched on its convolutions", smallest=63, batch_norm=False
    ),
    "vgg": Family(
        r"vgg11-bn",
        "vgg11-bn",
        "VGG-11 with BatchNorm; up to 64 px with one linear layer as its head",
        smallest=32,
    ),
    "densenet": Family(
        r"densenet121", "densenet121", "DenseNet-121; up to 64 px with a 3x3 stem and no max-pooling", alone=16
    ),
    "convnext": Family(
        r"convnext-t",
        "convnext-t",
        "ConvNeXt-T; up to 64 px with patches of 2 px; matched on its convolutions",
        smallest=16,
        batch_norm=False,
    ),
    "swin": Family(
        r"swin-t",
        "swin-t",
        "Swin-T; up to 64 px with patches of 2 px; its one convolution, which is matched, sees only pixels",
        smallest=16,
        batch_norm=False,
    ),
    "deit": Family(
        r"deit-tiny",
        "deit-tiny",
        "DeiT-Tiny; up to 64 px with patches of 4 px; its one convolution, which is matched, sees only pixels",
        smallest=16,
        package="timm",
        batch_norm=False,
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
    alike = [example for example in examples if _letters(example) == _letters(name)]  # "convnet-d3" is no ConvNeXt
    near = difflib.get_close_matches(name.lower(), alike or examples, n=1, cutoff=0.3)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise SettingsError(f"network '{name}' is unknown: {hint}Choose a name like {', '.join(examples)}.")


def _letters(name: str) -> str:
    """What a network's name begins with, up to its first number or hyphen."""
    return re.match("[a-z]*", name.lower())[0]


def check_fits(name: str, size: int) -> None:
    """Refuse a network that cannot be built, or that would shrink an image of `size` px to nothing.

    Raises:
        SettingsError: the image is too small for it, or a package that builds it is not installed.
    """
    family, match = family_of(name)
    entry = FAMILIES[family]
    smallest = 2 ** int(match["depth"]) if family == "convnet" else entry.smallest
    if size < smallest:
        cure = "a shallower one" if family == "convnet" else "one for small images, like resnet18"
        raise SettingsError(
            f"network '{name}' needs images of at least {smallest} px, but these are {size} px: choose {cure}."
        )
    if entry.package and find_spec(entry.package) is None:
        raise SettingsError(
            f"network '{name}' is built by {entry.package}, which is not installed: pip install {entry.package}."
        )


def check_batches(name: str, size: int, images: int, batch_size: int, setting: str) -> None:
    """Refuse batches whose last one is a single image, where a network's BatchNorm cannot learn from one.

    Raises:
        SettingsError: naming the setting of the batch size.
    """
    if size < FAMILIES[family_of(name)[0]].alone and (images - 1) % batch_size == 0:
        raise SettingsError(
            f"{setting} is {batch_size}, so that the last batch of {images:,} images holds one alone, of which the"
            f" BatchNorm layers of {name} learn nothing at {size} px: choose another."
        )
