"""The base of every settings class: frozen, checked at birth, and keyed only by what is read."""

import difflib
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from edc_core.errors import SettingsError


def when(**conditions: Any) -> dict[str, Any]:
    """Mark a field as read only where other fields have one of the given values (a tuple of them)."""
    return {"when": conditions}


def later(off: Any, **conditions: Any) -> dict[str, Any]:
    """Mark a field that is younger than stored results: at `off` it is what they were made with, and is not keyed.

    `conditions` are those of `when`.
    """
    return {"when": conditions, "off": off}


class Settings(BaseModel):
    """Frozen, keyword-only settings of one stage; an unknown or wrong one is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    def is_active(self, field: str) -> bool:
        """Whether this field is read, given the other fields' values."""
        conditions = self._marks(field).get("when", {})
        return all(self.is_active(name) and getattr(self, name) in values for name, values in conditions.items())

    def active(self) -> dict[str, Any]:
        """The fields that are read, in JSON types."""
        values = self.model_dump(mode="json")
        return {name: values[name] for name in values if self.is_active(name)}

    def keyed(self) -> dict[str, Any]:
        """What enters a stage's key: the fields that are read, but for later ones that are off."""
        return {name: value for name, value in self.active().items() if self._marks(name).get("off", ...) != value}

    def _marks(self, field: str) -> dict[str, Any]:
        """What `when` and `later` say of a field; nothing of a property, which a condition may also name."""
        declared = type(self).model_fields.get(field)
        extra = declared.json_schema_extra if declared else None
        return extra if isinstance(extra, dict) else {}


def explain(error: ValidationError, cls: type[BaseModel]) -> SettingsError:
    """The first of pydantic's complaints as one sentence that names the setting, the value and the cure."""
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
    value = first["input"]
    if first["type"] == "extra_forbidden":
        known = _paths(cls)
        near = difflib.get_close_matches(path, known, n=1, cutoff=0.5)
        group = path.rpartition(".")[0]
        siblings = [name for name in known if name.rpartition(".")[0] == group] or known
        hint = f"did you mean '{near[0]}'?" if near else f"choose one of {', '.join(siblings)}."
        return SettingsError(f"setting '{path}' is unknown: {hint}")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return SettingsError(f"{path}: {message}" if path else message)
    what, should, rest = message.partition(" should ")
    whose = "it" if what == "Input" else f"its {what[0].lower()}{what[1:]}"
    return SettingsError(f"{path} is {value!r}, but {whose}{should}{rest}: choose another value.")


def _paths(cls: type[BaseModel], prefix: str = "") -> list[str]:
    """Every setting's dotted path."""
    found = []
    for name, field in cls.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _paths(kind, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found
