"""Capitals, plurals and counts of the sentences that people read."""

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def capitalise(text: str) -> str:
    """The text with its first letter a capital and the rest unchanged."""
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str | None = None) -> str:
    """The noun for a count: `one`, or `many` (default: `one` with an s)."""
    return one if count == 1 else many or f"{one}s"


def count_word(count: int) -> str:
    """A count in words up to nine, in figures beyond."""
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
