"""A prediction and its seal: what was bet, on which design, when; a digest tells whether any of it changed since.

The digest protects against a later change only once it is known elsewhere (on the board, in an e-mail, in a
preprint): whoever holds the store's file could write another bet with another digest.
"""

import hashlib
import json
import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError, model_validator

from edc_core.config import Names
from edc_core.config.base import Settings, explain
from edc_core.errors import SettingsError

FORMAT = 1
MAX_POINTS = 100.0

Sign = Literal[-1, 0, 1]  # hurts, makes no difference, helps


class Prediction(Settings):
    """What somebody expects: an order of the questions, most gain first, or signs and gains in points, or both."""

    ranking: Names = ()
    signs: dict[str, Sign] = {}
    gains: dict[str, float] = {}

    @model_validator(mode="after")
    def _agrees(self) -> "Prediction":
        if not (self.ranking or self.signs or self.gains):
            raise ValueError("this bet says nothing: rank at least two of them, or say of one whether it helps.")
        if len(set(self.ranking)) < len(self.ranking) or len(self.ranking) == 1:
            raise ValueError(f"ranking is {', '.join(self.ranking)}: rank at least two of them, each once.")
        for name, gain in self.gains.items():
            if abs(gain) > MAX_POINTS:
                raise ValueError(f"the gain of '{name}' is {gain:g}: bet on at most {MAX_POINTS:g} points.")
            if name in self.signs and sign_of(gain) != self.signs[name]:
                raise ValueError(f"'{name}' is said to go one way and its gain of {gain:+g} goes another: choose one.")
        return self

    @property
    def directions(self) -> dict[str, int]:
        """The sign that was said of each, in words or by its gain."""
        return {name: sign_of(gain) for name, gain in self.gains.items()} | self.signs

    def standing(self, names: Sequence[str]) -> dict[str, float]:
        """A number for each name that orders them as the bet does, equal where it says nothing between them."""
        if self.ranking:
            return {name: -float(self.ranking.index(name) if name in self.ranking else len(names)) for name in names}
        said = self.gains if len(self.gains) > 1 else self.directions
        return {name: float(said[name]) for name in names if name in said}


def sign_of(gain: float) -> int:
    return int(math.copysign(1, gain)) if gain else 0


def parse_prediction(values: dict[str, Any], names: Collection[str]) -> Prediction:
    """A prediction about these questions, from plain values.

    Raises:
        SettingsError: naming what is wrong in it.
    """
    try:
        prediction = Prediction.model_validate(values)
    except ValidationError as error:
        raise explain(error, Prediction) from None
    for name in (*prediction.ranking, *prediction.signs, *prediction.gains):
        if name not in names:
            raise SettingsError(f"'{name}' is no question of this ablation: bet on {', '.join(names)}.")
    return prediction


def seal(sealed: dict[str, Any]) -> str:
    """The SHA-256 digest of the JSON text with sorted keys, 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(sealed, sort_keys=True).encode()).hexdigest()


def sealed_file(sealed: dict[str, Any], digest: str) -> str:
    """A sealed bet as a file that can be kept elsewhere: a pre-registration."""
    moment = datetime.fromtimestamp(sealed["time"], UTC).isoformat(timespec="seconds")
    how = "SHA-256 of 'sealed' as JSON with sorted keys: Python's json.dumps(sealed, sort_keys=True)"
    return json.dumps({"seal": digest, "how": how, "when": moment, "sealed": sealed}, indent=1, sort_keys=True)


def is_intact(file: str) -> bool:
    """Whether a file of `written` is as it was sealed."""
    try:
        content = json.loads(file)
        return content["seal"] == seal(content["sealed"])
    except (ValueError, KeyError, TypeError):
        return False
