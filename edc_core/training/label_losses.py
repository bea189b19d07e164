"""Label losses: what a student is trained on (paper, sec. 3.3)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from edc_core.config import EvaluateConfig
from edc_core.training.views import CutMix


@dataclass(frozen=True)
class LossInputs:
    """Inputs of a label loss: a batch of the student's outputs and their targets."""

    logits: Tensor  # (B, C) the student's, float32
    labels: Tensor  # (B,) each image's own class, whatever CutMix pasted into it
    committee_logits: Tensor | None  # (B, C) the committee's logits
    cutmix: CutMix | None


def mse_gt(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """EDC's loss, a scalar: MSE(student logits, committee logits) + weight x CE(student, class before CutMix)."""
    matching = F.mse_loss(inputs.logits, inputs.committee_logits)
    return matching + config.ce_weight * F.cross_entropy(inputs.logits, inputs.labels)


def kl(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """KL divergence, a scalar: KL(committee || student) at one temperature, batch mean (SRe2L, RDED; no T^2)."""
    student, committee = (F.log_softmax(z / config.temperature, 1) for z in (inputs.logits, inputs.committee_logits))
    return F.kl_div(student, committee, reduction="batchmean", log_target=True)


def ce(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """Cross-entropy with hard labels, a scalar; mixed by area under CutMix (Yun et al. 2019)."""
    own = F.cross_entropy(inputs.logits, inputs.labels)
    if inputs.cutmix is None:
        return own
    pasted = F.cross_entropy(inputs.logits, inputs.labels[inputs.cutmix.partner.to(inputs.labels.device)])
    return inputs.cutmix.share * own + (1 - inputs.cutmix.share) * pasted


def cosine(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """Cosine loss (GIFT), a scalar: 1 - cos(z, t / ||t|| + weight x s / ||s||), batch mean.

    z and t are the student's and the committee's logits, s the smoothed one-hot class before CutMix.
    """
    goal = cosine_goal(inputs.committee_logits, F.one_hot(inputs.labels, inputs.logits.shape[1]).float(), config)
    return 1 - F.cosine_similarity(inputs.logits, goal, 1).mean()


def cosine_goal(committee_logits: Tensor, shares: Tensor, config: EvaluateConfig) -> Tensor:
    """Target of the cosine loss: (B, C) committee logits and (B, C) one-hot classes -> (B, C)."""
    smoothed = (1 - config.smoothing) * shares + config.smoothing / shares.shape[1]
    return F.normalize(committee_logits, dim=1) + config.hard_label_weight * F.normalize(smoothed, dim=1)


LOSSES: dict[str, Callable[[LossInputs, EvaluateConfig], Tensor]] = {
    "mse_gt": mse_gt,
    "kl": kl,
    "ce": ce,
    "cosine": cosine,
}
