"""EMA-based evaluation: averaged parameters and buffers against hand computation."""

import pytest
import torch
from torch import nn

from edc_core.training.ema import make_ema_model


def student_with(value: float) -> nn.Module:
    """A one-weight network with a BatchNorm whose every number is known."""
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1))
    set_to(network, value)
    return network


def set_to(network: nn.Module, value: float) -> None:
    with torch.no_grad():
        network[0].weight.fill_(value)
        network[0].bias.fill_(10 * value)
        network[1].weight.fill_(-value)
        network[1].running_mean.fill_(2 * value)
        network[1].running_var.fill_(3 * value)


def numbers(network: nn.Module) -> list[float]:
    norm = network[1]
    tensors = (network[0].weight, network[0].bias, norm.weight, norm.running_mean, norm.running_var)
    return [tensor.item() for tensor in tensors]


def test_the_first_update_copies():
    student = student_with(1.0)
    ema = make_ema_model(student, 0.9)
    set_to(student, 4.0)
    ema.update_parameters(student)
    assert numbers(ema.module) == numbers(student) == [4, 40, -4, 8, 12]


def test_later_updates_average_parameters_and_batchnorm_buffers_alike():
    student, value = student_with(1.0), 1.0
    ema = make_ema_model(student, 0.9)
    ema.update_parameters(student)
    for now in (3.0, -2.0, 5.0):
        set_to(student, now)
        ema.update_parameters(student)
        value = 0.9 * value + 0.1 * now
    assert value == pytest.approx(1.292)
    assert numbers(ema.module) == pytest.approx([value, 10 * value, -value, 2 * value, 3 * value], rel=1e-6)
    assert numbers(student) == [5, 50, -5, 10, 15]


def test_a_rate_of_zero_is_the_raw_student():
    student = student_with(1.0)
    ema = make_ema_model(student, 0.0)
    for now in (3.0, -2.0):
        set_to(student, now)
        ema.update_parameters(student)
    assert numbers(ema.module) == numbers(student)


@pytest.mark.parametrize("decay", [0.9, 0.96, 0.99])
def test_whole_numbers_stay_as_they_are(decay: float):
    """Swin-T's table of positions is a buffer; torch averages 57 with 57 to 56."""
    student = nn.Module()
    student.register_buffer("places", torch.arange(169))
    ema = make_ema_model(student, decay)
    for _ in range(3):
        ema.update_parameters(student)
    assert ema.module.places.tolist() == list(range(169))


def test_the_average_scores_with_its_own_buffers():
    student, images = student_with(1.0), torch.full((1, 1, 2, 2), 0.5)
    ema = make_ema_model(student, 0.5)
    ema.update_parameters(student)
    set_to(student, 3.0)
    ema.update_parameters(student)
    ema.eval()
    with torch.no_grad():
        output = ema(images)  # every number is that of value 2: conv 2 x + 20, BatchNorm -2 (h - 4) / sqrt(6)
    assert output.flatten().tolist() == pytest.approx([-2 * (21 - 4) / 6**0.5] * 4, rel=1e-4)


def test_the_average_goes_on_from_its_saved_state():
    student = student_with(1.0)
    ema, again = make_ema_model(student, 0.9), make_ema_model(student, 0.9)
    ema.update_parameters(student)
    again.load_state_dict(ema.state_dict())
    set_to(student, 3.0)
    for average in (ema, again):
        average.update_parameters(student)
    assert numbers(again.module) == numbers(ema.module) == pytest.approx([1.2, 12, -1.2, 2.4, 3.6])
