"""Soft labels of a committee, and the losses that a student is trained on (paper, sec. 3.3)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.augment import CutMix
from edc_core.config import EvaluateConfig
from edc_core.device import Runtime


@dataclass(frozen=True)
class Committee:
    """Observers that label together: the mean of their logits."""

    members: dict[str, nn.Module]
    runtime: Runtime

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """(B, C, H, W) normalised views -> (B, classes) float32 logits."""
        total: Tensor | None = None
        for name, network in self.members.items():
            with self.runtime.autocast(name):
                logits = network(images.contiguous(memory_format=self.runtime.memory_format(name))).float()
            total = logits if total is None else total + logits
        return total / len(self.members)


@dataclass(frozen=True)
class Batch:
    """What a student's loss may look at."""

    logits: Tensor  # (B, C) the student's, float32
    labels: Tensor  # (B,) each image's own class, whatever CutMix pasted into it
    soft: Tensor | None  # (B, C) the committee's logits
    mix: CutMix | None


def mse_gt(batch: Batch, config: EvaluateConfig) -> Tensor:
    """MSE(student logits, committee logits) + weight x CE(student, class); the class is the unmixed one."""
    matching = F.mse_loss(batch.logits, batch.soft)
    return matching + config.ce_weight * F.cross_entropy(batch.logits, batch.labels)


def kl(batch: Batch, config: EvaluateConfig) -> Tensor:
    """KL(committee || student) of softmaxes at one temperature, batch mean (SRe2L, RDED; no T^2 factor)."""
    student, teacher = (F.log_softmax(z / config.temperature, 1) for z in (batch.logits, batch.soft))
    return F.kl_div(student, teacher, reduction="batchmean", log_target=True)


def ce(batch: Batch, config: EvaluateConfig) -> Tensor:
    """Cross-entropy with hard labels, mixed by area under CutMix (Yun et al. 2019)."""
    own = F.cross_entropy(batch.logits, batch.labels)
    if batch.mix is None:
        return own
    pasted = F.cross_entropy(batch.logits, batch.labels[batch.mix.partner.to(batch.labels.device)])
    return batch.mix.share * own + (1 - batch.mix.share) * pasted


LOSSES: dict[str, Callable[[Batch, EvaluateConfig], Tensor]] = {"mse_gt": mse_gt, "kl": kl, "ce": ce}
