"""Averaged weights for EMA-based evaluation: parameters and BatchNorm buffers alike."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def make_ema_model(student: nn.Module, decay: float) -> AveragedModel:
    """Exponential moving average of the student's weights and buffers; the first update copies them.

    The reference code does not average BatchNorm's buffers, and so scores weights with another network's statistics.
    """
    return AveragedModel(student, multi_avg_fn=_average_of_numbers(decay), use_buffers=True)


def _average_of_numbers(decay: float) -> Callable[[list[Tensor], list[Tensor], Tensor], None]:
    """torch's EMA, except that integer buffers are copied.

    torch truncates averaged integers: an index of Swin-T's relative-position table would drop by one.
    """
    blend = get_ema_multi_avg_fn(decay)

    @torch.no_grad()
    def average(own: list[Tensor], students: list[Tensor], updates: Tensor) -> None:
        if own[0].is_floating_point():
            blend(own, students, updates)
        else:
            for mine, theirs in zip(own, students, strict=True):
                mine.copy_(theirs)

    return average
