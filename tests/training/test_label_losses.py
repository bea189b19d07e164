"""Committee logits and the students' losses, in NumPy float64 by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from edc_core.config import EvaluateConfig
from edc_core.networks.runtime import Runtime
from edc_core.training.committee import Committee
from edc_core.training.label_losses import LOSSES, LossInputs, ce, kl, mse_gt
from edc_core.training.views import CutMix

LOGITS = torch.tensor([[1.0, -2.0, 0.5], [0.3, 0.2, 3.0], [-1.0, 4.0, 0.0], [2.0, 2.0, -1.0]])
SOFT = torch.tensor([[5.0, -20.0, 1.0], [0.0, 3.0, 30.0], [2.0, 9.0, -4.0], [-7.0, 11.0, 1.0]])
LABELS = torch.tensor([0, 2, 1, 0])
MIX = CutMix(torch.tensor([2, 3, 1, 0]), top=0, bottom=3, left=0, right=10, share=0.7)


def log_softmax(z: torch.Tensor) -> np.ndarray:
    z = z.double().numpy()
    return z - np.log(np.exp(z).sum(1, keepdims=True))


def cross_entropy(labels: torch.Tensor) -> float:
    return -log_softmax(LOGITS)[np.arange(4), labels.numpy()].mean()


@pytest.mark.parametrize("cutmix", [None, MIX])
def test_mse_gt_adds_cross_entropy_on_the_unmixed_class_even_under_cutmix(cutmix):
    expected = ((LOGITS - SOFT).double().numpy() ** 2).mean() + 0.025 * cross_entropy(LABELS)
    found = mse_gt(LossInputs(LOGITS, LABELS, SOFT, cutmix), EvaluateConfig())
    assert found.item() == pytest.approx(expected, rel=1e-6)


def test_mse_gt_takes_the_weight_of_its_cross_entropy_from_the_settings():
    batch = LossInputs(LOGITS, LABELS, SOFT, None)
    more, none = (mse_gt(batch, EvaluateConfig(ce_weight=weight)).item() for weight in (2.0, 0.0))
    assert more - none == pytest.approx(2 * cross_entropy(LABELS), rel=1e-5)


@pytest.mark.parametrize("temperature", [20.0, 3.0])
def test_kl_is_committee_to_student_at_one_temperature_averaged_over_the_batch(temperature):
    student, teacher = log_softmax(LOGITS / temperature), log_softmax(SOFT / temperature)
    expected = (np.exp(teacher) * (teacher - student)).sum() / 4
    other_way = (np.exp(student) * (student - teacher)).sum() / 4
    config = EvaluateConfig(loss="kl", temperature=temperature)
    loss = kl(LossInputs(LOGITS, LABELS, SOFT, MIX), config).item()
    assert loss == pytest.approx(expected, rel=1e-5)
    assert loss != pytest.approx(other_way, rel=1e-2)


def test_ce_is_plain_without_cutmix():
    assert ce(LossInputs(LOGITS, LABELS, None, None), EvaluateConfig()).item() == pytest.approx(cross_entropy(LABELS))


def test_ce_is_mixed_by_area_under_cutmix():
    expected = 0.7 * cross_entropy(LABELS) + 0.3 * cross_entropy(torch.tensor([1, 0, 2, 0]))
    loss = ce(LossInputs(LOGITS, LABELS, None, MIX), EvaluateConfig(loss="ce")).item()
    assert loss == pytest.approx(expected, rel=1e-6)
    assert loss != pytest.approx(cross_entropy(LABELS), rel=1e-2)


@pytest.mark.parametrize("name", ["mse_gt", "kl", "ce", "cosine"])
def test_every_loss_teaches_the_student(name):
    logits = LOGITS.clone().requires_grad_()
    loss = LOSSES[name](LossInputs(logits, LABELS, SOFT, MIX), EvaluateConfig(loss=name))
    loss.backward()
    assert loss.dim() == 0
    assert (logits.grad != 0).all()


class Constant(nn.Module):
    """Gives one row of logits for every image."""

    def __init__(self, row: list[float]) -> None:
        super().__init__()
        self.row = nn.Parameter(torch.tensor(row))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.row * images.mean((1, 2, 3))[:, None]


def test_a_committee_labels_with_the_mean_of_its_logits_and_leaves_no_gradient():
    values = ([3.0, 0.0], [0.0, 6.0], [3.0, 3.0])
    members = {f"wrn-10-{number}": Constant(logits) for number, logits in enumerate(values, 1)}
    committee = Committee(members, Runtime("cpu", 1, dict.fromkeys(members, "float32")))
    images = torch.tensor([1.0, 2.0]).view(2, 1, 1, 1).expand(2, 3, 4, 4)
    logits = committee(images)
    assert logits.tolist() == [[2, 3], [4, 6]]
    assert not logits.requires_grad


def test_a_committee_in_bfloat16_still_gives_float32_logits():
    committee = Committee(
        {"wrn-10-1": nn.Sequential(nn.Flatten(), nn.Linear(4, 2))}, Runtime("cpu", 1, {"wrn-10-1": "bfloat16"})
    )
    assert committee(torch.ones(3, 1, 2, 2)).dtype == torch.float32
