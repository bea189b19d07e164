"""Class names as Plotly draws them: it takes `<b>` and `&amp;` for markup, and equal names for one place of an axis."""

from collections.abc import Sequence

MAX_LENGTH = 40  # characters of a name beside an axis
MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plotly_text(text: str) -> str:
    """Any text as Plotly draws it letter by letter."""
    return "".join(MARKUP.get(character, character) for character in text)


def shortened(name: str, length: int = MAX_LENGTH) -> str:
    """A name that fits beside an axis."""
    return name if len(name) <= length else f"{name[: length - 1]}…"


def axis_names(classes: Sequence[str], length: int = MAX_LENGTH) -> list[str]:
    """A place on an axis for each class; those that would be drawn alike are numbered as the classes are, from 0."""
    shown = [shortened(name, length) for name in classes]
    told = [f"{name} ({place})" if shown.count(name) > 1 else name for place, name in enumerate(shown)]
    return [plotly_text(name) for name in told]
