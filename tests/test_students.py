"""A student's network and seed: fields of its stages, and packed into text in one place alone."""

import ast

import pytest

from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import SettingsError
from edc_core.landscape.config import landscape_config, landscape_node
from edc_core.stage_graph import Student, build_stage_graph
from tests.conftest import ROOT

CONFIG = configure(
    "G", "fashion-mnist-mini", PROFILES["tiny"], 2, 3, changes={"evaluate.students": ["wrn-10-1", "resnet18-w4"]}
)
NODES = build_stage_graph(CONFIG, "0" * 24)


def test_stages_of_a_student_hold_its_network_and_seed() -> None:
    for stage in ("evaluate", "score"):
        found = [node for node in NODES if node.stage == stage]
        assert [node.student for node in found] == [Student("wrn-10-1", 3), Student("resnet18-w4", 3)]
        assert [node.name for node in found] == ["wrn-10-1/3", "resnet18-w4/3"]  # as plans are stored
    assert {node.student for node in NODES if node.stage not in ("evaluate", "score")} == {None}
    with pytest.raises(ValueError, match="stage synthesise '' is of no student"):
        _ = next(node for node in NODES if node.stage == "synthesise").trained_student


def test_a_question_is_about_a_student() -> None:
    asked = landscape_node(CONFIG, "0" * 24, NODES, landscape_config(kind="slice"), Student("resnet18-w4", 3))
    assert (asked.student, asked.name) == (Student("resnet18-w4", 3), "slice resnet18-w4/3")
    assert asked.settings.cost_name(asked.student) == "landscape slice resnet18-w4"
    with pytest.raises(SettingsError, match="student 'wrn-10-1/4' is none of this run's: choose wrn-10-1/3, resnet"):
        landscape_node(CONFIG, "0" * 24, NODES, landscape_config(kind="slice"), Student("wrn-10-1", 4))


def test_text_is_read_back_or_refused() -> None:
    assert Student.parse(str(Student("convnet-d3-w32", 12))) == Student("convnet-d3-w32", 12)
    assert Student.parse_optional("") is None
    for wrong in ("resnet18", "resnet18/", "/3", "resnet18/-1", "resnet18/one", "resnet18/²"):
        with pytest.raises(SettingsError, match="is not of the form network/seed"):
            Student.parse(wrong)


def test_a_students_text_is_taken_apart_in_one_place() -> None:
    """No other code splits at the last slash: what it needs are the fields."""
    found = set()
    for path in (entry for folder in ("edc_core", "pages", "experiments") for entry in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rsplit":
                found.add(str(path.relative_to(ROOT)))
    assert not found
