"""The doctor: a sound set has no warnings, each fault has its finding and cure, and the command says so."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from edc_core.data import describe
from edc_core.doctor import Finding, examine
from edc_core.networks.builders import build
from tests.conftest import answer, edc
from tests.support.parquet_files import write

COLOURS = {"blue": (40, 60, 200), "green": (50, 190, 60), "red": (210, 50, 40)}


def coloured(path: Path, colour: tuple[int, int, int], seed: int) -> Path:
    """A picture of 16 px in about one colour, no two alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(-30, 31, (16, 16, 3))
    Image.fromarray((np.array(colour) + noise).clip(0, 255).astype(np.uint8)).save(path)
    return path


def sound(root: Path, names: tuple[str, ...] = tuple(COLOURS)) -> Path:
    """Three classes told by their colour: ten training and five test images each."""
    for split, count in (("train", 10), ("test", 5)):
        for number, (name, colour) in enumerate(zip(names, COLOURS.values(), strict=True)):
            for index in range(count):
                coloured(root / split / name / f"{index}.png", colour, 1000 * number + index + 500 * (split == "test"))
    return root


def findings(root: Path, home: Path, severity: str = "warning") -> list[Finding]:
    return [found for found in examine(str(root), home, bundled=()).findings if found.severity == severity]


def test_a_sound_set_is_told_to_be_one(tmp_path: Path) -> None:
    done = edc("doctor", sound(tmp_path / "set"), home=tmp_path / "home")
    said = answer(done)
    assert (said["fatal"], said["warning"]) == (0, 0)
    assert said["classes"] == ["blue", "green", "red"]
    checks = {found["check"] for found in said["findings"]}
    assert checks == {"balance", "classes", "normalisation", "duplicates", "labels", "observers", "reading"}
    assert "100 % of training and 100 % of test" in done.stderr
    assert "squeeze --dataset" in done.stderr


def test_every_unreadable_file_is_counted(tmp_path: Path) -> None:
    root = sound(tmp_path / "set")
    (root / "train" / "red" / "0.png").write_text("hello")
    path = root / "test" / "blue" / "1.png"
    path.write_bytes(path.read_bytes()[:100])
    done = edc("doctor", root, home=tmp_path / "home", check=False)
    assert done.returncode == 1
    said = json.loads(done.stdout.strip().splitlines()[-1])
    fatal = next(found for found in said["findings"] if found["severity"] == "fatal")
    assert "2 of 45 images cannot be read" in fatal["message"]
    assert [example.split(" is ")[0] for example in fatal["examples"]] == ["'train/red/0.png'", "'test/blue/1.png'"]
    assert fatal["cure"]


def test_a_set_that_is_none_is_fatal_with_its_cure(tmp_path: Path) -> None:
    root = sound(tmp_path / "set")
    for name in ("green", "red"):
        shutil.rmtree(root / "train" / name)
        shutil.rmtree(root / "test" / name)
    (finding,) = examine(str(root), tmp_path / "home", bundled=()).findings
    assert finding.severity == "fatal"
    assert finding.cure == "a network learns to tell at least two apart."


def few(root: Path) -> None:
    for index in range(3, 10):
        (root / "train" / "green" / f"{index}.png").unlink()


def lone(root: Path) -> None:
    few(root)
    for index in (1, 2):
        (root / "train" / "green" / f"{index}.png").unlink()


def copied(root: Path) -> None:
    """The same pixels in another file format."""
    Image.open(root / "train" / "red" / "3.png").save(root / "test" / "red" / "copy.bmp")


def swapped(root: Path) -> None:
    (root / "test" / "red").rename(root / "test" / "other")
    (root / "test" / "blue").rename(root / "test" / "red")
    (root / "test" / "other").rename(root / "test" / "blue")


def rotated(root: Path) -> None:
    swapped(root)
    (root / "test" / "red").rename(root / "test" / "other")
    (root / "test" / "green").rename(root / "test" / "red")
    (root / "test" / "other").rename(root / "test" / "green")


def divided(root: Path) -> None:
    """Saved as numbers from 0 to 1."""
    for path in root.rglob("*.png"):
        Image.fromarray((np.asarray(Image.open(path)) > 120).astype(np.uint8)).save(path)


def respelt(root: Path) -> None:
    for split in ("train", "test"):
        (root / split / "green").rename(root / split / "Blue")


FAULTS: dict[str, tuple[Callable, str, str]] = {
    "uneven": (few, "balance", "'green' has 3 training images and 'blue' 10"),
    "a copy in the test set": (copied, "duplicates", "1 of 16 test images are training images too"),
    "one picture, two classes": (
        lambda r: shutil.copy(r / "train" / "red" / "0.png", r / "train" / "blue" / "x.png"),
        "duplicates",
        "1 training image is in two classes",
    ),
    "swapped test classes": (swapped, "labels", "taken for each other: 'blue / red'"),
    "test classes in another order": (rotated, "labels", "test labels do not mean what training labels mean"),
    "numbers instead of pixels": (divided, "normalisation", "nearly blank"),
    "one class spelt twice": (respelt, "classes", "'Blue', 'blue' differ by case"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_has_a_cure(fault: str, tmp_path: Path) -> None:
    breaks, check, says = FAULTS[fault]
    breaks(sound(tmp_path / "set"))
    found = findings(tmp_path / "set", tmp_path / "home")
    assert [finding.check for finding in found if says in finding.message] == [check]
    assert all(finding.cure for finding in found)


def test_a_class_of_one_image_is_fatal(tmp_path: Path) -> None:
    lone(sound(tmp_path / "set"))
    (found,) = findings(tmp_path / "set", tmp_path / "home", "fatal")
    assert "'green' has one training image" in found.message


def test_numbers_out_of_order_are_told(tmp_path: Path) -> None:
    sound(tmp_path / "set", ("1", "10", "2"))
    assert any("alphabetical order" in found.message for found in findings(tmp_path / "set", tmp_path / "home"))


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("crane", "dog", "crane"), "'crane', 'crane' have one name (classes 0 and 2)"),
        (("caf\u00e9", "cafe\u0301", "dog"), "Unicode form only (classes 0 and 1)"),
        (("\u72ac", "\u732b", "\u72ac "), "case, signs or Unicode form only (classes 0 and 2)"),
    ],
)
def test_two_classes_of_one_name_are_told_and_counted_apart(names: tuple, says: str, tmp_path: Path) -> None:
    pixels = [coloured(tmp_path / "x.png", (90, 90, 90), seed).read_bytes() for seed in range(17)]
    write(tmp_path / "set", "train", pixels, [0] * 2 + [1] * 10 + [2] * 5, list(names))
    write(tmp_path / "set", "test", pixels[:3], [0, 1, 2], list(names))
    said = [found.message for found in findings(tmp_path / "set", tmp_path / "home")]
    assert any(says in message for message in said)
    assert any("2 training images and" in message and "10" in message for message in said)


def test_classes_whose_names_are_signs_are_not_taken_for_one(tmp_path: Path) -> None:
    pixels = [coloured(tmp_path / "x.png", (90, 90, 90), seed).read_bytes() for seed in range(6)]
    for split in ("train", "test"):
        write(tmp_path / "set", split, pixels, [0, 1, 2] * 2, ["+", "-", "\u732b"])
    assert not any("one class" in found.message for found in findings(tmp_path / "set", tmp_path / "home"))


def test_another_order_of_the_same_classes_is_told(tmp_path: Path) -> None:
    """A set decoded earlier has the same classes, but numbered otherwise."""
    pixels = [coloured(tmp_path / "x.png", (0, 0, 0), seed).read_bytes() for seed in range(6)]
    for split in ("train", "test"):
        write(tmp_path / "other", split, pixels, [0, 1, 2] * 2, ["red", "green", "blue"])
    examine(str(tmp_path / "other"), tmp_path / "home", bundled=())
    found = findings(sound(tmp_path / "set"), tmp_path / "home")
    assert [finding.check for finding in found] == ["classes"]
    assert "class 0 is 'blue' here and 'red' there" in found[0].message


def test_observers_of_the_store_are_asked(tmp_path: Path) -> None:
    """A network that gives one class with certainty, recorded as a good one."""
    root = sound(tmp_path / "set")
    folder = tmp_path / "home" / "artefacts" / ("a" * 24)
    folder.mkdir(parents=True)
    network = build("convnet-d2-w8", 3, 16, 3)
    state = {name: torch.zeros_like(value) for name, value in network.state_dict().items()}
    state["classifier.bias" if "classifier.bias" in state else list(state)[-1]] = torch.tensor([0.0, 9.0, 0.0])
    save_file(state, folder / "observer.safetensors")
    record = {"network": "convnet-d2-w8", "digest": describe(str(root)).digest, "val_top1": 99.0}
    for pretrained, says in {"imagenet-1k": "99.0 % (seen in its training).", "none": "99.0 %."}.items():
        (folder / "observer.json").write_text(json.dumps(record | {"settings": {"pretrained": pretrained}}))
        report = examine(str(root), tmp_path / "home", bundled=())
        messages = [found.message for found in report.findings]
        assert any(f"convnet-d2-w8 {says}" in message for message in messages)
    contradicted = next(found for found in report.findings if "is certain of another class" in found.message)
    assert contradicted.severity == "warning"
    assert "66.7 % of held-out images" in contradicted.message
    assert "or 'green'?" in contradicted.examples[0]
    assert contradicted.examples[0].startswith("'train/")
