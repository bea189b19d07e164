"""Image files of a condensed set: which of its files they are, and their pixels, never resized."""

import os
from collections.abc import Sequence
from functools import partial

import numpy as np

from edc_core.data.class_naming import named_class
from edc_core.data.description import Description, shown
from edc_core.data.external_sets.members import Member
from edc_core.data.images.decoding import PLAIN, Reading, eight_bits, is_coloured, planes
from edc_core.data.images.headers import read_header
from edc_core.data.images.image_kinds import HEAD, WITH_LIBRARY, cure_of, is_image_file, unread_kind
from edc_core.data.images.survey import Survey
from edc_core.errors import DataError
from edc_core.wording.grammar import plural


def image_members(members: list[Member], classes: Sequence[str]) -> tuple[list[Member], tuple[str, ...]]:
    """The images among a set's files, and what is said of others: of a bundle, those in its folder `images` alone.

    Raises:
        DataError: one is of a kind that is not read here, so that the set would be judged without it.
    """
    for member in members:
        kind = unread_kind(member.name, partial(_head, member))
        if kind in WITH_LIBRARY or kind == "JPEG XL":
            raise DataError(
                f"'{shown(member.name[:200])}' is an image of the kind {kind}, not read here", cure_of(kind)
            )
    found = [member for member in members if is_image_file(member.name, partial(_head, member))]
    if named_class("images", classes) is not None:
        return found, ()
    folders = [member.name.split("/")[:-1] for member in found]
    above = len(os.path.commonprefix(folders)) if found else 0
    inside = [member for member, parts in zip(found, folders, strict=True) if parts[above : above + 1] == ["images"]]
    if not inside:
        return found, ()
    read = {member.name for member in inside}
    others = [member for member in found if member.name not in read]
    if not others:
        return inside, ()
    images = f"{len(others)} {plural(len(others), 'image')} outside images/ {plural(len(others), 'is', 'are')}"
    return inside, (f"{images} not read, such as {_named(others[0])}",)


def decode_members(members: list[Member], about: Description) -> tuple[np.ndarray, tuple[str, ...]]:
    """(N, C, H, W) uint8 pixels of a set's images, and what was read as what in sentences.

    Raises:
        DataError: one is damaged, or of another size or kind than the data set's.
    """
    survey = Survey(grey=False)
    for member in members:
        survey.add(member.read(), _named(member))
    images = np.empty((len(members), about.channels, about.size, about.size), np.uint8)
    for row, member in enumerate(members):
        images[row] = decode_member(member.read(), _named(member), about, survey.reading)
    return images, survey.census().sentences


def decode_member(content: bytes, where: str, about: Description, reading: Reading = PLAIN) -> np.ndarray:
    """One image of exactly the data set's size, (C, H, W) uint8; grey ones may be stored as colour.

    Raises:
        DataError: it is damaged, or of another size or kind.
    """
    header = read_header(content, where)
    square = header.width == header.height
    if (header.width, header.height) != (about.size, about.size):  # before a pixel of it is decoded
        raise DataError(
            f"{where} is {header.width} x {header.height} px, but {about.name} has {about.size} x {about.size}",
            "resize the set first, as it is judged exactly as it is"
            + (f"; or bring a folder's or parquet's data set to it with '?size={header.width}'" if square else ""),
        )
    decoded = eight_bits(content, where, 3, reading)
    if about.channels == 1:
        if is_coloured(decoded):
            raise DataError(f"{where} is in colour, but {about.name} is grey", "convert the set to grey first")
        decoded = decoded.getchannel(0)
    return planes(decoded)


def _head(member: Member) -> bytes:
    return member.read()[:HEAD]


def _named(member: Member) -> str:
    return f"'{shown(member.name[:200])}'"
