"""What the documents say can be followed: links, files, headings, commands with their options, settings, modules."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from edc_core.cli import app
from edc_core.config import RunConfig
from edc_core.design_space.compose import configure, parse_changes
from edc_core.design_space.profiles import LAB
from edc_core.errors import SettingsError
from edc_core.performance.bench.markdown_sections import anchor, checked_section, headings, with_contents
from experiments.results_table import title
from tests.conftest import ROOT

README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "assets/paper/README.md")
NAMED = re.compile(r"(?<![\w/.])(?:docs|assets|tests|edc_core|pages)/[\w./-]*\w/?")


def commands(text: str) -> list[list[str]]:
    """The words of every `python -m ...` in a document, remarks and brackets left out."""
    lines = [line.partition(" #")[0] for line in re.sub(r"\\\n", " ", text).splitlines() if line.startswith("python")]
    found = [*lines, *re.findall(r"`(python\s-m\s[^`]+)`", text)]
    return [shlex.split(part.replace("[", "").replace("]", "")) for line in found for part in _alternatives(line)]


def _alternatives(line: str) -> list[str]:
    first, *others = line.split(" | ")
    return [first, *(f"python -m edc_core {other}" for other in others)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_links_and_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    own = [anchor(name) for name in re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)]
    assert len(own) == len(set(own))  # else a link to one of them leads to another
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in own
        elif "://" not in target:
            assert (path.parent / target).exists(), target
    missing = [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_list_of_contents_names_the_headings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert with_contents(text) == text, (
        "the list is not as its headings are: edc_core.performance.bench.markdown_sections.with_contents"
    )
    assert len(headings(text)) < 9 or "<!-- contents -->" in text


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_in_a_document_have_their_options(path: Path) -> None:
    known = get_command(app).commands
    for words in commands(path.read_text(encoding="utf-8")):
        if words[1:2] != ["-m"]:
            continue
        if words[2] != "edc_core":
            assert words[2] == "pytest" or (ROOT / f"{words[2].replace('.', '/')}.py").is_file(), words
            continue
        options = {name for one in known[words[3]].params for name in (*one.opts, *one.secondary_opts)}
        assert {word for word in words[4:] if word.startswith("--")} <= options, words


def test_settings_in_the_readme_are_settings() -> None:
    pairs = re.findall(r"--set ([a-z]+\.[a-z_]+)=([\w@.-]+)", README.read_text(encoding="utf-8"))
    assert pairs
    for path, value in pairs:
        if re.fullmatch("[A-Z]+", value):  # NAME, N: what somebody puts in
            assert path.partition(".")[2] in RunConfig.model_fields[path.partition(".")[0]].annotation.model_fields
            continue
        configure("G", "fashion-mnist-mini", LAB, 10, 0, changes=parse_changes([f"{path}={value}"]))


def test_the_readme_names_every_module_and_every_variable() -> None:
    text = README.read_text(encoding="utf-8")
    tree = text.partition("edc_core/\n")[2].partition("\nassets/")[0]
    firsts = [re.match(r"\s*((?:[\w*]+/?, ?)*[\w*]+)", line)[1] for line in tree.splitlines()]
    named = {name.strip("/") for first in firsts for name in first.split(", ")}
    inside = {path.stem for path in (ROOT / "edc_core").glob("[a-z]*") if path.suffix == ".py" or path.is_dir()}
    assert {name for name in inside if not name.startswith("figures_")} == named - {"figures_*"}
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "edc_core").rglob("*.py"))
    read = set(re.findall(r'environ(?:\.get\(|\[)"(EDC_\w+)"', code)) - {"EDC_WORKER_DEVICES"}  # the app's own
    assert len(read) > 10
    assert read <= set(re.findall(r"EDC_\w+", text))


def test_tables_of_other_lengths_have_other_headings() -> None:
    runs = [configure("G", "fashion-mnist-mini", LAB, ipc, 0) for ipc in (1, 10)]
    short = configure("G", "fashion-mnist-mini", LAB, 10, 0, "hard", {"squeeze.epochs": 5, "views.epochs": 75})
    assert title(runs, "x") == "Results on x, IPC 1, 10: observers of 10 epochs, students of 1000 epochs, 300 epochs"
    assert title([short], "x") == "Results on x, IPC 10, protocol hard: observers of 5 epochs, students of 75 epochs"


def test_contents_follow_a_heading_that_changes() -> None:
    text = "# T\n\n<!-- contents -->\n<!-- /contents -->\n\n## One, and `two`\n\n```\n## no heading\n```\n"
    listed = with_contents(text)
    assert "<!-- contents -->\n- [One, and `two`](#one-and-two)\n<!-- /contents -->" in listed
    assert with_contents(listed.replace("## One, and `two`", "## It's 2")).count("- [It's 2](#its-2)") == 1
    assert with_contents("## One\n") == "## One\n"
    with pytest.raises(SettingsError, match="--section is 'contents', where a document's headings are listed"):
        checked_section("contents")
