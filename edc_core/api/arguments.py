"""Arguments of the API, checked and made plain; a wrong one is refused by name."""

import functools
import inspect
import io
import operator
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from edc_core.data.external_sets.members import Source
from edc_core.design_space.compose import nearest
from edc_core.errors import SettingsError
from edc_core.store import default_home

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")


class KeywordError(SettingsError, TypeError):
    """A function was called with a keyword that it does not have, or without an argument that it needs."""


def checked_keywords(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Decorator that refuses an unknown keyword and names the nearest one."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Parameters.args, **keywords: Parameters.kwargs) -> Returned:
        for name in keywords:
            if name not in signature.parameters:
                cure = nearest(name, signature.parameters)
                raise KeywordError(f"keyword '{name}' of {function.__name__} is unknown: {cure}")
        try:
            signature.bind(*args, **keywords)
        except TypeError as error:
            raise KeywordError(f"{function.__name__}{signature} was called wrongly: {error}.") from None
        return function(*args, **keywords)

    return call


def home_of(home: str | os.PathLike | None) -> Path:
    """The store's folder: the named one, else `EDC_HOME`, else ./runs."""
    return (Path(home).expanduser() if home is not None else default_home()).absolute()


def text(name: str, value: Any) -> str:
    """A name or a path as text."""
    if not isinstance(value, str | os.PathLike):
        raise SettingsError(f"{name} is {value!r}: give its name as text.")
    return os.fspath(value)


def parse_int(name: str, value: Any) -> int:
    """A whole number, NumPy's too."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise SettingsError(f"{name} is {value!r}: give a whole number like 10.") from None


def listed(value: Any) -> list[Any]:
    """One value, several of them, or names in one text, separated by commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, Iterable) and not isinstance(value, os.PathLike) else [value]


def changes_of(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Single settings by path, e.g. {"evaluate.zeta": 1.5}, in plain values."""
    if settings is not None and not isinstance(settings, Mapping):
        raise SettingsError(f"settings is {settings!r}: give a dictionary like {{'evaluate.zeta': 1.5}}.")
    for path in settings or {}:
        if not isinstance(path, str) or "." not in path:
            raise SettingsError(f"setting {path!r} is not of the form stage.setting, e.g. 'evaluate.zeta'.")
    return {path: _plain(value) for path, value in (settings or {}).items()}


def set_of(images: Any, labels: Any) -> tuple[Source, Source | None]:
    """A condensed set as it is imported: paths as paths, arrays of images and labels as the NPZ that they would be."""
    if isinstance(images, str | os.PathLike):
        return Path(images).expanduser(), None if labels is None else Path(text("labels", labels)).expanduser()
    if labels is None:
        raise SettingsError("images are an array without labels: give each image's class in labels.")
    file = io.BytesIO()
    np.savez(file, images=np.asarray(images), labels=np.asarray(labels))
    return file.getvalue(), None


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, tuples and paths as JSON has them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value
