"""The paper's committees by name: what `--set synthesise.observers=@imagenet-1k` stands for.

Sec. 5 and tables 6 to 10 of arXiv 2404.13733; the ShuffleNetV2 of the published code is 0.5 wide throughout.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaperCommittee:
    """Committees of one of the paper's data sets: the observers of the synthesis, and those of the labels."""

    synthesis: tuple[str, ...]
    labels: tuple[str, ...]
    squeezed: str  # how the paper came by the observers, as settings

    def of(self, path: str) -> tuple[str, ...]:
        """The observers that a setting's path asks for."""
        return self.labels if path.startswith("relabel.") else self.synthesis


_CIFAR = (
    "resnet18",
    "convnet-d3-w128",
    "mobilenetv2-0.5",
    "wrn-16-2",
    "shufflenetv2-0.5",
    "convnet-d1-w128",
    "convnet-d2-w128",
    "convnet-d3-w32",
)
_FOUR = ("resnet18", "mobilenetv2", "shufflenetv2-0.5", "efficientnet-b0")
_LABELLING = ("resnet18", "mobilenetv2", "shufflenetv2-0.5", "alexnet")

COMMITTEES: dict[str, PaperCommittee] = {
    "cifar-10": PaperCommittee(_CIFAR, _CIFAR, "squeeze.epochs=10"),
    "cifar-100": PaperCommittee(_CIFAR, _CIFAR, "squeeze.epochs=10"),
    "tiny-imagenet": PaperCommittee(_FOUR, _FOUR, "squeeze.epochs=50"),
    "imagenet-10": PaperCommittee(_FOUR, _FOUR, "squeeze.epochs=20"),
    "imagenet-1k": PaperCommittee((*_FOUR, "alexnet"), _LABELLING, "squeeze.pretrained=imagenet-1k"),
}
