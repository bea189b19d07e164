"""Setting paths ("evaluate.zeta"): the one parser, and what each setting's own field says of its type."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from edc_core.config.base import Settings, explain, paths_of, stored_paths_of, unknown_setting
from edc_core.config.field_types import NameMark
from edc_core.config.run import RunConfig

EVERY_PRECISION = "device.precision"  # no setting of its own: one word for the precision of all stages


@dataclass(frozen=True)
class SettingPath:
    """One setting of a run: its stage ("" for a setting of the run as a whole) and its name there."""

    stage: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "SettingPath":
        """The setting of that path.

        Raises:
            SettingsError: there is none; naming the nearest.
        """
        if found := cls.find(text):
            return found
        raise unknown_setting(text, _known())

    @classmethod
    def find(cls, text: str) -> "SettingPath | None":
        """The setting of that path, or of that path as it is stored, if there is one."""
        return _known().get(text) or _stored().get(text)

    def __str__(self) -> str:
        return f"{self.stage}.{self.name}" if self.stage else self.name

    @property
    def stored(self) -> "SettingPath":
        """Path by the name that keys and rows have for it."""
        return SettingPath(self.stage, self.field.alias or self.name)

    def get(self, config: RunConfig) -> Any:
        """The setting's value."""
        return getattr(self._group(config), self.name)

    def set(self, config: RunConfig, value: Any) -> RunConfig:
        """The settings with this value, which the field allows; settings are not checked against one another.

        Raises:
            SettingsError: the value is none of this setting's.
        """
        try:
            changed = {self.name: self._values.validate_python(value)}
        except ValidationError as error:
            raise explain(error, RunConfig, at=str(self)) from None
        if self.stage:
            changed = {self.stage: self._group(config).model_copy(update=changed)}
        return config.model_copy(update=changed)

    def is_active(self, config: RunConfig) -> bool:
        """Whether the setting is read, given the others."""
        return self._group(config).is_active(self.name)

    def _group(self, config: RunConfig) -> Settings:
        return getattr(config, self.stage) if self.stage else config

    @property
    def field(self) -> FieldInfo:
        """Pydantic's field of the setting: its type, bounds and default."""
        cls: Any = RunConfig.model_fields[self.stage].annotation if self.stage else RunConfig
        return cls.model_fields[self.name]

    @cached_property
    def types(self) -> tuple[Any, ...]:
        """The field's type, and what that is made of: through Annotated and unions."""
        return tuple(_parts(self.field.annotation))

    @cached_property
    def marks(self) -> tuple[Any, ...]:
        """Bounds and other marks of the field and its types."""
        own = [mark for part in self.types for mark in getattr(part, "__metadata__", ())]
        return (*self.field.metadata, *own)

    @property
    def optional(self) -> bool:
        """Whether null is a value."""
        return type(None) in self.types

    @property
    def options(self) -> tuple[Any, ...]:
        """The values of an option list, else none."""
        return tuple(value for part in self.types if get_origin(part) is Literal for value in get_args(part))

    @property
    def is_list(self) -> bool:
        """Whether it holds several values: names of networks, separated by commas where they are typed."""
        return any(get_origin(part) is tuple for part in self.types)

    @property
    def holds_text(self) -> bool:
        """Whether it holds free text, which may look like a number: a class called 3."""
        return str in self.types

    @property
    def names(self) -> NameMark | None:
        """Whether its text names networks, and may name a committee; None where it is no name."""
        return next((mark for mark in self.marks if isinstance(mark, NameMark)), None)

    @cached_property
    def _values(self) -> TypeAdapter:
        """Allowed values of the setting by itself, whatever the others are."""
        kind: Any = self.field.annotation
        for mark in self.field.metadata:
            kind = Annotated[kind, mark]
        return TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False))


@cache
def _known() -> dict[str, SettingPath]:
    return {path: SettingPath(*split(path)) for path in paths_of(RunConfig)}


@cache
def _stored() -> dict[str, SettingPath]:
    """Paths of the renamed settings, by their stored names."""
    return {stored: _known()[path] for stored, path in stored_paths_of(RunConfig).items()}


def _parts(kind: Any) -> Iterator[Any]:
    yield kind
    if get_origin(kind) is Annotated:
        yield from _parts(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for part in get_args(kind):
            yield from _parts(part)


def split(path: str) -> tuple[str, str]:
    """Stage ("" for a setting of the run as a whole) and name of a path, which another version may have written."""
    stage, _, name = path.rpartition(".")
    return stage, name


def paths_with(name: str) -> tuple[SettingPath, ...]:
    """The settings of that name, one of each stage that has it."""
    return tuple(path for path in _known().values() if path.stage and path.name == name)


def nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Paths and values as nested settings.

    Raises:
        SettingsError: a path is unknown.
    """
    return with_changes({}, values)


def with_changes(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of nested settings with changes laid over them.

    Raises:
        SettingsError: a path is unknown.
    """
    changed = copy.deepcopy(dict(settings))
    for path, value in changes.items():
        found = SettingPath.parse(path)
        group = changed.setdefault(found.stage, {}) if found.stage else changed
        group.pop(found.stored.name, None)
        group[found.name] = value
    return changed


def stages_of(config: RunConfig) -> dict[str, Settings]:
    """The settings of each stage."""
    groups = {name: getattr(config, name) for name in type(config).model_fields}
    return {name: group for name, group in groups.items() if isinstance(group, Settings)}


def read_values(config: RunConfig) -> dict[str, Any]:
    """Path -> value, in JSON types, of every setting of a stage that is read."""
    return {
        f"{stage}.{name}": value
        for stage, group in stages_of(config).items()
        for name, value in group.active_fields().items()
    }
