"""The files of class folders: of each class in order, divided where there is no test part, checked against another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edc_core.data.readers.trees import Node, list_images
from edc_core.errors import DataError

HELD = 5  # without a test folder, every fifth image
Classes = dict[str, tuple[Node, ...]]  # the folders of each class, by its name


@dataclass(frozen=True)
class Split:
    """Some images of every class; `files` gives the paths of one class's, in order."""

    files: Callable[[str], list[str]]  # plain text: of millions, `Path` objects take longer than the disk


def folder_split(classes: Classes, deepest: bool) -> Split:
    """All images of each class's folders; `deepest`: only those directly in them."""

    def paths(name: str) -> Iterator[str]:
        for node in classes[name]:
            for file in list_images(Path(node.path), deep=not deepest):
                yield f"{node.path}/{file}"

    return Split(lambda name: list(paths(name)))


def every_fifth(whole: Split) -> dict[str, Split]:
    """Training and test images out of one part."""

    def divided(name: str) -> tuple[list[str], list[str]]:
        files = whole.files(name)
        held = set(files[HELD - 1 :: HELD] or files[2:])  # three or four images: all but two
        return [path for path in files if path not in held], [path for path in files if path in held]

    return {"train": Split(lambda name: divided(name)[0]), "test": Split(lambda name: divided(name)[1])}


def empty_classes(train: Classes, test: Classes | None) -> tuple[str, ...]:
    """Class folders without an image on either side: they are no classes."""

    def is_empty(classes: Classes, name: str) -> bool:
        return all(node.is_empty for node in classes.get(name, ()))

    names = dict.fromkeys((*train, *(test or ())))
    return tuple(name for name in names if is_empty(train, name) and is_empty(test or {}, name))


def check_alike(train: tuple[str, ...], test: tuple[str, ...], place: str, whole: bool) -> None:
    """The same class folders on both sides; of a chosen few, others may stand beside them.

    Raises:
        DataError: naming a class of one side only.
    """
    for name in train:
        if name not in test:
            near = next((other for other in test if other.lower() == name.lower()), None)
            hint = f" (it has '{near}')" if near else ""
            raise DataError(
                f"class '{name}' stands in train/, but not in {place}/{hint}", "give both the same class folders"
            )
    for name in test if whole else ():
        if name not in train:
            raise DataError(f"class '{name}' stands in {place}/, but not in train/", "give both the same class folders")
