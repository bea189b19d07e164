"""Whether a condensed set is a data set's own root: then its test images would be judged as condensed ones."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from edc_core.data.class_naming import class_of_folder
from edc_core.data.description import shown
from edc_core.data.readers.split_names import split_kind
from edc_core.errors import DataError


def check_parts(names: Iterable[str], classes: Sequence[str]) -> None:
    """Refuse a set whose images lie in a training part and a test part with the same folders in both.

    Raises:
        DataError: naming both parts.
    """
    paths = [PurePosixPath(name).parts[:-1] for name in names]
    while paths and all(paths) and len({path[0] for path in paths}) == 1:
        paths = [path[1:] for path in paths]  # a folder that holds all others
    inside: dict[str, set[str]] = {}
    for path in paths:
        if len(path) > 1 and split_kind(path[0]) and class_of_folder(path[0], classes) is None:
            inside.setdefault(path[0], set()).add(path[1])
    trains = [name for name in inside if split_kind(name) == "train"]
    for train in trains:
        for test in inside:
            if test not in trains and inside[train] & inside[test]:
                raise DataError(
                    f"the set holds '{shown(train)}' and '{shown(test)}' with the same folders in both, as a data set's"
                    " own root does, and test images are no condensed ones",
                    f"give the folder '{shown(train)}' alone",
                )
