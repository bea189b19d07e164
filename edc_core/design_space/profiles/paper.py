"""The paper's numbers for its five data sets: tables 6 to 10 of arXiv 2404.13733, and the published scripts' crops."""

from dataclasses import replace

from edc_core.design_space.committees import COMMITTEES
from edc_core.design_space.profiles.profile import Profile, choices

CIFAR_OBSERVERS = COMMITTEES["cifar-10"].synthesis
_CIFAR_BASELINE = ("resnet18", "convnet-d3-w128", "mobilenetv2-0.5", "wrn-16-2", "shufflenetv2-0.5")
_off, _on = choices(75, _CIFAR_BASELINE, CIFAR_OBSERVERS, CIFAR_OBSERVERS, 25)
# The paper trains CIFAR-10's students with MultiStepLR (table 6) where other sets have zeta = 2; and
# the published script crops at (0.08, 1) in synthesis, which would make weak augmentation no choice:
# here it is the paper's (0.5, 1).
CIFAR10 = Profile(
    name="cifar-10",
    summary="the paper's settings for CIFAR-10",
    base={
        "views.epochs": 1000,
        "views.crop_area_min": 0.08,
        "evaluate.students": ("resnet18",),
    },
    off=_off,
    on={**_on, "smoothing-schedule": {"evaluate.schedule": "multistep", "evaluate.gamma": 0.5}},
    named={"single": ("resnet18",), "gvbsm": _CIFAR_BASELINE, "scorer": "resnet18", "long": 4000}
    | {"rded_batch": 25, "tiles": 1},
)

_off, _on = choices(2000, _CIFAR_BASELINE, CIFAR_OBSERVERS, CIFAR_OBSERVERS, 50)
CIFAR100 = replace(
    CIFAR10,
    name="cifar-100",
    summary="the paper's settings for CIFAR-100",
    base={**CIFAR10.base, "synthesise.batch_size": 100, "views.crop_area_min": 0.5},
    off=_off,
    on=_on,
    named={**CIFAR10.named, "rded_batch": 50},
)

# G-VBSM and the paper share one committee on Tiny-ImageNet and ImageNet-10, which would make better backbones no
# choice: here CONFIG A to D stand on the one observer of SRe2L. The preset G-VBSM keeps its own, "gvbsm".
_ONE = ("resnet18",)
_FOUR = COMMITTEES["tiny-imagenet"].synthesis
_off, _on = choices(2000, _ONE, _FOUR, COMMITTEES["tiny-imagenet"].labels, 100)
TINY_IMAGENET = Profile(
    name="tiny-imagenet",
    summary="the paper's settings for Tiny-ImageNet",
    base={"squeeze.epochs": 50, "synthesise.batch_size": 100, "evaluate.students": ("resnet18",)},
    off=_off,
    on=_on,
    named={"single": _ONE, "gvbsm": _FOUR, "scorer": "resnet18", "long": 4000, "rded_batch": 100, "tiles": 1},
    by_ipc=lambda ipc: {"views.epochs": 1000 if ipc == 1 else 300},
)

_MOSAICS = {"initialise.kind": "rded", "synthesise.iterations": 2000}
_LARGE = {"statistics.patch": 16, "synthesise.batch_size": 100, "evaluate.students": ("resnet18",)}  # at 224 px
_off, _on = choices(2000, _ONE, COMMITTEES["imagenet-10"].synthesis, COMMITTEES["imagenet-10"].labels, 50)
IMAGENET10 = Profile(
    name="imagenet-10",
    summary="the paper's settings for ImageNet-10",
    base={**_LARGE, "squeeze.epochs": 20, "views.epochs": 1000},
    off=_off,
    on={**_on, "real-initialisation": _MOSAICS},
    named={**TINY_IMAGENET.named, "rded_batch": 50, "tiles": 2},
)

# Better backbones bring AlexNet in, and take EfficientNet out of the labels.
_off, _on = choices(2000, _FOUR, COMMITTEES["imagenet-1k"].synthesis, COMMITTEES["imagenet-1k"].labels, 100)
IMAGENET1K = Profile(
    name="imagenet-1k",
    summary="the paper's settings for ImageNet-1k, with torchvision's weights as observers",
    base={
        **_LARGE,
        "squeeze.pretrained": "imagenet-1k",
        "synthesise.batch_size": 80,
        "synthesise.matching_weight": 0.1,
        "views.epochs": 300,
        "views.randaugment_ops": 0,
    },
    off=_off,
    on={**_on, "real-initialisation": _MOSAICS},
    named={**TINY_IMAGENET.named, "tiles": 2},
)
