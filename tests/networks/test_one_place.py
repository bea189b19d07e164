"""All that follows from a network's name stands in the catalogue; other code names networks only as data."""

import ast
import re

import pytest

from edc_core.networks.builders import build
from edc_core.networks.catalogue import FAMILIES, probes, work_of
from edc_core.networks.runtime import chosen_precision
from edc_core.performance.costs import Costs, nearest, table
from tests.conftest import ROOT

# Data: the profiles' and committees' numbers, networks that a benchmark or the forecast's warm-up measures, an
# observer that a cure proposes, the example of a student's name.
DATA = re.compile(
    r"edc_core/(networks/.*|design_space/.*|performance/bench/.*|performance/measure_costs|cli/bench"
    r"|config/evaluate|doctor/__init__|stage_graph|api/.*|api)(\.py)?"
)


def test_no_other_code_decides_by_a_network_s_name() -> None:
    files = (entry for folder in ("edc_core", "pages") for entry in (ROOT / folder).rglob("*.py"))
    code = {path.relative_to(ROOT).as_posix(): path for path in files}
    named = [
        f"{own}:{node.lineno}: {node.value}"
        for own, path in code.items()
        if not DATA.fullmatch(own)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _names_one(node.value)
    ]
    assert not named


def _names_one(text: str) -> bool:
    """Whether a literal is a family's name, or a network's."""
    return text in FAMILIES or any(entry.match(text) for entry in FAMILIES.values())


def test_an_entry_says_builder_precision_speed_and_stand_in() -> None:
    measured = {name for name, entry in FAMILIES.items() if any(entry.match(known) for known in table())}
    for family, entry in FAMILIES.items():
        assert callable(entry.builder) or re.fullmatch(r"\w+:\w+", entry.builder)
        assert (entry.stand_in is None) == (family in measured)  # of a stand-in, or of its own measurements
        assert (family in probes()) == (family in measured)
        assert chosen_precision("auto", entry.example, "cuda", True) == "bfloat16"
        assert (chosen_precision("auto", entry.example, "cpu", True) == "bfloat16") == entry.fast_in_bfloat16


def test_work_grows_with_width_and_depth() -> None:
    for narrow, wide in (
        ("convnet-d3-w32", "convnet-d3-w64"),
        ("convnet-d2-w64", "convnet-d3-w64"),
        ("wrn-10-1", "wrn-10-2"),
        ("wrn-10-2", "wrn-16-2"),
        ("resnet18-w16", "resnet18"),
        ("resnet50", "resnet101"),
        ("mobilenetv2-0.25", "mobilenetv2-0.5"),
    ):
        assert work_of(narrow) < work_of(wide)
    assert work_of("resnet18") == 64**2


@pytest.mark.parametrize(("name", "seconds", "weights"), [("resnet50", 2.7, 2.1), ("swin-t", 2.2, 2.5)])
def test_a_network_that_was_not_measured_takes_its_stand_in_s_costs(name: str, seconds: float, weights: float) -> None:
    assert nearest(name, "train") == ("resnet18", pytest.approx(seconds))
    assert nearest(name, "weights") == ("resnet18", pytest.approx(weights))
    assert Costs(3, 32).seconds("train", name, 25) > 0


def test_a_builder_may_be_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    def linear(channels: int, size: int, classes: int, width: int = 1):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(channels * size**2, classes * width))

    monkeypatch.setitem(FAMILIES, "resnet18", replace(FAMILIES["resnet18"], builder=linear))
    assert sum(tensor.numel() for tensor in build("resnet18-w2", 1, 8, 3).parameters()) == 65 * 6
