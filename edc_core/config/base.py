"""Settings base class: frozen, validated, and with the fields that enter a stage's cache key.

A setting or value that was renamed keeps the name that results are stored under: as the field's `alias`, or as
`stored_as` of its type. Both names are accepted; keys and rows are written with the stored ones.
"""

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, SerializationInfo, ValidationError

from edc_core.errors import SettingsError

NEAREST = 3  # settings that are offered in place of an unknown one


def active_when(**conditions: Any) -> dict[str, Any]:
    """Field metadata: it is read only while other fields have one of the given values (a tuple of them each)."""
    return {"active_when": conditions}


def unkeyed_at(default: Any, **conditions: Any) -> dict[str, Any]:
    """Field metadata for a setting that is newer than stored results: at `default` it stays out of the cache key.

    `default` is the behaviour that those results were made with; `conditions` are those of `active_when`.
    """
    return {"active_when": conditions, "unkeyed_at": default}


class Settings(BaseModel):
    """Frozen, keyword-only settings of one stage; an unknown or wrong one is refused by name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=(), populate_by_name=True
    )

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """Under the stored names and values; `by_alias=False`: those that people read and type."""
        return super().model_dump(**{"by_alias": True} | options)

    def model_dump_json(self, **options: Any) -> str:
        """As `model_dump`."""
        return super().model_dump_json(**{"by_alias": True} | options)

    @classmethod
    def stored_name(cls, field: str) -> str:
        """The name that keys and stored rows have for a field."""
        return cls.model_fields[field].alias or field

    def is_active(self, field: str) -> bool:
        """Whether this field is read, given the other fields' values."""
        conditions = self._metadata(field).get("active_when")
        return not conditions or all(
            self.is_active(name) and getattr(self, name) in values for name, values in conditions.items()
        )

    def active_fields(self) -> dict[str, Any]:
        """The active fields and their values, in JSON types, by the names that people read and type."""
        values = self.model_dump(mode="json", by_alias=False)
        return {name: values[name] for name in values if self.is_active(name)}

    def cache_key_fields(self) -> dict[str, Any]:
        """The fields that enter a stage's cache key, by stored names: active, and not at their `unkeyed_at` value."""
        values = self.model_dump(mode="json")
        stored = {name: self.stored_name(name) for name in type(self).model_fields if self.is_active(name)}
        return {
            key: values[key]
            for name, key in stored.items()
            if self._metadata(name).get("unkeyed_at", ...) != values[key]
        }

    @classmethod
    @cache  # a matrix of 768 runs asks 300,000 times
    def _metadata(cls, field: str) -> dict[str, Any]:
        """A field's metadata (see `active_when`, `unkeyed_at`); empty for a property, which a condition may name."""
        declared = cls.model_fields.get(field)
        extra = declared.json_schema_extra if declared else None
        return extra if isinstance(extra, dict) else {}


def stored_as(names: Mapping[str, str]) -> tuple[BeforeValidator, PlainSerializer]:
    """For a field's type: words whose stored form is another one, as {"imported": "given"}."""
    current = {stored: name for name, stored in names.items()}

    def stored_form(value: Any, info: SerializationInfo) -> Any:
        return names.get(value, value) if info.by_alias and isinstance(value, str) else value

    def current_form(value: Any) -> Any:
        return current.get(value, value) if isinstance(value, str) else value

    return BeforeValidator(current_form), PlainSerializer(stored_form)


Model = TypeVar("Model", bound=BaseModel)


def validated(cls: type[Model], values: Any) -> Model:
    """An instance of a model from plain values.

    Raises:
        SettingsError: naming the setting, its value and the cure.
    """
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        raise explain(error, cls) from None


def explain(error: ValidationError, cls: type[BaseModel], at: str = "") -> SettingsError:
    """The first of pydantic's complaints as one sentence that names the setting, the value and the cure.

    `at` is the path of the one setting that was checked, where it was one.
    """
    first = error.errors()[0]
    path = at or ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
    path = stored_paths_of(cls).get(path, path)
    value = first["input"]
    if first["type"] == "extra_forbidden":
        return unknown_setting(path, paths_of(cls))
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return SettingsError(f"{path}: {message}" if path else message)
    what, should, rest = message.partition(" should ")
    whose = "it" if what == "Input" else f"its {what[0].lower()}{what[1:]}"
    return SettingsError(f"{path} is {value!r}, but {whose}{should}{rest}: choose another value.")


def unknown_setting(path: str, known: Iterable[str]) -> SettingsError:
    """The refusal of a path that is none of the known ones, naming the nearest."""
    known = list(known)
    group, _, name = path.rpartition(".")
    siblings = {entry.rpartition(".")[2]: entry for entry in known if entry.rpartition(".")[0] == group}
    near = [siblings[alike] for alike in difflib.get_close_matches(name, siblings, n=2, cutoff=0.7)]
    near += [entry for entry in known if group and entry.endswith(f".{name}") and entry not in near]
    near = near[:NEAREST] or difflib.get_close_matches(path, known, n=1, cutoff=0.8)
    words = " or ".join(f"'{entry}'" for entry in near)
    hint = f"did you mean {words}?" if near else f"choose one of {', '.join(siblings.values() or known)}."
    return SettingsError(f"setting '{path}' is unknown: {hint}")


def paths_of(cls: type[BaseModel], prefix: str = "") -> list[str]:
    """Every setting's dotted path."""
    found = []
    for name, field in cls.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += paths_of(kind, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def stored_paths_of(cls: type[BaseModel]) -> dict[str, str]:
    """Path by its stored name -> path, of every setting that was renamed."""
    groups = {name: field.annotation for name, field in cls.model_fields.items()}
    found = {field.alias: name for name, field in cls.model_fields.items() if field.alias}
    for group, kind in groups.items():
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= {f"{group}.{stored}": f"{group}.{name}" for stored, name in stored_paths_of(kind).items()}
    return found
