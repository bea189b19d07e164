"""Data sets known by name: each published format, where files are found, and fetching."""

import gzip
import hashlib
import io
import os
import struct
import tarfile
import threading
import time
from dataclasses import replace
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
from edc_core.data.downloads import fetch
from edc_core.data.known_datasets import KNOWN
from edc_core.errors import DataError
from tests.conftest import edc

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
Images = dict[str, tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where data sets are looked for, but for the usual ones, which hold no such sets."""
    monkeypatch.setenv("EDC_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EDC_HOME", str(tmp_path / "home"))
    return tmp_path / "data"


def images(size: int, channels: int, classes: int = 10) -> Images:
    """Three training images and a test image of each class."""
    draw = np.random.default_rng(0)
    labels = {"train": np.tile(np.arange(classes), 3), "test": np.arange(classes)[::-1]}
    shape = (channels, size, size)
    return {split: (draw.integers(0, 256, (len(y), *shape), np.uint8), y) for split, y in labels.items()}


def idx_file(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    content = head + values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_idx(place: Path, found: Images, folder: str, end: str) -> None:
    for split, prefix in (("train", "train"), ("test", "t10k")):
        idx_file(place / folder / f"{prefix}-images-idx3-ubyte{end}", found[split][0][:, 0])
        idx_file(place / folder / f"{prefix}-labels-idx1-ubyte{end}", found[split][1])


def records(pixels: np.ndarray, labels: np.ndarray, coarse: bool = False) -> bytes:
    heads = [bytes([7, label]) if coarse else bytes([label]) for label in labels]
    return b"".join(head + image.tobytes() for head, image in zip(heads, pixels, strict=True))


def write_cifar10(place: Path, found: Images) -> None:
    folder = place / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    pixels, labels = found["train"]
    for number in range(5):
        rows = slice(6 * number, 6 * number + 6)
        (folder / f"data_batch_{number + 1}.bin").write_bytes(records(pixels[rows], labels[rows]))
    (folder / "test_batch.bin").write_bytes(records(*found["test"]))


def write_cifar100(place: Path, found: Images) -> None:
    folder = place / "cifar-100-binary"
    folder.mkdir(parents=True)
    for split, (pixels, labels) in found.items():
        (folder / f"{split}.bin").write_bytes(records(pixels, labels, coarse=True))


def write_stl(place: Path, found: Images) -> None:
    folder = place / "stl10_binary"
    folder.mkdir(parents=True)
    for split, (pixels, labels) in found.items():
        (folder / f"{split}_X.bin").write_bytes(pixels.transpose(0, 1, 3, 2).tobytes())
        (folder / f"{split}_y.bin").write_bytes((labels + 1).astype(np.uint8).tobytes())


def write_svhn(place: Path, found: Images) -> None:
    from scipy.io import savemat

    place.mkdir(parents=True, exist_ok=True)
    for split, (pixels, labels) in found.items():
        digits = np.where(labels == 0, 10, labels).astype(np.uint8)[:, None]
        savemat(place / f"{split}_32x32.mat", {"X": pixels.transpose(2, 3, 1, 0), "y": digits})


WRITERS = {
    "mnist": partial(write_idx, folder="MNIST/raw", end=""),
    "fashion-mnist": partial(write_idx, folder="fashion-mnist", end=".gz"),
    "cifar-10": write_cifar10,
    "cifar-100": write_cifar100,
    "stl-10": write_stl,
    "svhn": write_svhn,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_published_set_gives_its_own_pixels_and_labels(name: str, place: Path, tmp_path: Path) -> None:
    entry = KNOWN[name]
    found = images(entry.size, entry.channels, len(entry.classes))
    WRITERS[name](place, found)
    dataset = open_dataset(name, DataConfig(holdout=len(entry.classes)), tmp_path / "home")
    about = dataset.description
    assert (about.name, about.classes, about.train_counts) == (name, entry.classes, (3,) * len(entry.classes))
    train, test = dataset.part("train"), dataset.part("test")
    for part, split in ((train, "train"), (test, "test")):
        pixels, labels = found[split]
        assert (part.take(np.arange(len(part))) == pixels[part.index]).all()
        assert (part.labels == labels[part.index]).all()
    assert len(train) + len(dataset.part("val")) == 3 * len(entry.classes)


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not on this machine")
def test_debians_fashion_mnist_is_found() -> None:
    about = describe("fashion-mnist")
    assert about.train_counts == (6000,) * 10
    assert about.test_count == 10_000
    assert about.classes == describe("fashion-mnist-mini").classes


def test_a_set_that_is_not_here_says_how_to_get_it(place: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'python -m edc_core fetch svhn' downloads it \\(246 MB\\), or set EDC_DATA"):
        describe("svhn")
    (place / "cifar-100-python").mkdir(parents=True)
    with pytest.raises(DataError, match="a pickle, which is never opened: .* cifar-100-binary/"):
        describe("cifar-100")
    done = edc("download", "cifr-10", home=tmp_path, check=False)
    assert done.returncode == 2
    assert "did you mean 'cifar-10'?" in done.stderr


def cut(place: Path) -> None:
    path = place / "cifar-10-batches-bin" / "data_batch_2.bin"
    path.write_bytes(path.read_bytes()[:-5])


def other_labels(place: Path) -> None:
    path = place / "cifar-10-batches-bin" / "test_batch.bin"
    path.write_bytes(b"\x63" + path.read_bytes()[1:])


@pytest.mark.parametrize(
    ("breaks", "says"), [(cut, "data_batch_2.bin is damaged or cut short"), (other_labels, "no class numbers")]
)
def test_a_damaged_file_is_named(breaks, says: str, place: Path) -> None:
    write_cifar10(place, images(32, 3))
    breaks(place)
    with pytest.raises(DataError, match=says):
        describe("cifar-10")


def test_damaged_idx_and_mat_files_are_named(place: Path) -> None:
    write_idx(place, images(28, 1), "mnist", ".gz")
    path = place / "mnist" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(DataError, match="train-labels-idx1-ubyte.gz is damaged"):
        describe("mnist")
    write_svhn(place, images(32, 3))
    (place / "test_32x32.mat").write_text("not MATLAB's")
    with pytest.raises(DataError, match="test_32x32.mat is damaged"):
        describe("svhn")


@pytest.fixture
def server(tmp_path: Path):
    """A server of files on this machine, and its folder."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_set_is_fetched_whole_or_not_at_all(place: Path, tmp_path: Path, server) -> None:
    folder, address = server
    write_cifar10(tmp_path / "made", images(32, 3))
    with tarfile.open(folder / "set.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "made" / "cifar-10-batches-bin", "cifar-10-batches-bin")
        stray = tarfile.TarInfo("../stray.txt")
        archive.addfile(stray, io.BytesIO(b""))
    md5 = hashlib.md5((folder / "set.tar.gz").read_bytes()).hexdigest()
    wrong = replace(KNOWN["cifar-10"], urls=((f"{address}/set.tar.gz", "0" * 32),))
    with pytest.raises(DataError, match="arrived damaged"):
        fetch("cifar-10", entry=wrong)
    gone = replace(wrong, urls=((f"{address}/gone.tar.gz", md5),))
    with pytest.raises(DataError, match="404.*: fetch it on a machine with a network.* EDC_DATA"):
        fetch("cifar-10", entry=gone)
    assert not list(place.iterdir())
    own = place / "cifar-10-batches-bin" / "notes.txt"  # a person's, in a folder of that name
    own.parent.mkdir()
    own.write_text("mine")
    for name, days in (("fetching-killed", 2), ("fetching-now", 0)):  # another process may be at the newer one
        (place / name).mkdir()
        os.utime(place / name, (time.time() - days * 86400,) * 2)
    fetch("cifar-10", entry=replace(wrong, urls=((f"{address}/set.tar.gz", md5),)))
    assert sorted(path.name for path in place.iterdir()) == ["cifar-10-batches-bin", "fetching-now"]
    assert own.read_text() == "mine"
    assert describe("cifar-10").train_counts == (3,) * 10
