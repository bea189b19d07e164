"""Committee of observers: their soft labels, and the weights of their votes (paper, sec. 3.3; CV-DD)."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from edc_core.errors import EDCError
from edc_core.networks.runtime import Runtime


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
        if total is None:
            raise ValueError("the committee has no members: give it at least one observer.")
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
