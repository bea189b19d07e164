"""Which folders of a tree are parts of a data set (for training, for testing) and which are its classes.

A folder's name alone decides nothing: what lies in it and what it lies beside do. Where two readings are about as
likely, the set is refused in a sentence that names both.
"""

from dataclasses import dataclass, field, replace

from edc_core.data.address import NO_SPLIT
from edc_core.data.description import shown
from edc_core.data.readers.annotated import is_annotated
from edc_core.data.readers.left_out import below
from edc_core.data.readers.split_names import is_exact, split_kind
from edc_core.data.readers.trees import Node
from edc_core.errors import DataError, SettingsError
from edc_core.wording.grammar import plural

NAMED = 5  # folders that a sentence names


@dataclass(frozen=True)
class Parts:
    """Where class folders lie; `test` None: some of the training images are for testing."""

    train: Node
    test: Node | None = None
    spare: tuple[Node, ...] = ()  # parts that are not read
    not_classes: tuple[Node, ...] = ()  # folders beside the class folders
    readings: tuple[str, ...] = field(default=())
    doubts: tuple[str, ...] = field(default=())


def find_parts(root: Node, split: str | None) -> Parts:
    """The parts of a set, by its folders or as `?split=` chooses.

    Raises:
        DataError: it may as well be read in another way.
        SettingsError: `split` names no part of it.
    """
    if split not in (None, NO_SPLIT):
        return _chosen(root, split)
    node = root
    while True:
        inside = wrapped(node)
        within = inside is not None and _holds_parts(inside)  # as in training/train/ and training/test/
        if split is None and not within and (found := _divided(root, node)):
            return found
        if inside is None:
            readings, doubts = ((), ()) if split else _classes_like_parts(node)
            return Parts(node, readings=readings, doubts=doubts)
        node = inside


def wrapped(node: Node) -> Node | None:
    """The one folder that holds all of a folder's images in folders of its own, if it is so.

    Images may lie beside these: a few that were left there make no class of all others.
    """
    if len(node.inner) != 1 or not (only := node.inner[0]).inner:
        return None
    if not only.images or len(only.inner) > 1:
        return only
    return only if len(class_level(only.inner[0]).inner) > 1 else None


def _holds_parts(node: Node) -> bool:
    """Whether a folder holds a training part and another part with its classes, two at least."""
    trains = [class_names(child) for child in node.inner if split_kind(child.name) == "train"]
    tests = [class_names(child) for child in node.inner if split_kind(child.name) in ("test", "val")]
    return any(len(train & test) > 1 for train in trains for test in tests)


def class_level(node: Node) -> Node:
    """The folder whose folders are a part's classes: itself, or one that it holds alone."""
    while (inside := wrapped(node)) is not None and len(inside.inner) > 1:
        node = inside
    return node


def named(nodes: list[Node] | tuple[Node, ...]) -> str:
    """A few folders' names."""
    more = f" and {len(nodes) - NAMED} more" if len(nodes) > NAMED else ""
    return ", ".join(f"'{shown(node.name)}'" for node in nodes[:NAMED]) + more


def class_names(node: Node) -> set[str]:
    return {child.label for child in class_level(node).inner}


def _divided(root: Node, node: Node) -> Parts | None:
    """The parts that a folder's folders are; None where they are classes, or all lies in one of them."""
    marked = [child for child in node.inner if split_kind(child.name)]
    plain = [child for child in node.inner if not split_kind(child.name)]
    trains = [child for child in marked if split_kind(child.name) == "train" and child.inner]
    tests = [child for child in marked if split_kind(child.name) != "train"]
    if not trains:
        empty = [child for child in node.folders.values() if split_kind(child.name) == "train" and not child.total]
        if empty and any(child.inner for child in tests):
            raise DataError(
                f"{empty[0].path} holds no class folders", "put each class's images in a folder of its name"
            )
        return _without_training(root, node, marked, plain)
    train = _one(root, trains, "training")
    _check_inverted(node, [*trains, *tests, *plain])
    found = Parts(train, spare=tuple(child for child in (*marked, *plain) if child is not train))
    if annotated := [one for one in node.folders.values() if split_kind(one.name) == "val" and is_annotated(one.path)]:
        return _tested(root, found, annotated[0])
    alike = [child for child in tests if class_names(child) & class_names(train)]
    # An unlabelled test/ beside a val/ with classes is no test set; one with other classes is refused by name later.
    for kind in ("test", "val"):
        if of_kind := [child for child in alike if split_kind(child.name) == kind]:
            return _tested(root, found, _one(root, of_kind, "test"))
    if others := [child for child in tests if len(class_level(child).inner) > 1]:
        return _tested(root, found, others[0])
    empty = [one for one in node.folders.values() if not one.total and split_kind(one.name) in ("test", "val")]
    return _with_unnamed_test(root, found, [*tests, *empty], plain)


def _check_inverted(node: Node, parts: list[Node]) -> None:
    """Refuse parts whose class folders are all called like parts, too: these may be classes with parts of their own."""
    kinds = [{split_kind(name) for name in class_names(child)} for child in parts]
    if len(parts) > 1 and all(None not in inside and {"train"} < inside for inside in kinds):
        raise DataError(
            f"{node.path}: {named(parts)} are parts of a set with classes called like parts, or classes that hold"
            " their own parts",
            f"choose '?split={parts[0].name},{parts[1].name}' (training and test part) or '?split=none' (classes)",
        )


def _with_unnamed_test(root: Node, found: Parts, tests: list[Node], plain: list[Node]) -> Parts:
    """The test part where no folder's name tells: one with the same classes, else none."""
    train = found.train
    alike = [child for child in plain if class_names(child) & class_names(train)]
    if len(alike) == 1:
        said = f"{below(root, alike[0])} is for testing: it has the classes of {below(root, train)}"
        found = replace(found, readings=(f"{said} ('?split={train.name}' takes every fifth image of these instead)",))
        return _tested(root, found, alike[0], told=True)
    if alike:
        raise DataError(
            f"{root.path} has {below(root, train)} and more folders with its classes ({named(alike)}), and none is"
            " called a test part",
            f"choose one with '?split={train.name},{alike[0].name}', or '?split={train.name}' alone",
        )
    if plain and not tests and all(not child.inner for child in plain):
        raise DataError(
            f"{root.path} is either a set whose class folders are {named([train, *plain])} (one is called"
            f" {train.name}), or {below(root, train)} holds the classes and {named(plain)} something else",
            f"choose with '?split=none' or '?split={train.name}'",
        )
    return replace(found, readings=(f"training images are those of {below(root, train)}", *_unlabelled(root, tests)))


def _unlabelled(root: Node, tests: list[Node]) -> tuple[str, ...]:
    return tuple(
        f"{below(root, child)} has no {'class folders' if child.total else 'images'} and is not read" for child in tests
    )


def _tested(root: Node, found: Parts, test: Node, told: bool = False) -> Parts:
    """The parts with that one for testing, and said so."""
    spare = tuple(child for child in found.spare if child is not test)
    other = [child.name for child in spare if split_kind(child.name) in ("test", "val") and child.inner]
    choice = f" ('?split={other[0]}' takes that)" if other else ""
    said = (
        ()
        if told
        else (
            f"training images are those of {below(root, found.train)}, test images those of"
            f" {below(root, test)}{choice}",
        )
    )
    return replace(found, test=test, spare=spare, readings=(*said, *found.readings))


def _without_training(root: Node, node: Node, marked: list[Node], plain: list[Node]) -> Parts | None:
    """What is read where no folder called training holds class folders."""
    deep = [child for child in marked if child.inner]
    if len(node.inner) == 1 and marked and not deep:
        raise DataError(
            f"{node.path}: {named(marked)} holds images, but no class folders", "put them in a folder for each class"
        )
    if not plain and len(deep) > 1:
        raise DataError(
            f"{node.path} has {named(deep)}, but no training part",
            f"add train/, choose '?split={deep[-1].name},{deep[0].name}' (training, test), or '?split=none' to read"
            " them as classes",
        )
    for child in deep if plain else ():
        if class_names(child) <= {other.label for other in plain}:  # class folders with a test folder beside them
            said = f"training images are those of the class folders, test images those of {below(root, child)}"
            beside = tuple(other for other in node.folders.values() if split_kind(other.name) and other is not child)
            return Parts(node, child, beside, (child, *beside), (said,))
    return None


def _classes_like_parts(node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is said of classes that are called like a part of a set: readings, and doubts where they may be parts."""
    like = [child for child in node.inner if split_kind(child.name)]
    others = [child for child in node.inner if not split_kind(child.name)]
    if not like or any(child.inner for child in like):
        return (), ()
    are = plural(len(like), "is read as a class", "are read as classes")
    kinds = {split_kind(child.name) == "train" for child in like}
    if not others or (len(kinds) == 2 and len(others) < 2 * len(like)):
        doubt = (
            f"{named(like)} {are}, as torchvision and fastai read them: if they are parts without labels, put the"
            " images in a folder for each class, or name their labels in a CSV file beside them"
        )
        return (), (doubt,)
    return (f"{named(like)} {are}: the folders beside ({named(others)}) are no parts of a set",), ()


def _one(root: Node, nodes: list[Node], what: str) -> Node:
    """The only folder for a part, or the only one that is called so and nothing more.

    Raises:
        DataError: there are several.
    """
    exact = [node for node in nodes if is_exact(node.name)] if len(nodes) > 1 else nodes
    if len(exact) != 1:
        raise DataError(
            f"{root.path} has several {what} parts ({named(nodes)})",
            f"choose with '?split=TRAINING,TEST', as in '?split={nodes[0].name},{nodes[-1].name}'",
        )
    return exact[0]


def _chosen(root: Node, split: str) -> Parts:
    """The parts that `?split=` names: a test part, a training part alone, or both with a comma."""
    names = [name.strip() for name in split.split(",")]
    node, seen = root, []
    while not all(name in node.folders for name in names) or len(set(names)) != len(names) or len(names) > 2:
        seen += [child.name for child in node.inner]
        if len(node.inner) != 1 or len(names) > 2:
            have = ", ".join(map(shown, seen[:20])) or "no folders of images"
            raise SettingsError(
                f"split is '{split[:100]}', but {root.path} has {have}: name a part, two with a comma (training,test),"
                " or none."
            )
        node = node.inner[0]
    chosen = [node.folders[name] for name in names]
    spare = tuple(child for child in node.inner if child not in chosen)
    if len(chosen) == 2:
        return _tested(root, Parts(chosen[0], spare=spare), chosen[1])
    if split_kind(names[0]) in (None, "train"):
        return Parts(chosen[0], spare=spare, readings=(f"training images are those of {below(root, chosen[0])}",))
    usual = find_parts(root, None)
    spare = tuple(child for child in (*usual.spare, usual.test) if child is not None and child is not chosen[0])
    return _tested(root, Parts(usual.train, spare=spare, not_classes=usual.not_classes), chosen[0])
