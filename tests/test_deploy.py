"""The files of deploy/ against the app: what the image copies and starts, its health, and what the proxies allow."""

import re
import subprocess
from pathlib import Path

import pytest
from streamlit import config
from typer.main import get_command

from edc_core.cli import app
from edc_core.environment import DEFAULT_UPLOAD_MIB
from experiments.deploy_visitors import TOO_LARGE
from experiments.try_deploy import DEPLOY, PORT, Image, instructions
from tests.conftest import ROOT
from tests.support.browser import serving

FOLDERS = {"app.py", ".streamlit", "assets", "edc_core", "pages"}  # what app and engine read: as in setup.py
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """Its files and command lines; an environment without programs, so that nothing is installed."""
    return Image(tmp_path / "image", tmp_path, "python")


def test_the_image_holds_what_the_app_reads_and_the_versions_that_were_tested(image: Image) -> None:
    held = {path.name for path in image.lab.iterdir()}
    assert held == FOLDERS | {"requirements.txt", "constraints.txt"}
    tracked = subprocess.run(["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not [name for name in tracked.stdout.splitlines() if not (image.lab / name).is_file()]
    (install,) = [rest for name, rest in instructions((DEPLOY / "Dockerfile").read_text()) if "pip install" in rest]
    assert "-c constraints.txt -r requirements.txt" in install


def test_the_image_starts_serve_with_options_that_it_has(image: Image) -> None:
    assert image.command[:4] == ["python", "-m", "edc_core", "serve"]
    options = {name for one in get_command(app).commands["serve"].params for name in one.opts}
    assert {word for word in image.command if word.startswith("--")} <= options
    assert image.command[image.command.index("--port") + 1] == PORT
    assert f"EXPOSE {PORT}" in image.left


def test_its_health_is_asked_where_the_app_answers(image: Image, tmp_path: Path) -> None:
    with serving(tmp_path / "home") as (address, server):
        health = [word.replace(f"http://127.0.0.1:{PORT}", address) for word in image.health]
        assert subprocess.run(health).returncode == 0
        server.terminate()
        server.wait(15)
        assert subprocess.run(health, stderr=subprocess.DEVNULL).returncode != 0


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_leads_to_the_port_and_takes_files_as_large_as_the_app(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    assert re.findall(r"127\.0\.0\.1:(\d+)", text) == [PORT]
    (limit,) = map(int, re.findall(r"(?:client_max_body_size|max_size) (\d+)(?:m;|MiB)", text))
    assert DEFAULT_UPLOAD_MIB < limit < TOO_LARGE
    assert config.get_option("server.maxUploadSize") == DEFAULT_UPLOAD_MIB
    assert len([line for line in text.splitlines() if line.strip(" }\t")]) <= 12


def test_variables_that_the_document_sets_are_the_apps_or_the_servers() -> None:
    named = set(re.findall(r"-e (\w+)=", DOCUMENT))
    listed = set(re.findall(r"^\| `(EDC_\w+)`(?:, `(EDC_\w+)`)?", (ROOT / "docs/cli.md").read_text(), re.M))
    assert named - {"FORWARDED_ALLOW_IPS"} <= {name for pair in listed for name in pair}
    assert "FORWARDED_ALLOW_IPS" in named  # uvicorn's, which Streamlit starts
