"""Imports go downwards only, and what pages import never loads torch."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

FLOORS = [
    {"errors", "environment", "rng", "events", "device", "catalogue", "settings", "colours", "glyphs", "pooling"}
    | {"streams"}
    | {"imagenet", "committees", "resampling", "recorded"},
    {"config", "plan", "landscape_plan", "choice", "paper", "choices", "choices_beyond", "design_space", "tables"}
    | {"configure"},
    {"data", "augment", "backbones", "library_networks", "ready_weights", "schedules", "ema", "store"} | {"frozen"},
    {"moments", "matching", "draws", "initialise", "flatness", "labels", "stored_labels", "synthesis", "residual"}
    | {"difficulty"}
    | {"nearest", "pictures", "landscape", "sharpness"},
    {"stages"},
    {"tasks", "preparing", "pipeline", "observers", "merging", "landscapes", "surveys", "doctor"},
    {"starting"},
    {"progress", "figures_judge", "figures_students", "miniatures", "forecast", "jobs", "judging", "given"}
    | {"workload", "ablation", "costs", "calibration", "probing", "probing_steps", "live_charts", "scores", "bench"}
    | {"measured"},
    {"overview", "comparison", "duel", "repeat", "figures_race", "figures_runs", "figures_data"}
    | {"figures_narrow", "imported_row"}
    | {
        "condensed",
        "bundle",
        "exchange",
        "exporting",
        "importing",
        "figures_gallery",
        "findings",
        "verdicts",
        "partners",
        "tidy",
        "paper_tables",
        "report",
    }
    | {
        "figures_ablation",
        "figures_effects",
        "figures_ladder",
        "figures_pareto",
        "figures_landscape",
        "figures_sharpness",
    },
    {"cli", "__main__"},
]
WITHOUT_TORCH = (
    "config",
    "configure",
    "design_space",
    "plan",
    "data",
    "store",
    "preparing",
    "pipeline",
    "starting",
    "given",
    "live_charts",
    "figures_judge",
    "figures_students",
    "judging",
    "ablation",
    "merging",
    "scores",
    "landscape_plan",
    "landscapes",
    "surveys",
    "observers",
    "tasks",
    "figures_landscape",
    "figures_sharpness",
    "overview",
    "comparison",
    "duel",
    "repeat",
    "figures_race",
    "figures_runs",
    "figures_data",
    "condensed",
    "bundle",
    "exchange",
    "exporting",
    "importing",
    "figures_gallery",
    "findings",
    "verdicts",
    "tidy",
    "paper_tables",
    "report",
    "figures_ablation",
    "doctor",
    "cli",
)


def floor_of(module: str) -> int:
    return next(number for number, names in enumerate(FLOORS) if module in names)


def imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
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
        for name in imported(ast.parse(path.read_text())):
            if floor_of(name) > floor_of(parts[0]):
                wrong.append(f"{'/'.join(parts)} imports {name}")
    assert not wrong


def test_the_engine_neither_prints_nor_knows_streamlit() -> None:
    for path in (ROOT / "edc_core").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = {alias.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert "streamlit" not in names, path
        assert "pickle" not in names, path
        if path.stem not in ("progress", "__main__") and path.parent.name != "cli":
            calls = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            assert "print" not in calls, path


def test_every_text_file_names_its_encoding() -> None:
    """Windows has another one, and so has Linux in some languages."""
    unnamed = []
    for path in [
        ROOT / "app.py",
        *(p for name in ("edc_core", "pages", "assets") for p in (ROOT / name).rglob("*.py")),
    ]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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
    return not binary and owner not in ("Image", "tarfile", "archive", "os")


def test_pages_can_plan_and_read_the_store_without_torch() -> None:
    modules = ", ".join(f"edc_core.{name}" for name in WITHOUT_TORCH)
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
