"""Imports go downwards only, and what pages import never loads torch."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

ORDER = [  # bottom to top: a module imports from its own package and from those before it
    *("errors", "environment", "wording", "torch_utils", "networks", "config", "events", "console", "rng"),
    *("intervals", "stage_graph", "store", "design_space", "data", "training", "synthesis", "landscape", "pipeline"),
    *("doctor", "runs", "judging", "access", "ablation", "exchange", "jobs", "figures", "report", "performance"),
    *("api", "cli", "__main__"),
]
WITH_TORCH = {"torch_utils", "networks", "training", "synthesis", "landscape"}  # packages that load it, in part


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """All syntax nodes of a module, the module first."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(nodes: list[ast.AST]) -> set[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("edc_core"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("edc_core.")}
    return found - {"__version__"}


def test_imports_go_downwards_only() -> None:
    wrong = []
    for path in sorted((ROOT / "edc_core").rglob("*.py")):
        parts = path.relative_to(ROOT / "edc_core").with_suffix("").parts
        if parts == ("__init__",):
            continue
        for name in imported(nodes_of(path)):
            if ORDER.index(name) > ORDER.index(parts[0]):
                wrong.append(f"{'/'.join(parts)} imports {name}")
    assert not wrong


def test_every_package_has_its_place_in_the_order() -> None:
    folders = {
        path.stem for path in (ROOT / "edc_core").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert folders - {"__init__"} == set(ORDER)


def test_a_page_is_a_folder_and_no_script_lies_beside_them() -> None:
    assert not list((ROOT / "pages").glob("*.py"))


def test_no_test_imports_another() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("tests", "experiments")
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"from tests[\w.]*\btest_\w+ import", line)
    ]
    assert not wrong


def test_the_engine_neither_prints_nor_knows_streamlit() -> None:
    for path in (ROOT / "edc_core").rglob("*.py"):
        nodes = nodes_of(path)
        names = {alias.name.split(".")[0] for n in nodes if isinstance(n, ast.Import) for alias in n.names}
        names |= {(n.module or "").split(".")[0] for n in nodes if isinstance(n, ast.ImportFrom)}
        assert "streamlit" not in names, path
        assert "pickle" not in names, path
        if path.stem not in ("progress", "__main__") and path.parent.name != "cli":
            calls = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            assert "print" not in calls, path


def test_every_text_file_names_its_encoding() -> None:
    """Windows has another one, and so has Linux in some languages."""
    unnamed = []
    for path in [
        ROOT / "app.py",
        *(p for name in ("edc_core", "pages", "experiments") for p in (ROOT / name).rglob("*.py")),
    ]:
        for call in nodes_of(path):
            if isinstance(call, ast.Call) and is_of_text(call) and "encoding" not in {key.arg for key in call.keywords}:
                unnamed.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert not unnamed


def is_of_text(call: ast.Call) -> bool:
    """Whether a call reads or writes a file as text, as far as its names tell."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name != "open":
        return name in ("read_text", "write_text")
    binary = any(isinstance(word, ast.Constant) and "b" in str(word.value) for word in call.args)
    owner = getattr(getattr(call.func, "value", None), "id", "")
    return not binary and owner not in ("Image", "tarfile", "archive", "os", "self", "tab", "visitor")


def test_what_pages_import_loads_no_torch() -> None:
    """All that any page is made of, imports or loads ahead, and every package that is not of networks."""
    names = {
        node.module
        for path in (ROOT / "pages").rglob("*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("edc_core")
    }
    parts = [path for path in (ROOT / "pages").rglob("*.py") if path.name != "page.py"]  # which is run, not imported
    names |= {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in parts}
    names |= {f"edc_core.{name}" for name in ORDER if name not in WITH_TORCH | {"__main__"}}
    ahead = "from pages.shared.preload import PRELOADED_MODULES; [*map(importlib.import_module, PRELOADED_MODULES)]"
    code = f"import importlib, sys, {', '.join(sorted(names))}; {ahead}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


LONGEST_FILE, LONGEST_FUNCTION = 299, 49  # lines; a function's without its docstring


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return node.body[0].end_lineno - node.body[0].lineno + 1 if ast.get_docstring(node) is not None else 0


def test_files_and_functions_are_short() -> None:
    scripts = [
        ROOT / "app.py",
        *(path for name in ("edc_core", "pages", "experiments", "tests") for path in (ROOT / name).rglob("*.py")),
    ]
    wrong = []
    for path in scripts:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        if len(text.splitlines()) > LONGEST_FILE:
            wrong.append(str(name))
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1 - docstring_lines(node)
                if length > LONGEST_FUNCTION:
                    wrong.append(f"{name}: {node.name}")
    assert not wrong
