"""Image folders for tests: odd names, modes and sizes."""

from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = ("Crème brûlée", "T-shirt & top", "cats", "été 2")


def picture(path: Path, size: tuple[int, int] = (40, 32), mode: str = "RGB", seed: int = 0, **options) -> Path:
    """One picture of noise, its kind by the file's ending; `size` is (width, height)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    if mode == "I;16":
        image = Image.fromarray(draw.integers(0, 65536, size[::-1], np.uint16))
    else:
        colours = draw.integers(0, 256, (*size[::-1], 4), np.uint8)
        image = Image.fromarray(colours, "RGBA" if mode == "RGBA" else "CMYK") if mode in ("RGBA", "CMYK") else None
        image = image or Image.fromarray(colours[..., :3]).convert(mode)
    image.save(path, **options)
    return path


KINDS = (("a.png", "RGB"), ("b.jpg", "L"), ("c.png", "RGBA"), ("d.gif", "P"), ("e.jpeg", "CMYK"), ("f.png", "I;16"))


def photos(root: Path, classes: tuple[str, ...] = CLASSES, train: int = 6, test: int = 2, size: int = 40) -> Path:
    """train/ and test/ with every kind of picture in turn, of sizes that differ."""
    for split, count in (("train", train), ("test", test)):
        for number, name in enumerate(classes):
            for index in range(count):
                ending, mode = KINDS[index % len(KINDS)]
                seed = 100 * number + index + (50 if split == "test" else 0)
                shape = (size + 3 * index, size + 8 * (index % 3))
                picture(root / split / name / f"{index} {ending}", shape, mode, seed)
    return root


def small_photos(root: Path) -> Path:
    """Two classes of three colour pictures and one test picture, 32 px."""
    for split, count in (("train", 3), ("test", 1)):
        for seed, name in enumerate(("cat", "dog")):
            for index in range(count):
                picture(root / split / name / f"{index}.png", (32, 32), seed=10 * seed + index + len(split))
    return root
