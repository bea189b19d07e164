"""Folders that hold the same folders: classes with parts of their own, numbered shares of one set, or unsure."""

from edc_core.data.address import DEEPEST, Address
from edc_core.data.description import shown
from edc_core.data.readers.class_folders import Classes
from edc_core.data.readers.parts import class_level, class_names, named
from edc_core.data.readers.split_names import is_share, split_kind
from edc_core.data.readers.trees import Node
from edc_core.errors import DataError


def parts_within_classes(level: Node) -> tuple[Classes, Classes] | None:
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


def are_shares(level: Node, address: Address) -> bool:
    """Whether all folders are numbered shares of one set (`fold1`, `fold2`): then classes are the folders in them.

    Raises:
        DataError: they may as well be classes that hold parts of their own.
    """
    shares = [child for child in level.inner if is_share(child.name) and not child.images and child.inner]
    inside = [class_names(child) for child in shares]
    whole = address.split is None and address.classes is None and len(shares) == len(level.inner) > 1
    if not whole or len(set.intersection(*inside)) < 2:
        return False
    kinds = {split_kind(name) for names in inside for name in names}
    if "train" in kinds and None not in kinds and not any(inner.inner for child in shares for inner in child.inner):
        raise DataError(
            f"{level.path} is either a set of the classes {named(level.inner)}, each with its own parts, or these are"
            f" shares of a set whose classes are called {', '.join(map(shown, sorted(inside[0])))}",
            f"choose '?split=none' (classes with parts) or '?classes={DEEPEST}' (shares)",
        )
    return None in kinds


def shares_said(level: Node) -> str:
    first, second = level.inner[:2]
    return (
        f"{named(level.inner)} are shares of one set and read together ('?split=none' reads them as classes,"
        f" '?split={first.name},{second.name}' as training and test part)"
    )


def class_folders_of_shares(level: Node) -> Classes:
    """The class folders of all shares together."""
    found: dict[str, list[Node]] = {}
    for share in level.inner:
        for node in class_level(share).folders.values():
            found.setdefault(node.label, []).append(node)
    return {name: tuple(found[name]) for name in sorted(found)}


def hold_alike(level: Node, split: str | None) -> bool:
    """Whether folders that are no class by themselves all hold the same folders: these are the classes, then."""
    inside = [class_names(child) for child in level.inner]
    if split is not None or len(inside) < 2 or any(child.images for child in level.inner):
        return False
    common, every = set.intersection(*inside), set.union(*inside)
    return len(common) > 1 and 2 * len(common) >= len(every)


def alike_said(level: Node) -> str:
    """The doubt about folders that all hold the same class folders."""
    first, second = level.inner[:2]
    some = ", ".join(f"'{shown(name)}'" for name in sorted(class_names(first) & class_names(second))[:3])
    return (
        f"{named(level.inner)} hold the same folders and are read together, with the classes {some}, as datasets and"
        f" fastai read them ('?split=none' makes {named(level.inner)} the classes,"
        f" '?split={first.name},{second.name}' training and test part)"
    )
