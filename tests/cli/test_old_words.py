"""Old names on the command line keep working, unlisted, with one line that names the new one."""

import re
import shlex
from pathlib import Path

import pytest

from edc_core.cli.old_words import COMMANDS, OPTIONS, VALUES, renewed
from tests.conftest import answer, edc

OLD = {
    "run --settings brisk --ipc 2 --set views.cutmix=0 --seeds 2": (
        "run --profile lab-quick --ipc 2 --set views.cutmix_alpha=0 --students-per-network 2",
        ["--settings", "brisk", "views.cutmix", "--seeds"],
    ),
    "run --settings=sprint --set initialise.kind=given": (
        "run --profile=lab-smoke --set initialise.kind=imported",
        ["--settings", "sprint", "given"],
    ),
    "evaluate RUN --seeds=3": ("evaluate RUN --students-per-network=3", ["--seeds"]),
    "ablate --settings tiny --seeds 2": ("ablate --profile tiny --seeds 2", ["--settings"]),
    "bench --growth --into x.md": ("bench --scaling --update-section x.md", ["--growth", "--into"]),
    "landscape RUN --kind between --kind cosine --kind=images": (
        "landscape RUN --kind interpolation --kind gradient-cosine --kind=synthesis-curvature",
        ["between", "cosine", "images"],
    ),
    "work --idle 1": ("worker --idle 1", ["work"]),
    "fetch cifar-10": ("download cifar-10", ["fetch"]),
}
KEPT = (
    "ablate --kind factorial --title brisk",
    "run --dataset work -- --settings",
    "worth --seeds 2",
    "report --out x.html --title fetch",
)


@pytest.mark.parametrize("old", OLD)
def test_old_words_are_read_as_the_new_ones_and_say_them(old: str) -> None:
    said: list[str] = []
    new, words = OLD[old]
    assert renewed(shlex.split(old), said.append) == shlex.split(new)
    assert [re.findall("'(.*?)'", line)[0] for line in said] == words


@pytest.mark.parametrize("line", KEPT)
def test_other_words_stay_as_they_are(line: str) -> None:
    said: list[str] = []
    assert renewed(shlex.split(line), said.append) == shlex.split(line)
    assert said == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("run", "--settings", "tiny", "--ipc", "2", "--seeds", "1"), "--profile"),
        (("run", "--profile", "tiny", "--ipc", "2", "--set", "views.crop_min=0.5"), "views.crop_area_min"),
        (("run", "--profile", "tiny", "--ipc", "2", "--seeds", "1"), "--students-per-network"),
    ],
)
def test_a_run_by_old_words_is_found_in_the_store(old: tuple[str, ...], new: str, tiny_run: dict, shared_home: Path):
    done = edc(*old, home=shared_home)
    assert answer(done)["run"] == tiny_run["run"]
    assert all(stage["cached"] for stage in answer(done)["stages"])
    assert f"is called '{new}' now; the old name still works." in done.stderr


def test_old_commands_still_run(tmp_path: Path) -> None:
    assert "called 'worker' now" in edc("work", "--idle", "0", home=tmp_path).stderr
    done = edc("fetch", "cifr-10", home=tmp_path, check=False)
    assert "called 'download' now" in done.stderr
    assert "did you mean 'cifar-10'" in done.stderr


def test_an_old_landscape_kind_still_answers(tiny_run: dict, shared_home: Path) -> None:
    words = ("--grid", "3", "--images", "10")
    done = edc("landscape", tiny_run["run"], "--kind", "cosine", *words, home=shared_home)
    assert answer(done)["landscapes"][0]["kind"] == "gradient-cosine"
    assert "called 'gradient-cosine' now" in done.stderr


@pytest.mark.parametrize("command", sorted({*OPTIONS, *COMMANDS.values(), "landscape"}))
def test_help_names_no_old_word(command: str, tmp_path: Path) -> None:
    shown = edc(command, "--help", home=tmp_path).stdout
    old = set(OPTIONS.get(command, {})) | set(VALUES["--profile"])
    old |= {"cosine"} if command == "landscape" else set()
    assert not {word for word in old if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", shown)}


def test_the_commands_list_the_new_names_alone(tmp_path: Path) -> None:
    commands = re.findall(r"^  ([a-z]+)  ", edc("--help", home=tmp_path).stdout, re.MULTILINE)
    assert set(COMMANDS.values()) <= set(commands)
    assert not set(COMMANDS) & set(commands)
