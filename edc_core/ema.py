"""Averaged weights for EMA-based evaluation: parameters and BatchNorm buffers alike."""

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def averaged(student: nn.Module, decay: float) -> AveragedModel:
    """The student's exponential moving average; the first update copies it.

    torch's class, with buffers: the reference code leaves BatchNorm's buffers behind, and so scores a
    network that never existed.
    """
    return AveragedModel(student, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
