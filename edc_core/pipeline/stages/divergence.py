"""Divergence of a training: judged by the state that it left, never by how it got there.

A high loss says nothing: a wide ConvNet's rises a hundredfold in its first steps, and then it learns.
"""

import math

from torch import nn

GROWN = 1000  # times the largest weight that a network began with; at the tables' rates twice was not reached
ERRORS = 3  # standard errors of an accuracy, within which it may be chance


def is_finite(network: nn.Module) -> bool:
    """Whether all weights and buffers are finite; once one is not, it stays so."""
    return all(tensor.isfinite().all().item() for tensor in network.state_dict().values())


def largest(network: nn.Module) -> float:
    """Largest absolute weight."""
    return max(weight.detach().abs().max().item() for weight in network.parameters())


def guessing(classes: int) -> float:
    """Cross-entropy of uniform guessing, in nats."""
    return math.log(classes)


def at_chance(top1: float, images: int, classes: int) -> bool:
    """Whether an accuracy in percent is within chance, over `images` images, equally many of each class."""
    chance = 1 / classes
    return top1 / 100 <= chance + ERRORS * math.sqrt(chance * (1 - chance) / images)
