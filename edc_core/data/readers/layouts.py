"""How a folder of images is laid out: which files are a class's training and test images, and what is left out."""

from dataclasses import dataclass, replace
from pathlib import Path

from edc_core.data.address import DEEPEST, FILES, Address
from edc_core.data.census import LeftOut
from edc_core.data.class_lists import wanted_classes
from edc_core.data.description import shown
from edc_core.data.readers.annotated import annotated_images, is_annotated
from edc_core.data.readers.class_folders import Classes, Split, check_alike, empty_classes, every_fifth, folder_split
from edc_core.data.readers.left_out import below, left_out, repeated
from edc_core.data.readers.parts import Parts, class_level, class_names, find_parts, named
from edc_core.data.readers.split_names import is_share, split_kind
from edc_core.data.readers.trees import Node
from edc_core.errors import DataError, SettingsError
from edc_core.wording.grammar import plural


@dataclass(frozen=True)
class Layout:
    """The classes of a folder of images, its two splits, and what is said of the reading."""

    classes: tuple[str, ...]
    splits: dict[str, Split]
    readings: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def layout_of(root: Node, address: Address) -> Layout:
    """How a tree is read, by itself or as an address chooses.

    Raises:
        DataError: this is no data set, may as well be read in another way, or classes differ between train and test.
        SettingsError: the list of classes, or a part, is unknown.
    """
    image = None if address.image == FILES else address.image
    for name, value in (("label", address.label), ("image", image), ("config", address.config)):
        if value is not None:
            raise SettingsError(
                f"'{name}={value[:100]}' chooses from parquet, but {root.path} holds folders of images: leave it away."
            )
    if not root.total:
        raise DataError(
            f"{root.path} holds no train*.parquet and no folders of pictures",
            "give a folder with train/ and test/, and in each a folder of pictures for every class",
        )
    parts = find_parts(root, address.split)
    level = class_level(parts.train)
    readings = list(parts.readings)
    if parts.test is None and _are_shares(level, address):
        address = replace(address, classes=DEEPEST)
        readings.append(
            f"{named(level.inner)} are shares of one set and read together ('?split=none' reads them as classes,"
            f" '?split={level.inner[0].name},{level.inner[1].name}' as training and test part)"
        )
    deepest = address.classes == DEEPEST
    if level is not root and parts.test is None and not readings:
        readings.append(f"class folders are those of {below(root, level)}")
    if parts.test is None and not deepest:
        if (inverted := _split_within_classes(root, level)) is not None:
            return _layout(root, parts, *inverted, address, [*readings, "each class folder holds its own parts"])
        _check_outer(level, address.split)
    train = _class_folders(level, parts.not_classes, deepest)
    readings += _nested(root, level, train, deepest) + ([] if deepest else _spelt_twice(train))
    if parts.test is not None and is_annotated(parts.test.path):
        return _annotated(root, parts, train, address, readings)
    test = None if parts.test is None else _class_folders(class_level(parts.test), (), deepest)
    return _layout(root, parts, train, test, address, readings)


def _class_folders(level: Node, beside: tuple[Node, ...], deepest: bool) -> Classes:
    """The class folders of a part, also those that hold no image."""
    found: dict[str, list[Node]] = {}
    for node in level.walk() if deepest else level.folders.values():
        if (node.images and node is not level) if deepest else node not in beside:
            found.setdefault(node.label, []).append(node)
    return {name: tuple(found[name]) for name in (sorted(found) if deepest else found)}


def _split_within_classes(root: Node, level: Node) -> tuple[Classes, Classes] | None:
    """Training and test folders of each class, where every class folder holds its own."""
    within = {child.label: {inner.name: inner for inner in child.inner} for child in level.inner}
    kinds = [{split_kind(name) for name in inner} for inner in within.values()]
    if len(within) < 2 or any(child.images for child in level.inner) or not all({"train"} < found for found in kinds):
        return None
    trains = [inner for folders in within.values() for name, inner in folders.items() if split_kind(name) == "train"]
    if all(len(inner.inner) > 1 for inner in trains):
        raise DataError(
            f"{level.path} holds several data sets ({named(level.inner)}), each with its own parts",
            "give the folder of one of them",
        )
    wanted = "test" if all("test" in found for found in kinds) else "val"
    return tuple(  # type: ignore[return-value]
        {
            name: tuple(inner for part, inner in folders.items() if split_kind(part) == kind)
            for name, folders in within.items()
        }
        for kind in ("train", wanted)
    )


def _are_shares(level: Node, address: Address) -> bool:
    """Whether all folders are numbered shares of one set (`fold1`, `fold2`): then classes are the folders in them."""
    shares = [child for child in level.inner if is_share(child.name) and not child.images and child.inner]
    inside = [class_names(child) for child in shares]
    whole = address.split is None and address.classes is None and len(shares) == len(level.inner) > 1
    return whole and len(set.intersection(*inside)) > 1


def _check_outer(level: Node, split: str | None) -> None:
    """Refuse folders that may as well be parts of a set as classes: all hold the same folders."""
    inside = [class_names(child) for child in level.inner]
    if split is not None or len(inside) < 2 or any(child.images for child in level.inner):
        return
    common, every = set.intersection(*inside), set.union(*inside)
    if len(common) > 1 and 2 * len(common) >= len(every):
        first, second = level.inner[0].name, level.inner[1].name
        some = ", ".join(f"'{shown(name)}'" for name in sorted(common)[:3])
        raise DataError(
            f"{level.path} is either a set of the classes {named(level.inner)}, or each of these is a part of a set"
            f" with the classes {some}",
            f"choose with '?split=none' (classes), '?split={first},{second}' (training and test part) or"
            f" '?classes={DEEPEST}' (all parts together)",
        )


def _nested(root: Node, level: Node, train: Classes, deepest: bool) -> list[str]:
    """Said where images lie in folders within a class."""
    if deepest:
        return ["every folder that holds images is a class by its own name"]
    deep = [(child, inner) for nodes in train.values() for child in nodes for inner in child.inner]
    if not deep or all(child.images == 0 and len(child.inner) == 1 for child, _ in deep):
        return []
    return [
        f"images in folders within a class count for it, as in {below(root, deep[0][1])} ('?classes={DEEPEST}' makes"
        " a class of each folder that holds images)"
    ]


def _spelt_twice(train: Classes) -> list[str]:
    """Said of folders of one name whose letters are stored in two ways, composed and decomposed."""
    twice = [name for name, nodes in train.items() if len(nodes) > 1]
    return [f"{len(train[name])} folders are called '{shown(name)}', in other code points: one class" for name in twice]


def _annotated(root: Node, parts: Parts, train: Classes, address: Address, readings: list[str]) -> Layout:
    """The layout of class folders whose test images are listed in a file."""
    place = parts.test.path if parts.test else ""
    chosen = address.classes not in (None, DEEPEST)
    classes = _wanted(tuple(train), address, parts.train)
    by_class = annotated_images(Path(place), classes)
    used = [node for name in classes for node in train[name]]
    used += [node for node in root.walk() if node.path == f"{place}/images"]
    splits = {"train": folder_split(train, False), "test": Split(lambda name: by_class[name])}
    apart = [node for nodes in train.values() for node in nodes] if chosen else []
    return Layout(classes, splits, tuple(readings), left_out(root, used, parts.spare, apart))


def _layout(
    root: Node, parts: Parts, train: Classes, test: Classes | None, address: Address, readings: list[str]
) -> Layout:
    """The layout of class folders, every fifth image held out where there is no test part."""
    deepest, chosen = address.classes == DEEPEST, address.classes not in (None, DEEPEST)
    empty = () if chosen else empty_classes(train, test)
    classes = _wanted(tuple(name for name in train if name not in empty), address, parts.train)
    used = [node for name in classes for node in train[name]]
    whole = folder_split(train, deepest)
    if test is None:
        readings.append("every fifth image of a class is for testing, as no test part is read")
        splits = every_fifth(whole)
    else:
        there = tuple(name for name in test if name not in empty)
        check_alike(classes, there, parts.test.name if parts.test else "test", whole=not chosen)
        used += [node for name in classes for node in test[name]]
        splits = {"train": whole, "test": folder_split(test, deepest)}
        if parts.test is not None and split_kind(parts.test.name) == "val":
            readings.append(f"{below(root, parts.test)} serves as the test part")
    if empty:
        some = ", ".join(f"'{shown(name)}'" for name in empty[:3])
        no = plural(len(empty), "folder without images is no class", "folders without images are no classes")
        readings.append(f"{len(empty)} {no} ({some})")
    apart = [node for nodes in train.values() for node in nodes] if chosen else []
    readings += repeated(root, used)
    return Layout(classes, splits, tuple(readings), left_out(root, used, parts.spare, apart, not deepest))


def _wanted(found: tuple[str, ...], address: Address, part: Node) -> tuple[str, ...]:
    """Some of the classes, where a list of them is chosen."""
    return wanted_classes(found, None if address.classes == DEEPEST else address.classes, Path(part.path))
