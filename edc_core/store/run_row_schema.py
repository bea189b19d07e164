"""What a run's row holds at least: checked where others wrote it, so that every page can read it.

Fields that no page reads may be there or not; those named here stand in rows of every version.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from edc_core.errors import StoreError
from edc_core.store.states import RunState

MAX_SHOWN_CHARACTERS = 60  # characters of a wrong value
Percent = Annotated[float, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=0, lt=2**32)]
Size = Annotated[int, Field(ge=1, lt=2**32)]
Moment = Annotated[float, Field(ge=0, lt=2**37)]  # seconds since the epoch, of years that calendars know
Key = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]
# SQLite's 0 and 1, and Python's False and True: pydantic 2.8 takes these for no such numbers.
Flag = Annotated[Literal[0, 1], BeforeValidator(lambda value: int(value) if isinstance(value, bool) else value)]


class Shape(BaseModel):
    """Values of the kind that is named, numbers finite; more fields are let through."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False, protected_namespaces=())


class Student(Shape):
    """One student's accuracy, of raw and averaged weights."""

    student: str
    seed: int
    top1: Percent
    top1_ema: Percent
    top5: Percent
    top5_ema: Percent


class Result(Shape):
    """A finished run's figures, as `pipeline.summary` gives them."""

    top1: Percent
    top1_ema: Percent
    headline: Literal["top1", "top1_ema"]
    split: Literal["val", "test"]
    students: Annotated[list[Student], Field(min_length=1)]


class DataSet(Shape):
    """The data set's identity, as `preparing.manifest` gives it."""

    name: str
    digest: str
    classes: Annotated[list[str], Field(min_length=1)]
    size: Size
    channels: Size
    train_counts: list[Count]
    test_count: Count

    @field_validator("train_counts")
    @classmethod
    def _of_every_class(cls, counts: list[int], info: ValidationInfo) -> list[int]:
        classes = len(info.data.get("classes", counts))
        if len(counts) != classes:
            raise ValueError(f"it should have {classes} counts, one a class")
        return counts


class Manifest(Shape):
    """What a result rests on."""

    versions: dict[str, str]
    dataset: DataSet


class Node(Shape):
    """A stage of the plan."""

    stage: str
    name: str
    key: Key


class Evaluate(Shape):
    """Who is judged."""

    students: list[str]
    seeds: int


class Settings(Shape):
    """What the table of runs reads of the settings, which may be another version's."""

    protocol: str
    evaluate: Evaluate


class RunRow(Shape):
    """A row of the table `runs`; an older schema lacks those that have a default."""

    created: Moment
    preset: str
    dataset: str
    ipc: Size
    seed: int
    settings: Json[Settings]
    plan: Json[list[Node]]
    manifest: Json[Manifest]
    progress: Json[dict[str, Any]]
    result: Json[Result] | None = None
    error: str | None = None
    resumable: Flag = 1
    title: str = ""
    origin: str = ""
    queued: Moment | None = None
    started: Moment | None = None
    finished: Moment | None = None


class FinishedRow(RunRow):
    """A row of a run that ended with figures."""

    result: Json[Result]


def read_row(row: dict[str, Any]) -> RunRow:
    """A run's row with what stands in JSON decoded.

    Raises:
        StoreError: a value is missing or of another kind; names it, in words that follow "the run is left out, ".
    """
    try:
        return (FinishedRow if row["state"] == RunState.FINISHED else RunRow).model_validate(row)
    except ValidationError as error:
        raise StoreError(complaint(error)) from None


def complaint(error: ValidationError) -> str:
    """The first of pydantic's complaints: which value, what it is, what it should be."""
    first = error.errors(include_url=False)[0]
    path = ".".join(map(str, first["loc"])) or "row"
    if first["type"] == "missing":
        return f"its {path} is missing"
    message = re.sub(" or instance of [A-Z][A-Za-z]+", "", first["msg"].removeprefix("Value error, "))
    message = message.replace("Input should", "it should")
    shown = repr(first["input"])
    shown = shown if len(shown) <= MAX_SHOWN_CHARACTERS else f"{shown[:MAX_SHOWN_CHARACTERS]}..."
    return f"its {path} is {shown} ({message[0].lower()}{message[1:]})"
