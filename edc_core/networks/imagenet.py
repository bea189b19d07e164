"""ImageNet-1k: smaller sets within it, and which networks come ready-made, trained on it by torchvision."""

import hashlib
import re
from collections.abc import Sequence

from edc_core.errors import SettingsError
from edc_core.networks.catalogue import SMALL_IMAGE

# ImageNet-10: the first ten of ImageNet-100 (Tian et al. 2020), as data set condensation has used them since Kim et
# al. 2022. Imagenette: Howard's ten easy ones.
CLASS_LISTS: dict[str, tuple[str, ...]] = {
    "imagenet-10": (
        "n01749939",  # green mamba
        "n01773797",  # garden spider
        "n02091831",  # Saluki
        "n02107142",  # Doberman
        "n02488291",  # langur
        "n02869837",  # bonnet
        "n03062245",  # cocktail shaker
        "n04517823",  # vacuum cleaner
        "n04589890",  # window screen
        "n13037406",  # gyromitra
    ),
    "imagenette": (
        "n01440764",  # tench
        "n02102040",  # English springer
        "n02979186",  # cassette player
        "n03000684",  # chain saw
        "n03028079",  # church
        "n03394916",  # French horn
        "n03417042",  # garbage truck
        "n03425413",  # gas pump
        "n03445777",  # golf ball
        "n03888257",  # parachute
    ),
}

CLASSES = 1000
# Our names and torchvision's; above 64 px these are the same networks to the parameter.
PRETRAINED: dict[str, str] = {
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "resnet101": "resnet101",
    "mobilenetv2": "mobilenet_v2",
    "shufflenetv2-0.5": "shufflenet_v2_x0_5",
    "shufflenetv2-1.0": "shufflenet_v2_x1_0",
    "efficientnet-b0": "efficientnet_b0",
    "alexnet": "alexnet",
    "vgg11-bn": "vgg11_bn",
    "densenet121": "densenet121",
    "convnext-t": "convnext_tiny",
    "swin-t": "swin_t",
}
# `_digest` of the 1,000 classes in ImageNet's order: by WordNet's number, and by torchvision's words.
_ORDERS = {"385e0240499426c022b773be", "bf37432750c7a43fa91c22be"}


def _digest(classes: Sequence[str]) -> str:
    """24 hexadecimal digits of the names in their order, whatever joins their words."""
    words = "\n".join(re.sub("[^a-z0-9]+", "-", name.lower()) for name in classes)
    return hashlib.sha256(words.encode()).hexdigest()[:24]


def is_imagenet(classes: Sequence[str]) -> bool:
    """Whether these are ImageNet's 1,000 classes in its order."""
    return len(classes) == CLASSES and _digest(classes) in _ORDERS


def check_pretrained(name: str, channels: int, size: int, classes: Sequence[str]) -> None:
    """Refuse ready weights for a network or a data set that they are not of.

    Args:
        name: the network's.
        channels, size: of the data set's images, in px.
        classes: their names, in the order of the labels.

    Raises:
        SettingsError: naming what does not fit, and the cure.
    """
    wanted = "squeeze.pretrained is 'imagenet-1k', but"
    cure = "set squeeze.pretrained to 'none' to train observers from scratch."
    if name not in PRETRAINED:
        raise SettingsError(
            f"{wanted} torchvision has no such weights of '{name}': choose among {', '.join(PRETRAINED)}."
        )
    if len(classes) != CLASSES:
        raise SettingsError(
            f"{wanted} the data set has {len(classes)} classes in place of ImageNet's {CLASSES}: {cure}"
        )
    if not is_imagenet(classes):
        raise SettingsError(
            f"{wanted} the {CLASSES} classes from '{classes[0]}' to '{classes[-1]}' are not ImageNet's in its order"
            f" ('n01440764' to 'n15075141', or 'tench' to 'toilet tissue'): {cure}"
        )
    if channels != 3 or size <= SMALL_IMAGE:
        kind = "grey" if channels == 1 else f"{channels}-channel"
        images = f"{kind} images" if channels != 3 else f"images of {size} px"
        raise SettingsError(f"{wanted} they see colour images above {SMALL_IMAGE} px, and these are {images}: {cure}")
