"""The loss that a landscape shows, and the images that it is taken over, as mean over images.

Real images: cross-entropy with their classes. Condensed ones: the student's own training loss on the
views of the first epochs, each with the labels it was taught. The two are different functions: only the first
one compares runs.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import EvaluateConfig
from edc_core.training.label_losses import cosine_goal
from edc_core.training.views import View

AT_ONCE = 100  # images; more overflow the processor's cache and are slower


@dataclass(frozen=True)
class Sample:
    """Images with what they are judged by: batches of (normalised images, target), and their classes."""

    batches: list[tuple[Tensor, Tensor]]
    labels: list[Tensor]  # (B,) each batch's classes
    loss: nn.Module  # mean over a batch

    def __len__(self) -> int:
        return sum(map(len, self.labels))

    def rows(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Images and targets of the given rows of the whole sample."""
        images, targets = (torch.cat(parts) for parts in zip(*self.batches, strict=True))
        return images[rows], targets[rows]


def sample_of(images: Tensor, targets: Tensor, labels: Tensor, loss: nn.Module) -> Sample:
    """Cut into batches; (N, C, H, W), (N, ...) and (N,)."""
    batches = list(zip(images.split(AT_ONCE), targets.split(AT_ONCE), strict=True))
    return Sample(batches, list(labels.split(AT_ONCE)), loss)


def real_sample(images: Tensor, labels: Tensor) -> Sample:
    """Cross-entropy with the images' classes."""
    return sample_of(images, labels, labels, nn.CrossEntropyLoss())


class OwnLoss(nn.Module):
    """A student's training loss where a target holds all it looks at: (B, 2C) committee's logits, class shares.

    The same values as `label_losses.LOSSES` batch by batch, but a sum over images, which a Hessian needs.
    """

    reduction = "mean"

    def __init__(self, config: EvaluateConfig) -> None:
        super().__init__()
        self.config = config

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """(B, C) logits and (B, 2C) target -> scalar."""
        soft, shares = target.chunk(2, 1)
        if self.config.loss == "kl":
            student, teacher = (F.log_softmax(z / self.config.temperature, 1) for z in (logits, soft))
            return F.kl_div(student, teacher, reduction="batchmean", log_target=True)
        if self.config.loss == "cosine":
            return 1 - F.cosine_similarity(logits, cosine_goal(soft, shares, self.config), 1).mean()
        own = -(shares * F.log_softmax(logits, 1)).sum(1).mean()
        if self.config.loss == "ce":
            return own
        return (logits - soft).square().mean() + self.config.ce_weight * own


def own_target(view: View, labels: Tensor, soft: Tensor | None, classes: int, config: EvaluateConfig) -> Tensor:
    """Target of `OwnLoss` for one view, (B, 2C); `labels` (B,) are the classes before CutMix."""
    shares = F.one_hot(labels, classes).float()
    if config.loss == "ce" and view.cutmix is not None:
        shares = view.cutmix.share * shares + (1 - view.cutmix.share) * shares[view.cutmix.partner.to(shares.device)]
    return torch.cat([torch.zeros_like(shares) if soft is None else soft, shares], 1)
