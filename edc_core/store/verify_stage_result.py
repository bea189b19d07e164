"""Whether a result from another store is whole, and what its name says it is; nothing is unpickled."""

import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from edc_core.errors import SettingsError, StoreError
from edc_core.stage_graph import CODE_VERSIONS, Student, stable_hash
from edc_core.store.digests import LIST, digests_in, listed
from edc_core.store.files import is_finite
from edc_core.store.image_files import dimensions
from edc_core.store.json_schema import check_records
from edc_core.store.result_schema import Expected, check_shapes
from edc_core.store.safetensors_headers import arrays_of

# What a stage's result holds at least; without it nothing can be read from it.
NEEDED = {
    "squeeze": ("observer.safetensors", "observer.json"),
    "statistics": ("statistics.safetensors", "layout.json"),
    "difficulty": ("groups.safetensors",),
    "initialise": ("images.safetensors",),
    "synthesise": ("images.safetensors",),
    "relabel": ("labels.safetensors", "labels.json"),
    "evaluate": ("student.safetensors", "student.json"),
    "score": ("score.json",),
    "neighbours": ("neighbours.safetensors", "neighbours.json"),
}


def check(folder: Path, key: str, expected: Iterable[Expected] = ()) -> None:
    """Look at a copied result before it is taken over; `expected` is what runs say that it belongs to.

    Raises:
        StoreError: it is not whole, holds what no stage writes, was made by other settings than its key says, or is
            not of the runs' data set.
    """
    try:
        for path in sorted(folder.rglob("*")):
            _check_file(path)
        record = _read_json(folder / "stage.json")
        stage = record.get("stage") if isinstance(record, dict) else None
        if stage not in CODE_VERSIONS:
            raise StoreError(f"its stage is {stage!r}, which is none of {', '.join(CODE_VERSIONS)}")
        if lacking := [name for name in NEEDED.get(stage, ()) if not (folder / name).is_file()]:
            raise StoreError(f"it lacks {', '.join(lacking)}")
        possible = keys_of(record, folder)
        if record["key"] != key or (possible and key not in possible):
            raise StoreError("its settings are not those that its key stands for")
        for name in ("seconds", "finished"):
            if not is_finite(record[name]):
                raise StoreError(f"its {name} in stage.json is {str(record[name])[:60]!r}, which is no number")
        for one in tuple(expected) or (None,):
            check_content(folder, stage, one)
        _check_digests(folder)  # last: it knows least of what is the matter
    except StoreError:
        raise
    except SettingsError as error:
        raise StoreError(str(error)) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise StoreError(f"it cannot be read ({type(error).__name__}: {error})") from None


def check_content(folder: Path, stage: str, expected: Expected | None) -> None:
    """A result's arrays, images and records are those of its stage, and of a run where one is given.

    Raises:
        StoreError: they are not.
    """
    try:
        check_shapes(folder, stage, expected)
        check_records(folder, stage, expected)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise StoreError(f"it cannot be read ({type(error).__name__}: {str(error)[:200]})") from None


def keys_of(record: dict[str, Any], folder: Path) -> list[str]:
    """The keys that a result of these settings may have; none where they rest on what is not kept beside it."""
    stage, settings, name = record["stage"], record["settings"], record["name"]
    of = (stage, record["code_version"], record["data"])
    inputs = list(record["inputs"])
    if stage == "squeeze":
        return [stable_hash(*of, settings, inputs, [name])]
    if stage in ("statistics", "synthesise"):
        return [stable_hash(*of, settings, inputs, [])]
    if stage == "initialise":  # of so many images a class, as many as there are at most
        count = arrays_of(folder / "images.safetensors")["labels"].shape[0]
        return [stable_hash(*of, settings, inputs, [ipc]) for ipc in range(1, min(count, 100_000) + 1)]
    if stage == "evaluate":
        student = Student.parse(name)
        own = {key: value for key, value in settings.items() if key not in ("students", "seeds", "seed")}
        return [stable_hash(*of, [student.network, student.seed, own], inputs, [])]
    if stage == "score":
        return [stable_hash(*of, settings["split"], inputs, [])]
    if stage == "neighbours":
        return [stable_hash(*of, precision, inputs, []) for precision in ([], [settings.get("precision")])]
    return []  # relabel's views stand elsewhere


def _check_file(path: Path) -> None:
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise StoreError(f"'{path.name}' is no plain file")
    if path.is_file() and path.name != LIST:
        if path.suffix not in WHOLE:
            raise StoreError(f"it holds '{path.name}', which no stage writes")
        WHOLE[path.suffix](path)


def _check_digests(folder: Path) -> None:
    """The files that its own list names are there and are what it says; one of an earlier version has no list."""
    if known := listed(folder):
        found = digests_in(folder)
        for name, digest in known.items():
            if name not in found:
                raise StoreError(f"it lacks {name[:100]!r}, which its {LIST} names")
            if digest != found[name]:
                raise StoreError(f"{name[:100]!r} is not what its {LIST} says: a byte of it was changed")


def _read_json(path: Path) -> Any:
    return json.loads(path.read_bytes())


WHOLE: dict[str, Callable[[Path], Any]] = {".json": _read_json, ".safetensors": arrays_of, ".png": dimensions}
