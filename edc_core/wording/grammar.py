"""Capitals and plurals of the sentences that people read."""


def capitalise(text: str) -> str:
    """The text with its first letter a capital and the rest unchanged."""
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str | None = None) -> str:
    """The noun for a count: `one`, or `many` (default: `one` with an s)."""
    return one if count == 1 else many or f"{one}s"
