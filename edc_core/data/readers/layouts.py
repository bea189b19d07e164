"""How a folder of images is laid out: which files are a class's training and test images, and what is left out."""

from dataclasses import dataclass, replace
from pathlib import Path

from edc_core.data.address import DEEPEST, FILES, Address
from edc_core.data.census import LeftOut
from edc_core.data.class_lists import wanted_classes
from edc_core.data.description import shown
from edc_core.data.readers.annotated import annotated_images, is_annotated
from edc_core.data.readers.class_folders import Classes, Split, check_alike, empty_classes, every_fifth, folder_split
from edc_core.data.readers.inner_parts import (
    alike_said,
    are_shares,
    class_folders_of_shares,
    hold_alike,
    parts_within_classes,
    shares_said,
)
from edc_core.data.readers.left_out import below, left_out, repeated
from edc_core.data.readers.parts import Parts, class_level, find_parts
from edc_core.data.readers.split_names import split_kind
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
    doubts: tuple[str, ...] = ()


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
            f"{root.path} holds no train*.parquet and no folders of images",
            "give a folder with train/ and test/, and in each a folder of images for every class",
        )
    parts = find_parts(root, address.split)
    level = class_level(parts.train)
    readings = list(parts.readings)
    deepest = address.classes == DEEPEST
    if level is not root and parts.test is None and not readings:
        readings.append(f"class folders are those of {below(root, level)}")
    if parts.test is None and not deepest:
        if are_shares(level, address):
            return _layout(root, parts, class_folders_of_shares(level), None, address, [*readings, shares_said(level)])
        if (inverted := parts_within_classes(level)) is not None:
            said = f"each class folder holds its own parts ('?classes={DEEPEST}' makes classes of the folders in it)"
            return _layout(root, parts, *inverted, address, [*readings, said])
        if hold_alike(level, address.split):
            parts = replace(parts, doubts=(*parts.doubts, alike_said(level)))
            return _layout(root, parts, class_folders_of_shares(level), None, address, readings)
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
    return Layout(classes, splits, tuple(readings), left_out(root, used, parts.spare, apart), parts.doubts)


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
    return Layout(classes, splits, tuple(readings), left_out(root, used, parts.spare, apart, not deepest), parts.doubts)


def _wanted(found: tuple[str, ...], address: Address, part: Node) -> tuple[str, ...]:
    """Some of the classes, where a list of them is chosen."""
    return wanted_classes(found, None if address.classes == DEEPEST else address.classes, Path(part.path))
