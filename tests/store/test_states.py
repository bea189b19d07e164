"""The states of runs: one list, and no bare words beside it."""

import ast
import re
from pathlib import Path

import edc_core
from edc_core.store.states import ALIVE_SQL, MatrixState, RunState

ROOT = Path(edc_core.__file__).parents[1]
NAMES = set(RunState) | set(MatrixState)
SQL = re.compile(r"state\s*(=|!=|IN)\s*\(?'\w")
OTHER_WORDS = ("phase.state", "submit(")  # a phase's state, what became of a submission


def test_a_run_that_waits_or_works_is_alive_and_what_ended_without_a_result_ended_early() -> None:
    assert [state for state in RunState if state.is_alive] == ["queued", "running", "not answering"]
    assert [state for state in RunState if state.ended_early] == ["failed", "cancelled", "interrupted"]
    assert ALIVE_SQL == "('queued', 'running')"


def _bare(tree: ast.AST) -> set[int]:
    """Lines where a state is compared with, passed to `finish` or put into SQL as a bare word."""
    found = set()
    for node in ast.walk(tree):
        words: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            words = [node.left, *node.comparators] if not ast.unparse(node.left).startswith(OTHER_WORDS) else []
            words += [part for side in words if isinstance(side, (ast.Tuple, ast.List, ast.Set)) for part in side.elts]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "finish":
            words = node.args
        elif isinstance(node, ast.Dict):
            keys = [key for key in node.keys if isinstance(key, ast.Constant)]
            words = keys if {key.value for key in keys} <= NAMES else []
        elif isinstance(node, (ast.Tuple, ast.Set)):
            words = node.elts if {word.value for word in node.elts if isinstance(word, ast.Constant)} <= NAMES else []
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value):
            found.add(node.lineno)
        found |= {word.lineno for word in words if isinstance(word, ast.Constant) and word.value in NAMES}
    return found


def test_no_module_spells_a_state_by_itself() -> None:
    bare = {
        f"{path.relative_to(ROOT)}:{line}"
        for folder in ("edc_core", "pages", "experiments")
        for path in (ROOT / folder).rglob("*.py")
        for line in _bare(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not bare, sorted(bare)
