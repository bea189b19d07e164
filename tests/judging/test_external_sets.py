"""Somebody else's condensed set: every layout read alike, what does not fit refused, and the judgement the same."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from edc_core.data import Description
from edc_core.data.external_sets.imports import read_set
from edc_core.errors import EDCError
from tests.support.external_sets import CLASSES, GOOD, GREY, IMAGES, LABELS, files, folder, npz, png, zipped

COLOUR = Description("mini", "0" * 32, CLASSES, 8, 3, (50, 50, 50), 30)


def is_the_set(found) -> bool:
    """Whether it was read to the very pixels and classes that were written."""
    return np.array_equal(found.images, IMAGES) and found.labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize("layout", ["names", "SRe2L", "RDED", "flat", "numbers", "bundle"])
def test_published_layouts_are_read_alike(layout: str, tmp_path: Path) -> None:
    assert is_the_set(read_set(folder(tmp_path / "set", files(layout)), GREY))
    assert is_the_set(read_set(zipped(files(layout)), GREY))
    assert is_the_set(read_set(io.BytesIO(zipped(files(layout))), GREY))


def test_arrays_are_read_alike() -> None:
    assert is_the_set(read_set(npz(images=IMAGES, labels=LABELS), GREY))
    assert is_the_set(read_set(npz(images=IMAGES.transpose(0, 2, 3, 1), labels=np.array(CLASSES)[LABELS]), GREY))
    assert is_the_set(read_set(npz(x=IMAGES[:, 0].astype(np.int64), y=LABELS), GREY))
    shares = IMAGES / 255
    assert is_the_set(read_set(npz(images=shares, labels=LABELS), GREY, normalisation="0-1"))
    assert is_the_set(read_set(npz(images=(shares - 0.286) / 0.353, labels=LABELS), GREY, normalisation="0.286/0.353"))


def test_the_order_is_the_engines_whatever_the_order_given() -> None:
    shuffled = np.array([4, 0, 1, 2, 3, 5])
    found = read_set(npz(images=IMAGES[shuffled], labels=LABELS[shuffled]), GREY)
    assert found.labels.tolist() == LABELS.tolist()
    assert np.array_equal(found.images[0::3], IMAGES[[0, 3]])
    assert len(read_set(npz(images=IMAGES, labels=LABELS), GREY, ipc=1).labels) == 3


def test_labels_may_stand_in_a_file(tmp_path: Path) -> None:
    pictures = folder(tmp_path / "set", {f"{i}.png": png(image[0]) for i, image in enumerate(IMAGES)})
    numbers = LABELS.tolist()
    for labels in (
        json.dumps(numbers).encode(),
        json.dumps({f"{i}.png": CLASSES[label] for i, label in enumerate(numbers)}).encode(),
        b"file,label\n" + b"".join(f"{i}.png,{label}\n".encode() for i, label in enumerate(numbers)),
        "\n".join(CLASSES[label] for label in numbers).encode(),
        npz(labels=LABELS),
    ):
        assert is_the_set(read_set(pictures, GREY, labels))


def test_a_colour_data_set_takes_grey_and_colour_images() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)
    found = read_set(zipped({"0/a.png": png(pixels), "1/b.png": png(IMAGES[0, 0])}), COLOUR)
    assert np.array_equal(found.images[0], pixels.transpose(2, 0, 1))
    assert np.array_equal(found.images[1], np.repeat(IMAGES[0], 3, 0))


def huge() -> bytes:
    """An array whose header claims a terabyte."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": (2**37,)})
    return zipped({"images.npy": buffer.getvalue() + b"0" * 64})


def locked() -> bytes:
    """A ZIP whose members say that they are encrypted."""
    content = bytearray(zipped({"0/a.png": png(IMAGES[0, 0])}))
    content[content.index(b"PK\1\2") + 8] |= 1
    return bytes(content)


def rotten() -> bytes:
    """A ZIP with a member that no longer unpacks."""
    content = bytearray(zipped(files("SRe2L")))
    content[90:100] = b"\xff" * 10
    return bytes(content)


WRONG = [
    ("size", zipped({"Bag/a.png": png(np.zeros((9, 8), np.uint8))}), {}, "is 8 x 9 px, but mini has 8 x 8"),
    ("colour", zipped({"Bag/a.png": png(np.full((8, 8, 3), (1, 9, 0), np.uint8))}), {}, "is in colour"),
    ("damaged", zipped({"Bag/a.png": png(IMAGES[0, 0])[:60]}), {}, "'Bag/a.png' is damaged"),
    ("no class", zipped({"cows/a.png": png(IMAGES[0, 0])}), {}, "'cows/a.png' tells no class"),
    ("class 7", zipped({"7/a.png": png(IMAGES[0, 0])}), {}, "is of class 7, but the data set's classes are 0 T-shirt"),
    ("order", zipped({"Bag/class000_id0.png": png(IMAGES[0, 0])}), {}, "is the order of the classes another one"),
    ("empty", zipped({"read.me": b"hello"}), {}, "holds no image"),
    ("escape", zipped({"../../Bag/a.png": png(IMAGES[0, 0])}), {}, "leads out of the ZIP"),
    ("locked", locked(), {}, "is encrypted: pack it without a password"),
    ("rotten", rotten(), {}, "cannot be unpacked"),
    ("no zip", b"not a zip at all", {}, "neither a folder of images nor a whole ZIP"),
    ("pickle", npz(images=np.array([{"a": 1}], dtype=object), labels=LABELS), {}, "never unpacked"),
    ("huge", huge(), {}, "its header and its length disagree"),
    ("shape", npz(images=np.zeros((6, 9, 9), np.uint8), labels=LABELS), {}, r"have the shape \(6, 9, 9\)"),
    ("unread floats", npz(images=IMAGES / 255, labels=LABELS), {}, "no normalisation is given: choose 0-1"),
    ("wrong floats", npz(images=IMAGES / 1.0, labels=LABELS), {"normalisation": "0-1"}, "outside the range"),
    ("typo", npz(images=IMAGES / 255, labels=LABELS), {"normalisation": "half"}, "normalisation is 'half'"),
    ("nan", npz(images=IMAGES * np.nan, labels=LABELS), {"normalisation": "0-1"}, "not finite"),
    ("pixels", npz(**GOOD), {"normalisation": "0-1"}, "leave normalisation '0-1' away"),
    ("soft", npz(images=IMAGES, labels=np.full((6, 3), 1 / 3)), {}, "soft labels, which are made again"),
    ("unlabelled", npz(images=IMAGES), {}, "no array 'labels'"),
    ("few", npz(**GOOD), {"labels": b"[0, 1]"}, "6 images and 2 labels"),
    ("name", npz(**GOOD), {"labels": b'["Bag", "Bag", "Bag", "Bag", "Bag", "cow"]'}, "image 5 is labelled 'cow'"),
    ("minus", npz(images=IMAGES, labels=LABELS - 1), {}, "labelled '-1'"),
    ("labels", npz(**GOOD), {"labels": b"\xff\xfe\x00"}, "labels are no JSON"),
    ("ipc", npz(**GOOD), {"ipc": 0}, "ipc is 0"),
]


@pytest.mark.parametrize(("source", "more", "says"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_does_not_fit_is_refused_in_a_sentence(source: bytes, more: dict, says: str) -> None:
    with pytest.raises(EDCError, match=says) as caught:
        read_set(source, GREY, **more)
    assert "\n" not in str(caught.value)
