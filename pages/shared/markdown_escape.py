"""Markdown escapes for people's text: titles, nicknames, errors, addresses, folder names."""

import re

BREAK = "\u2060"  # a word joiner: nothing is seen, and an address in a text is no link any longer


def escape_markdown(text: str) -> str:
    """Text that Markdown shows as it is: no picture is loaded, no link made, no formula set, no list begun."""
    text = re.sub(r"(?i)https?(?=://)|www(?=\.)|@", rf"\g<0>{BREAK}", text)
    text = re.sub(r"([\\`*\[\]#|~$<>&])", r"\\\1", text)
    text = re.sub(r"(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])|:(?=\S)", r"\\\g<0>", text)
    return re.sub(r"(?m)^(\s*\d*)([-+=.)])", r"\1\\\2", text)


def as_sentence(text: str) -> str:
    """An error's sentence, with a capital unless it begins with a setting's name.

    Markdown shows it as it is: what it quotes may be anybody's, out of a link for instance.
    """
    return escape_markdown(re.sub(r"^[a-z]+(?=[ ,'’])", lambda word: word[0].capitalize(), text))
