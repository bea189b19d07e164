"""A generated tree and what its maker knows of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from experiments.layout_fuzz.image_files import ImageFile, Style, draw_image, style


@dataclass(frozen=True)
class Truth:
    """The class of every image by its number; `test` None: every fifth of them is for testing.

    `said` is what the census must say where this reading is one of several (a part of a sentence; "" for nothing).
    """

    train: dict[int, str]
    test: dict[int, str] | None = None
    said: str = ""


@dataclass
class Case:
    """A tree: its files, and how it may be read."""

    kind: str
    rng: np.random.Generator
    how: Style = None  # type: ignore[assignment]
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # to targets below the root
    folders: list[str] = field(default_factory=list)  # empty ones
    images: list[ImageFile] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    options: str = ""
    class_list: str = ""  # what stands in a file that the address names
    refusable: str = ""  # why it may be refused; "": it is ordinary
    otherwise: str = ""  # what is said where another reading, as likely, is taken
    unread: int = 0  # images that are in the tree and in no truth
    remarks: list[str] = field(default_factory=list)  # what the maker did, in a few words
    uncounted: bool = False  # whether links make one file two
    wrong: bool = False  # whether no reading is right: it must be refused

    def __post_init__(self) -> None:
        self.how = self.how or style(self.rng)

    def new_image(self) -> int:
        """One more image; gives its number."""
        self.images.append(draw_image(self.rng, self.how, len(self.images)))
        return len(self.images) - 1

    def put(self, folder: str, stem: str | None = None) -> int:
        """A new image in a folder; gives its number."""
        number = self.new_image()
        image = self.images[number]
        name = (stem or f"{self.prefix}{number}") + image.ending
        self.files[f"{folder}/{name}".lstrip("/")] = image.content
        return number

    @property
    def prefix(self) -> str:
        return ("", "img_", "IMG ", "photo-", "图")[len(self.remarks) % 5]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def write(self, root: Path) -> None:
        for name, content in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name in self.folders:
            (root / name).mkdir(parents=True, exist_ok=True)
        for name, target in self.links.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(root / target)

    @property
    def listing(self) -> str:
        """What a person needs to make the tree again: its folders with a file each, and the maker's remarks."""
        shown: dict[str, str] = {}
        counts: dict[str, int] = {}
        for name in self.files:
            folder = name.rpartition("/")[0]
            shown.setdefault(folder, name)
            counts[folder] = counts.get(folder, 0) + 1
        lines = [f"  {name!r} and {counts[folder] - 1} more" for folder, name in sorted(shown.items())]
        lines += [f"  {name!r} -> {target!r}" for name, target in self.links.items()]
        lines += [f"  {name!r}/ (empty)" for name in self.folders]
        return "\n".join([f"{self.kind}{self.options}: {'; '.join(self.remarks)}", *lines[:14]])


Maker = Callable[[np.random.Generator], Case]
