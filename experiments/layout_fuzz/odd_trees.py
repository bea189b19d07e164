"""Odd trees: damaged files, classes of one side only, parts within a wrapper that is called like one."""

import numpy as np

from experiments.layout_fuzz import names
from experiments.layout_fuzz.cases import Case, Truth
from experiments.layout_fuzz.image_files import PLAIN, Style
from experiments.layout_fuzz.names import pick
from experiments.layout_fuzz.trees import LIKE_PARTS, classes_of, fill, wrapped

DAMAGES = ("empty", "text", "cut", "zeros", "header only")


def damaged(rng: np.random.Generator) -> Case:
    """One file is called an image and is none, or not a whole one: it is named, never left out nor read as it is."""
    case = Case("a damaged image", rng, Style((pick(rng, list(PLAIN)),), 0.0))
    train = fill(case, f"{wrapped(case)}/train".lstrip("/"), classes_of(case), 3)
    name = pick(rng, [file for file in case.files if not file.endswith((".ppm", ".pnm"))] or list(case.files))
    content = case.files[name]
    how = pick(rng, list(DAMAGES))
    case.files[name] = {
        "empty": b"",
        "text": b"<html>404: not found</html>",
        "cut": content[: len(content) // 2],
        "zeros": bytes(len(content)),
        "header only": content[:30],
    }[how]
    case.remarks.append(f"{name} is damaged: {how}")
    case.truths, case.wrong = [Truth(train)], True
    return case


def mismatched(rng: np.random.Generator) -> Case:
    """Classes that one side lacks, or calls in other capitals: refused by name."""
    case = Case("classes of one side", rng)
    classes = names.class_names(rng, pick(rng, ["plain", "wnids", "accents", "Chinese", "signs"]), 4)
    base = f"{wrapped(case)}/".lstrip("/")
    train, test = pick(rng, ["train", "Training", "train2017"]), pick(rng, ["test", "val", "Validation"])
    others = classes[:-1] if case.chance(0.5) else [*classes[:-1], "another"]
    if case.chance(0.3) and classes[0].swapcase() != classes[0]:
        others = [name.swapcase() for name in classes]
    fill(case, base + train, classes, 2)
    fill(case, base + test, others, 2)
    case.remarks.append(f"{train} has {classes}, {test} has {others}")
    case.wrong = True
    case.truths = [Truth({})]
    return case


def under_a_part(rng: np.random.Generator) -> Case:
    """Both parts in a folder that is itself called like one: `training/train/`, `test set/test/`."""
    case = Case("parts in a part", rng)
    classes = classes_of(case)
    base = f"{wrapped(case)}/{pick(rng, list(names.SPLIT_WRAPPERS))}/".lstrip("/")
    train, test = pick(rng, names.TRAIN), pick(rng, names.TEST + names.VAL)
    filled = fill(case, base + train, classes, 3), fill(case, base + test, classes, 2)
    case.truths = [Truth(*filled)]
    case.remarks.append(f"{base}: {train}, {test}")
    if any(name in LIKE_PARTS for name in classes):
        case.refusable = "classes and parts are called alike"
    return case


def twice(rng: np.random.Generator) -> Case:
    """Two of a part: refused, or one of them is taken by its exact name and the other counted."""
    case = Case("two of a part", rng)
    classes = names.class_names(rng, "plain", 3)
    base = f"{wrapped(case)}/".lstrip("/")
    exact, other = pick(rng, ["train", "Train", "training"]), pick(rng, ["train_256", "train-aug", "trainset_small"])
    filled = fill(case, base + exact, classes, 3), fill(case, f"{base}test", classes, 2)
    case.unread = len(fill(case, base + other, classes, 2))
    case.truths = [Truth(*filled, said=f"images of parts that are not read ({case.unread} files")]
    case.remarks.append(f"{exact}, {other}")
    case.refusable = "two training parts"
    return case


def renamed_link(rng: np.random.Generator) -> Case:
    """One class folder linked a second time, within its class or as another class."""
    case = Case("a second way", rng)
    classes = names.class_names(rng, "plain", 3)
    train, test = fill(case, "train", classes, 3), fill(case, "test", classes, 2)
    case.links[f"train/{classes[0]}/again"] = f"train/{classes[0]}/more"
    for _ in range(2):
        train[case.put(f"train/{classes[0]}/more")] = classes[0]
    case.truths = [Truth(train, test, said="is read once")]
    return case


def linked_files(rng: np.random.Generator) -> Case:
    """Images that are links to files elsewhere, with other endings; one of them may lead nowhere."""
    case = Case("linked files", rng)
    classes = names.class_names(rng, pick(rng, ["plain", "accents", "digits"]), 3)
    truth = {}
    for name in classes:
        for _ in range(5):
            number = case.new_image()
            image = case.images[number]
            case.files[f".pool/{number:064x}"] = image.content
            case.links[f"set/{name}/{number}{image.ending}"] = f".pool/{number:064x}"
            truth[number] = name
    case.truths, case.uncounted = [Truth(truth)], True
    if case.chance(0.2):
        case.links[f"set/{classes[0]}/gone.png"] = ".pool/gone"
        case.wrong = True
    return case


def names_of_bytes(rng: np.random.Generator) -> Case:
    """File names that are no text in UTF-8, as old disks have them; a class's name has to be text."""
    case = Case("names of bytes", rng)
    classes = names.class_names(rng, pick(rng, ["plain", "accents"]), 3)
    if case.chance(0.3):
        classes[0], case.wrong = "caf\udce9", True
    truth = {}
    for name in classes:
        for turn in range(5):
            truth[case.put(name, f"fa\udce7ade {turn}")] = name
    case.truths = [Truth(truth)]
    return case


def chosen_classes(rng: np.random.Generator) -> Case:
    """Some classes, in the order of a list in a file."""
    case = Case("a list of classes", rng)
    classes = classes_of(case, 3)
    base = f"{wrapped(case)}/".lstrip("/")
    train, test = fill(case, f"{base}train", classes, 3), fill(case, f"{base}test", classes, 2)
    wanted = [name for name in rng.permutation(classes).tolist() if name.strip() == name and "#" not in name][:2]
    if len(wanted) < 2 or any(name in LIKE_PARTS for name in classes):
        case.truths, case.refusable = [Truth(train, test)], "classes and parts are called alike"
        return case
    case.class_list = ("\ufeff" if case.chance(0.3) else "") + "\r\n".join(wanted) + "\n"
    chosen = [{number: name for number, name in part.items() if name in wanted} for part in (train, test)]
    case.unread = len(train) + len(test) - sum(map(len, chosen))
    case.truths = [Truth(*chosen)]
    case.remarks.append(f"chosen: {wanted}")
    return case
