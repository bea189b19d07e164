"""What the documents say can be followed: links, files, headings, commands with their options, settings, packages."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.main import get_command

from edc_core.cli import app
from edc_core.config.paths import EVERY_PRECISION, SettingPath
from edc_core.design_space.compose import configure, parse_changes
from edc_core.design_space.profiles import LAB
from edc_core.errors import SettingsError
from edc_core.performance.bench.markdown_sections import anchor, checked_section, headings, with_contents
from experiments.results_table import title
from pages.shared.page_frame import ROUTED
from tests.conftest import ROOT

README = ROOT / "README.md"
CLI, ARCHITECTURE, EXTENDING = (ROOT / f"docs/{name}.md" for name in ("cli", "architecture", "extending"))
EXPERIMENTS = ROOT / "experiments" / "README.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", EXTENDING.read_text(encoding="utf-8"), re.M | re.S)
PLACES = ("", "docs", "experiments", "assets/paper", "tests/fixture_store", "tests/trials")
DOCUMENTS = [path for place in PLACES for path in sorted((ROOT / place).glob("*.md"))]
NAMED = re.compile(r"(?<![\w/.])(?:docs|assets|experiments|tests|edc_core|pages)/[\w./-]*\w/?")
LINK = re.compile(r"\]\(([^)\s]+)\)")
OUTSIDE = re.compile(
    r"\.\./|(?<![\w.:/])/(?:home|root|work|mnt|media|tmp|Users)\b|\b[A-Z]:\\"
)  # a folder of some machine
LONGEST_README, MOST_WORDS = 120, 6
MODULES = ("pytest", "pip", "venv")  # that a document may run with python -m and that are not the project's
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def anchors(path: Path) -> list[str]:
    """What links to a document's headings end in."""
    text = without_blocks(path.read_text(encoding="utf-8"))
    return [anchor(name) for name in re.findall(r"^#+ (.+)$", text, re.M)]


def without_blocks(text: str) -> str:
    """A document's prose, fenced blocks left out."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def commands(text: str) -> list[list[str]]:
    """The words of every `python ...` in a document, remarks and brackets left out."""
    lines = [line.partition(" #")[0] for line in re.sub(r"\\\n", " ", text).splitlines() if line.startswith("python ")]
    found = [*lines, *re.findall(r"`(python\s[^`]+)`", without_blocks(text))]
    return [shlex.split(part.replace("[", "").replace("]", "")) for line in found for part in _alternatives(line)]


def _alternatives(line: str) -> list[str]:
    first, *others = line.split(" | ")
    return [first, *(f"python -m edc_core {other}" for other in others)]


@every_document
def test_what_a_document_links_and_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if "://" in target:
            continue
        place, _, heading = target.partition("#")
        linked = (path.parent / place).resolve() if place else path
        assert linked.exists(), target
        assert linked.is_relative_to(ROOT), target
        assert not heading or anchors(linked).count(heading) == 1, target  # of two, the link leads to the first
    missing = [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    assert not missing


@every_document
def test_no_document_names_a_folder_outside_the_project(path: Path) -> None:
    text = LINK.sub("]", path.read_text(encoding="utf-8"))
    assert not [line for line in text.splitlines() if OUTSIDE.search(line)]


def test_the_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST_README


@every_document
def test_a_list_of_contents_names_the_headings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert with_contents(text) == text, (
        "the list is not as its headings are: edc_core.performance.bench.markdown_sections.with_contents"
    )
    short = len(headings(text)) < 9 or len(text.splitlines()) <= LONGEST_README
    assert short or "<!-- contents -->" in text


@every_document
def test_commands_in_a_document_have_their_options(path: Path) -> None:
    known = get_command(app).commands
    for words in commands(path.read_text(encoding="utf-8")):
        if words[1:2] != ["-m"]:
            assert (ROOT / words[1]).exists(), words
            continue
        if words[2] != "edc_core":
            assert words[2] in MODULES or (ROOT / f"{words[2].replace('.', '/')}.py").is_file(), words
            continue
        if not words[3:] or words[3].startswith("--"):
            assert words[3:] in ([], ["--help"]), words
            continue
        options = {name for one in known[words[3]].params for name in (*one.opts, *one.secondary_opts)}
        assert {word for word in words[4:] if word.startswith("--")} <= options | {"--help"}, words


def test_settings_in_documents_are_settings() -> None:
    pairs = re.findall(r"--set\s+([a-z]+\.[a-z_]+)=([\w@.-]+)", CLI.read_text(encoding="utf-8"))
    assert len(pairs) > 8
    for path, value in pairs:
        if path == EVERY_PRECISION:  # of every stage: no setting of its own
            continue
        if re.fullmatch("[A-Z]+", value):  # NAME, N: what somebody puts in
            assert SettingPath.parse(path).field
            continue
        configure("G", "fashion-mnist-mini", LAB, 10, 0, changes=parse_changes([f"{path}={value}"]))


def tree() -> dict[str, set[str]]:
    """The folders of docs/architecture.md's tree with what is named in each, one level deep; no line has many words."""
    block = ARCHITECTURE.read_text(encoding="utf-8").partition("## The tree")[2].split("```")[1]
    found: dict[str, set[str]] = {}
    for line in block.strip().splitlines():
        indent, name, about = re.fullmatch(r"( *)(\S+) *(.*)", line).groups()
        assert len(about.split()) <= MOST_WORDS, line
        if indent:
            found[next(reversed(found))].add(name.strip("/"))
        else:
            found[name.strip("/")] = set()
    return found


def test_the_architecture_names_every_package_and_every_folder_of_pages() -> None:
    named = tree()
    inside = [path for path in (ROOT / "edc_core").glob("[a-z]*") if path.suffix == ".py" or any(path.glob("*.py"))]
    assert named["edc_core"] == {path.stem for path in inside}
    assert named["pages"] == {path.parent.name for path in (ROOT / "pages").glob("*/*.py")}
    assert all((ROOT / folder).exists() for folder in named)
    assert all((ROOT / place / name).exists() for place in ("assets", "tests") for name in named[place])


def test_the_import_order_names_every_package_once() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8").partition("## The import order")[2].partition("\n## ")[0]
    names = re.findall(r"\w+", "".join(line for line in text.splitlines(keepends=True) if line.startswith("    ")))
    assert sorted(names) == sorted(tree()["edc_core"])


def test_the_command_line_s_document_names_every_command_and_every_variable() -> None:
    text = CLI.read_text(encoding="utf-8")
    inline = re.findall(r"`([a-z]+)`", without_blocks(text))
    assert set(get_command(app).commands) <= {words[3] for words in commands(text) if len(words) > 3} | set(inline)
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "edc_core").rglob("*.py"))
    read = set(re.findall(r'environ(?:\.get\(|\[)"(EDC_\w+)"', code)) - {"EDC_WORKER_DEVICES"}  # the app's own
    assert len(read) > 10
    assert read <= set(re.findall(r"EDC_\w+", text.partition("## Environment variables")[2]))


def test_the_experiments_list_names_every_module_once() -> None:
    rows = [line.split("|")[1] for line in EXPERIMENTS.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(path.stem for path in EXPERIMENTS.parent.glob("*.py"))


def test_the_head_of_an_experiment_says_how_to_call_it() -> None:
    silent = []
    for path in EXPERIMENTS.parent.glob("*.py"):
        code = path.read_text(encoding="utf-8")
        head = ast.get_docstring(ast.parse(code)) or ""
        if 'if __name__ == "__main__"' in code and f"python -m experiments.{path.stem}" not in head:
            silent.append(path.stem)
    assert not silent


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


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples_of_extending_the_lab_run(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    example = EXAMPLES[number]
    assert len(example.splitlines()) < 40
    if "import streamlit" not in example:
        ended = subprocess.run([sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout
        return
    page = AppTest.from_string(example)
    page.session_state[ROUTED] = "best"
    page.run(timeout=60)
    assert not page.exception
    assert not page.error
    assert len(page.table[0].value) == 5


def test_each_kind_of_extension_has_an_example() -> None:
    assert len(EXAMPLES) == len(headings(EXTENDING.read_text(encoding="utf-8"))) == 4
