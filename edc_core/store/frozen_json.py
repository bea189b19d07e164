"""JSON decoded once for all who read it: values that nobody can change."""

from functools import lru_cache
from typing import Any

from pydantic_core import from_json

TEXTS = 8192  # of about 2,500 runs


def _refuse(*_, **__) -> None:
    raise TypeError("this value is shared by all who read the store: copy it (copy.deepcopy), then change the copy")


class FixedDict(dict):
    """A dict as it was stored; a copy of it is a plain one, its parts are fixed still."""

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple:
        return dict, (dict(self),)  # so a deep copy is plain throughout


class FixedList(list):
    """A list as it was stored; a copy of it is a plain one, its parts are fixed still."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def __reduce__(self) -> tuple:
        return list, (list(self),)


@lru_cache(TEXTS)
def decoded(text: str) -> Any:
    """A JSON text's value: equal texts share it, and a text that changed has another.

    Raises:
        ValueError: it is no JSON.
    """
    return _fixed(from_json(text))


def _fixed(value: Any) -> Any:
    if isinstance(value, dict):
        return FixedDict({name: _fixed(part) for name, part in value.items()})
    return FixedList(map(_fixed, value)) if isinstance(value, list) else value
