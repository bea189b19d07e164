"""Soft labels of a committee, and the losses that a student is trained on (paper, sec. 3.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import EvaluateConfig
from edc_core.errors import EDCError
from edc_core.networks.runtime import Runtime
from edc_core.training.views import CutMix


@dataclass(frozen=True)
class Committee:
    """Observers that label together: the mean of their logits, or the mean weighted by `weights`, which sum to 1."""

    members: dict[str, nn.Module]
    runtime: Runtime
    weights: Mapping[str, float] | None = None

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """(B, C, H, W) normalised views -> (B, classes) float32 logits."""
        total: Tensor | None = None
        for name, network in self.members.items():
            with self.runtime.autocast(name):
                logits = network(images.contiguous(memory_format=self.runtime.memory_format(name))).float()
            if self.weights is not None:
                logits = self.weights[name] * logits
            total = logits if total is None else total + logits
        return total / len(self.members) if self.weights is None else total


def voting_weights(accuracies: Mapping[str, float]) -> dict[str, float]:
    """Each observer's share of the vote: its held-out accuracy over the sum of all (committee voting, CV-DD).

    Raises:
        EDCError: no observer is ever right.
    """
    total = sum(accuracies.values())
    if total <= 0:
        raise EDCError(
            f"observers {', '.join(accuracies)} are right about no held-out image: set relabel.voting to 'equal'"
            " or train them longer (squeeze.epochs)."
        )
    return {name: accuracy / total for name, accuracy in accuracies.items()}


@dataclass(frozen=True)
class LossInputs:
    """What a student's loss may look at."""

    logits: Tensor  # (B, C) the student's, float32
    labels: Tensor  # (B,) each image's own class, whatever CutMix pasted into it
    committee_logits: Tensor | None  # (B, C) the committee's logits
    cutmix: CutMix | None


def mse_gt(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """MSE(student logits, committee logits) + weight x CE(student, class); the class is the unmixed one."""
    matching = F.mse_loss(inputs.logits, inputs.committee_logits)
    return matching + config.ce_weight * F.cross_entropy(inputs.logits, inputs.labels)


def kl(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """KL(committee || student) of softmaxes at one temperature, batch mean (SRe2L, RDED; no T^2 factor)."""
    student, committee = (F.log_softmax(z / config.temperature, 1) for z in (inputs.logits, inputs.committee_logits))
    return F.kl_div(student, committee, reduction="batchmean", log_target=True)


def ce(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """Cross-entropy with hard labels, mixed by area under CutMix (Yun et al. 2019)."""
    own = F.cross_entropy(inputs.logits, inputs.labels)
    if inputs.cutmix is None:
        return own
    pasted = F.cross_entropy(inputs.logits, inputs.labels[inputs.cutmix.partner.to(inputs.labels.device)])
    return inputs.cutmix.share * own + (1 - inputs.cutmix.share) * pasted


def cosine(inputs: LossInputs, config: EvaluateConfig) -> Tensor:
    """1 - cos(z, t / ||t|| + weight x s / ||s||), batch mean; s the smoothed one-hot of the unmixed class (GIFT)."""
    goal = cosine_goal(inputs.committee_logits, F.one_hot(inputs.labels, inputs.logits.shape[1]).float(), config)
    return 1 - F.cosine_similarity(inputs.logits, goal, 1).mean()


def cosine_goal(committee_logits: Tensor, shares: Tensor, config: EvaluateConfig) -> Tensor:
    """Where the cosine loss draws the logits: (B, C) committee's logits and (B, C) one-hot classes -> (B, C)."""
    smoothed = (1 - config.smoothing) * shares + config.smoothing / shares.shape[1]
    return F.normalize(committee_logits, dim=1) + config.hard_label_weight * F.normalize(smoothed, dim=1)


LOSSES: dict[str, Callable[[LossInputs, EvaluateConfig], Tensor]] = {
    "mse_gt": mse_gt,
    "kl": kl,
    "ce": ce,
    "cosine": cosine,
}
