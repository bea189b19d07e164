"""The installed lab: a wheel with all that the engine and the app read, and one list of requirements."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import edc_core
from tests.conftest import ROOT
from tests.support.sessions import Session

FOLDERS = ("edc_core", "pages", "assets", ".streamlit")
FILES = ("app.py", "setup.py", "pyproject.toml", "requirements.txt", "README.md", "LICENSE")
MADE = shutil.ignore_patterns("__pycache__", "*.pyc", ".DS_Store")
BUILD = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"


def requirements(name: str) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, as `pip install --target` leaves them; built from a copy of the tree."""
    place = tmp_path_factory.mktemp("wheel")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, place / "tree" / name, ignore=MADE)
    for name in FILES:
        shutil.copy(ROOT / name, place / "tree")
    subprocess.run([sys.executable, "-c", BUILD, str(place)], cwd=place / "tree", check=True, capture_output=True)
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        wheel.extractall(place / "installed")
    shutil.rmtree(place / "tree")
    return place / "installed"


@pytest.fixture
def metadata(installed: Path) -> Distribution:
    (found,) = distributions(path=[str(installed)])
    return found


def edc_command(*words: str) -> list[str]:
    """What the console script `edc` does."""
    return [sys.executable, "-c", "from edc_core.__main__ import start; start()", *words]


def own_environment(installed: Path, home: Path) -> dict[str, str]:
    return os.environ | {"EDC_HOME": str(home), "PYTHONPATH": str(installed)}


def test_a_wheel_holds_the_engine_the_app_and_its_assets(installed: Path) -> None:
    tree = {ROOT / "app.py", *(path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file())}
    names = {path.relative_to(ROOT) for path in tree if "__pycache__" not in path.parts and path.name != ".DS_Store"}
    wanted = {name if name.parts[0] == "edc_core" else Path("edc_core", "_app", name) for name in names}
    held = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert {name for name in held if not name.parts[0].endswith(".dist-info")} == wanted


def test_the_installed_command_line_finds_its_assets_from_another_folder(
    installed: Path, metadata: Distribution, tmp_path: Path
) -> None:
    assert metadata.entry_points["edc"].value == "edc_core.__main__:start"
    for words, said in (("presets",), "@cifar-10: resnet18"), (("runs",), "herding-fashion-mnist-mini-ipc10"):
        done = subprocess.run(
            edc_command(*words),
            cwd=tmp_path,
            env=own_environment(installed, tmp_path / "home"),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


def test_the_installed_api_finds_the_bundled_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    code = "import edc_core as edc; print(edc.__file__); print(edc.condense(ipc=10, progress=False).images.shape)"
    environment = own_environment(installed, tmp_path / "home")
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    place, shape = done.stdout.splitlines()
    assert Path(place).is_relative_to(installed)
    assert shape == "(100, 28, 28, 1)"


async def start_page(address: str) -> tuple[str, list[str]]:
    visitor = Session(address)
    await visitor.open()
    await visitor.close()
    return visitor.texts(), visitor.exceptions()


def test_the_installed_app_opens_from_another_folder(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        edc_command("serve", "--port", str(port)),
        cwd=tmp_path,
        env=own_environment(installed, tmp_path / "home"),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert any("URL" in line for line in server.stdout)  # it listens
        texts, exceptions = asyncio.run(start_page(f"http://127.0.0.1:{port}"))
    finally:
        server.terminate()
        server.communicate(timeout=15)
    assert not exceptions
    assert "Which set teaches better?" in texts


def test_version_and_requirements_are_written_once(metadata: Distribution) -> None:
    declared = [Requirement(line) for line in metadata.requires or ()]
    assert metadata.version == edc_core.__version__
    assert {str(one) for one in declared if not one.marker} == {str(one) for one in requirements("requirements.txt")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {"version", "dependencies"} <= set(project["dynamic"])
    extra = {str(Requirement(line)) for line in project["optional-dependencies"]["dev"]}
    assert extra == {str(one) for one in requirements("requirements-dev.txt")}


def test_constraints_name_one_version_of_all_that_is_required() -> None:
    pinned = {re.sub("[-_.]+", "-", one.name).lower(): one for one in requirements("constraints.txt")}
    for one in [*requirements("requirements.txt"), *requirements("requirements-dev.txt")]:
        (version,) = pinned[re.sub("[-_.]+", "-", one.name).lower()].specifier
        assert version.operator == "==", one
        assert one.specifier.contains(version.version), f"{one}: constraints.txt has {version}"
