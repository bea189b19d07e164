"""Words that somebody wrote (titles, nicknames, errors, names of folders) where a page speaks Markdown."""

import re


def plain(text: str) -> str:
    """Text that Markdown shows as it is: no picture is loaded, no link made, no formula set, no list begun."""
    text = re.sub(r"([\\`*_{}\[\]#|~:$<>&])", r"\\\1", text)
    return re.sub(r"(?m)^(\s*\d*)([-+=.)])", r"\1\\\2", text)
