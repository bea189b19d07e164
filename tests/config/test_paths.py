"""Setting paths: one parser, types from the fields, and no literal in the source that leads nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edc_core.config.field_types import COMMITTEE, NETWORK
from edc_core.config.paths import EVERY_PRECISION, SettingPath, nest, read_values, split, with_changes
from edc_core.design_space.committees import COMMITTEES
from edc_core.design_space.compose import configure, parse_changes
from edc_core.design_space.presets import PRESETS, PROTOCOLS, SWITCHES
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import SettingsError
from tests.conftest import ROOT

EDC = configure("G", "fashion-mnist-mini", PROFILES["lab"], 10, 0)
# Literals of a stage's name, a dot and a word that are no settings: the Data page's widgets.
DATA_PAGE = re.compile(r"data\.(?!holdout$|train_per_class$)[a-z_]+")


def test_a_path_reads_and_replaces_a_setting() -> None:
    zeta = SettingPath.parse("evaluate.zeta")
    assert (zeta.stage, zeta.name, str(zeta)) == ("evaluate", "zeta", "evaluate.zeta")
    changed = zeta.set(EDC, 1.5)
    assert (zeta.get(EDC), zeta.get(changed)) == (2.0, 1.5)
    assert zeta.set(changed, 2.0) == EDC
    assert SettingPath.parse("ipc").get(SettingPath.parse("ipc").set(EDC, 3)) == 3


def test_a_value_is_that_of_the_field() -> None:
    assert SettingPath.parse("evaluate.students").set(EDC, ["wrn-10-1"]).evaluate.students == ("wrn-10-1",)
    for path, value in (("evaluate.zeta", "much"), ("evaluate.zeta", float("nan")), ("synthesise.flatness", "flat")):
        with pytest.raises(SettingsError, match=rf"^{path} is {value!r}, but"):
            SettingPath.parse(path).set(EDC, value)


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("synthesise.alpa", "did you mean 'synthesise.alpha'?"),
        ("evaluate.epochs", "did you mean 'squeeze.epochs' or 'views.epochs'?"),
        ("evalaute.zeta", "did you mean 'evaluate.zeta'?"),
        ("relabel.xyz", "choose one of relabel.labels, relabel.observers,"),
        ("evaluate.zeta.more", "did you mean 'evaluate.zeta'?"),
        ("", "choose one of"),
    ],
)
def test_a_wrong_path_is_refused_with_the_nearest(wrong: str, nearest: str) -> None:
    with pytest.raises(SettingsError, match=f"^setting '{re.escape(wrong)}' is unknown: {re.escape(nearest)}"):
        SettingPath.parse(wrong)
    assert SettingPath.find(wrong) is None


def test_types_are_the_fields_own() -> None:
    """No name of a setting tells its type: what names networks is marked so."""
    of = SettingPath.parse
    listed = ("synthesise.observers", "relabel.observers", "evaluate.students")
    every = [of(path) for path in read_values(EDC) if "." in path]
    assert {str(path) for path in every if path.is_list} == set(listed)
    assert [of(path).names for path in listed] == [COMMITTEE, COMMITTEE, NETWORK]
    assert of("initialise.scorer").names == NETWORK
    assert not of("initialise.scorer").is_list
    assert of("initialise.single_class").holds_text
    assert of("initialise.single_class").names is None
    assert not of("synthesise.flatness").holds_text  # one of a list of options
    assert not of("evaluate.zeta").holds_text
    assert of("views.epochs").optional
    assert not of("views.batch_size").optional
    assert of("score.split").options == ("val", "test")


def test_changes_are_laid_over_nested_settings() -> None:
    settings = EDC.model_dump(mode="json")
    changed = with_changes(settings, {"evaluate.zeta": 1.5, "ipc": 2})
    assert changed["evaluate"] == settings["evaluate"] | {"zeta": 1.5}
    assert (changed["ipc"], settings["ipc"]) == (2, 10)
    assert nest({"ipc": 1, "views.epochs": 3, "views.flip": False}) == {
        "ipc": 1,
        "views": {"epochs": 3, "flip": False},
    }
    for change in (with_changes, lambda _, values: nest(values)):
        with pytest.raises(SettingsError, match=r"setting 'views\.epoch' is unknown: did you mean 'views\.epochs'"):
            change(settings, {"views.epoch": 3})


def test_settings_of_another_version_are_split_too() -> None:
    assert split("squeeze.gone") == ("squeeze", "gone")
    assert split("ipc") == ("", "ipc")


def test_a_list_of_networks_is_typed_with_commas() -> None:
    assert parse_changes(
        ["evaluate.students=wrn-10-1,resnet18", "relabel.observers=@cifar-10", "initialise.single_class=3"]
    ) == {
        "evaluate.students": ["wrn-10-1", "resnet18"],
        "relabel.observers": ["@cifar-10"],
        "initialise.single_class": "3",
    }


def test_every_path_of_the_data_tables_is_a_setting() -> None:
    tables = [*SWITCHES.values()]
    paths = {path for choice in tables for path in choice.paths}
    paths |= {path for preset in PRESETS.values() for path in preset.overrides}
    paths |= {path for _, overrides, *_ in PROTOCOLS.values() for path in overrides}
    for table in PROFILES.values():
        groups = (table.base, table.by_ipc(10), *table.on.values(), *table.off.values())
        paths |= {path for group in groups for path in group}
    paths |= {entry.squeezed.partition("=")[0] for entry in COMMITTEES.values()}
    assert len(paths) > 60
    for path in paths:
        assert str(SettingPath.parse(path)) == path


def literals() -> Iterator[tuple[Path, str]]:
    """Every literal of the source of the form word.word whose first word is a stage's."""
    stages = {split(path)[0] for path in read_values(EDC)} - {""}
    looks_like_one = re.compile(rf"(?:{'|'.join(stages)}|device)\.[a-z_]+")
    folders = ("edc_core", "pages", "experiments", "tests")
    for path in (found for folder in folders for found in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and looks_like_one.fullmatch(node.value):
                yield path, node.value


# Files of a stage's name, and wrong paths that tests try.
NO_SETTINGS = {"statistics.safetensors", "score.json", "data.zip"}
WRONG_ON_PURPOSE = {"synthesise.alpa", "evaluate.zta", "evaluate.epochs", "relabel.xyz", "views.epoch", "squeeze.gone"}


def test_every_literal_path_in_the_source_is_a_setting() -> None:
    found = list(literals())
    known = [text for _, text in found if SettingPath.find(text)]
    assert len(known) > 500
    assert len(set(known)) > 80
    odd = {
        f"{path.relative_to(ROOT)}: {text}"
        for path, text in found
        if not SettingPath.find(text)
        and text not in (EVERY_PRECISION, *NO_SETTINGS)
        and not (text in WRONG_ON_PURPOSE and path.is_relative_to(ROOT / "tests"))
        and not DATA_PAGE.fullmatch(text)
    }
    assert not odd
    assert {text for _, text in found} >= WRONG_ON_PURPOSE  # none is on the list for nothing
