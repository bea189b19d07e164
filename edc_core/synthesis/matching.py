"""The matching losses: how far the synthetic moments are from the real ones (paper, sec. 3.1, Eq. 5).

Form (1) compares all images of the batch with the whole training set. Form (2) compares by class,
in one of two ways: `per_class` is the paper's Eq. 5, each class's own moments against that class's
target; `batch_mixture` is what the published code does, the batch's moments against the mean of the
classes' targets over the batch's labels.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import SynthesiseConfig
from edc_core.synthesis.moments import FeatureLayout, Moments, NormGroup, pool_moments


@dataclass(frozen=True)
class Targets:
    """One observer's real moments: the whole set (1, S), each class (C, S), and each class within images."""

    all: Moments
    classes: Moments  # or each group of a class, (C x IPC, S)
    within: Moments  # the classes' variances without the part between images


def make_targets(
    statistics: dict[str, Tensor],
    layout: FeatureLayout,
    network: nn.Module,
    variance: str,
    groups: dict[str, Tensor] | None = None,
) -> Targets:
    """Matching targets of one observer; a BatchNorm layer's global target is its own running moments.

    Args:
        statistics: `ClassSums.finish()` of the classes, (C, S) each.
        layout: of the columns, S in all.
        network: the observer.
        variance: "class" (the true one) or "within_image" (the reference code's).
        groups: `ClassSums.finish()` of difficulty groups, (C x IPC, S) each, which replace the classes in Form (2).
    """
    mean, within = statistics["mean"], statistics["within"]
    true = within + statistics["between"]
    share = (statistics["count"] / statistics["count"].sum()).to(torch.float64)
    exact = mean.double()
    all_mean = share @ exact
    all_variance = share @ exact.sub_(all_mean).square_().add_(true)
    all_mean, all_variance = all_mean.float(), all_variance.float()
    modules, start = dict(network.named_modules()), 0
    for group in layout.groups:
        module = modules[layout.layers[group.layer]]
        if isinstance(module, nn.BatchNorm2d):
            all_mean[start : start + group.width] = module.running_mean.cpu()
            all_variance[start : start + group.width] = module.running_var.cpu()
        start += group.width
    if groups is not None:
        mean, within = groups["mean"], groups["within"]
        true = within + groups["between"]
    return Targets(
        Moments(all_mean[None], all_variance[None]),
        Moments(mean, true if variance == "class" else within),
        Moments(mean, within),
    )


class RunningMoments:
    """m <- a m + (1 - a) moment, its value with the current batch's gradient: m + moment - stopgrad(moment).

    The running value starts from the first batch; the reference code's `zero` start matches a shrunken
    target at first.
    """

    def __init__(self, momentum: float, start: str) -> None:
        self.momentum, self.from_zero = momentum, start == "zero"
        self.value: Moments | None = None

    def update(self, moments: Moments) -> Moments:
        """Update with the moments of M sets of images, two (M, S), the same sets each time; return the running ones."""
        now = Moments(moments.mean.detach(), moments.variance.detach())
        if self.value is None and not self.from_zero:
            self.value = now
        else:
            self.value = Moments(self._blended("mean", now), self._blended("variance", now))
        return Moments(self.value.mean + moments.mean - now.mean, self.value.variance + moments.variance - now.variance)

    def _blended(self, name: str, now: Moments) -> Tensor:
        moment = getattr(now, name)
        running = torch.zeros_like(moment) if self.value is None else getattr(self.value, name)
        return self.momentum * running + (1 - self.momentum) * moment

    def state(self) -> dict:
        return {} if self.value is None else {"mean": self.value.mean, "variance": self.value.variance}

    def restore(self, state: dict) -> None:
        kept = state.get("filled", slice(None))  # checkpoints of earlier versions hold a row for absent classes, too
        self.value = Moments(state["mean"][kept], state["variance"][kept]) if state else None


@dataclass(frozen=True)
class LayerLosses:
    """Matching loss per layer, unweighted: Form (1) and Form (2), two (L,)."""

    form1: Tensor
    form2: Tensor


class Matcher:
    """The matching loss of one observer, for one batch of images at a time."""

    def __init__(self, config: SynthesiseConfig, layout: FeatureLayout, targets: Targets, device: str) -> None:
        self.config, self.layout = config, layout
        self.targets = _moved(targets, device)
        self.device = device
        used = torch.tensor([self._is_used(group) for group in layout.groups])
        layer_of = torch.tensor([group.layer for group in layout.groups])
        layers = layer_of[used].unique()
        weight = torch.ones(len(layout.layers))
        weight[layers[:1]] = config.first_layer_weight
        self.weight = torch.where(torch.isin(torch.arange(len(weight)), layers), weight, 0.0).to(device)
        # Memberships as matrices, because sums by index are not deterministic on every device:
        # columns of one norm (S, G), and the norms that are used, by layer (G, L).
        self.group_of = F.one_hot(layout.owners()).float().to(device)
        self.layer_of = (F.one_hot(layer_of, len(weight)) * used[:, None]).float().to(device)
        self.reset()

    def _is_used(self, group: NormGroup) -> bool:
        if self.layout.is_norm[group.layer]:
            return True
        return self.config.match_convolutions and (group.kind == "channel" or self.config.match_patches)

    def reset(self) -> None:
        """Reset the running synthetic moments, for a new batch of images."""
        momentum, start = self.config.momentum, self.config.running_moments_init
        self.running = {name: RunningMoments(momentum, start) for name in ("all", "classes")}

    def loss(self, images: Moments, labels: Tensor, keep: Tensor) -> tuple[Tensor, LayerLosses]:
        """Matching loss (paper, Eq. 5): the sum over layers of w_l (alpha Form1 + (1 - alpha) Form2).

        The running moments are updated.

        Args:
            images: two (B, S), each image's moments.
            labels: (B,) classes, or groups where the targets are groups'; the same ones until `reset`.
            keep: (L,) of 0 and 1, the layers that take part in this iteration.

        Returns:
            The loss, a scalar with gradient, and each layer's part of it without weights, detached.
        """
        alpha = self.config.alpha
        everyone = torch.ones(1, len(labels), device=self.device)
        batch = pool_moments(images, everyone)
        running = self.running["all"].update(batch)
        form1 = self._layers(self._distance(running, self.targets.all)[0])
        form2 = self._category(images, running, labels) if alpha < 1 else torch.zeros_like(form1)
        loss = (self.weight * keep * (alpha * form1 + (1 - alpha) * form2)).sum()
        return loss, LayerLosses(form1.detach(), form2.detach())

    def _category(self, images: Moments, batch: Moments, labels: Tensor) -> Tensor:
        """Form (2) of each layer, (L,)."""
        classes = len(self.targets.classes.mean)
        member = F.one_hot(labels, classes).T.to(images.mean)
        share = member.sum(1) / len(labels)
        if self.config.category_form == "batch_mixture":
            target = Moments(share[None] @ self.targets.classes.mean, share[None] @ self.targets.classes.variance)
            return self._layers(self._distance(batch, target)[0])
        present = labels.unique()  # a few of a thousand classes: memory and time do not grow with the others
        member = member[present]
        between = self.config.category_variance == "class"
        own = self.running["classes"].update(pool_moments(images, member, between))
        # A single image has no spread between images, so its class's target has none either.
        alone = (member.sum(1) <= 1)[:, None]
        within, true = (moments.variance[present] for moments in (self.targets.within, self.targets.classes))
        target = Moments(self.targets.classes.mean[present], torch.where(alone, within, true))
        distance = self._distance(own, target)
        return self._layers(share[present] @ distance)

    def _distance(self, moments: Moments, target: Moments) -> Tensor:
        """Sum over the two kinds of moments of ||target - moment||_2 in each group of columns: (M, G)."""
        return self.norms(moments.mean - target.mean) + self.norms(moments.variance - target.variance)

    def norms(self, difference: Tensor) -> Tensor:
        """||.||_2 over each group's columns: (M, S) -> (M, G); the gradient at zero is zero."""
        squares = difference.square() @ self.group_of
        positive = squares > 0
        return torch.where(positive, torch.where(positive, squares, 1.0).sqrt(), 0.0)

    def _layers(self, groups: Tensor) -> Tensor:
        """(G,) norms to (L,) layers, unused groups left out."""
        return groups @ self.layer_of

    def state(self) -> dict:
        return {name: running.state() for name, running in self.running.items()}

    def state_copy(self) -> dict:
        """A copy of the running moments."""
        return {n: {k: v.clone() for k, v in running.state().items()} for n, running in self.running.items()}

    def restore(self, state: dict) -> None:
        for name, running in self.running.items():
            running.restore({key: value.to(self.device) for key, value in state[name].items()})


def _moved(targets: Targets, device: str) -> Targets:
    """The targets on a device."""

    def move(moments: Moments) -> Moments:
        return Moments(moments.mean.to(device), moments.variance.to(device))

    return Targets(move(targets.all), move(targets.classes), move(targets.within))
