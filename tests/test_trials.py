"""The trials of tests/trials: their runner names what fails and what says nothing, and they import no part of ours."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

TRIALS = ROOT / "tests" / "trials"
SCRIPTS = sorted(TRIALS.rglob("*.py"))
SAYS = {
    "10_good": "print('a word before'); print('OK   it is so')",
    "11_bad": "import sys; print('FAIL it is not so'); sys.exit(1)",
    "12_broken": "import a_module_that_was_moved",
    "20_good": "print('OK   it is so')",
}


def run(folder: Path, *words: str) -> tuple[int, list[str]]:
    command = [sys.executable, str(TRIALS / "all"), "--in", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SAYS.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def test_what_says_nothing_is_named_apart_from_what_fails(folder: Path) -> None:
    status, lines = run(folder)
    assert status == 1
    assert [line.split()[:2] for line in lines[:3]] == [["10_good", "OK"], ["11_bad", "FAIL"], ["12_broken", "SILENT"]]
    assert lines[-2:] == ["said nothing: 12_broken", "2 OK, 1 FAIL, 1 silent"]


def test_a_beginning_chooses_and_silence_alone_is_no_success(folder: Path) -> None:
    assert run(folder, "20") == (0, [f"{'20_good':28} OK   it is so", "1 OK, 0 FAIL, 0 silent"])
    assert run(folder, "12")[0] == 1
    assert run(folder, "11")[0] == 1
    assert run(folder, "no such")[0] == 1


def test_the_real_ones_are_found_by_the_runner() -> None:
    assert len(SCRIPTS) > 45
    status, lines = run(TRIALS, "kin_l")
    assert len(lines) == 2
    assert lines[0].split()[1] in ("OK", "FAIL")
    assert status == (lines[0].split()[1] == "FAIL")


def imported(script: Path) -> set[str]:
    """The packages that a script imports, and relative imports as a dot."""
    found = set()
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add("." if node.level else node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_trial_imports_its_helpers_and_no_part_of_the_project(script: Path) -> None:
    own = {"edc_core", "pages", "tests", "assets", "app", ".", "importlib", "runpy", "pytest"}
    assert not imported(script) & own
    if script.parent == TRIALS:
        assert "helpers" in imported(script)
        assert ast.get_docstring(ast.parse(script.read_text(encoding="utf-8")))
        assert not script.name.startswith("test_")
