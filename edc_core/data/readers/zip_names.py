"""The names of a ZIP's members in their real encoding, in composed letters (NFC).

A member says it (the UTF-8 flag, or the Unicode Path field of Info-ZIP); else it is found by likelihood: how probable
the letters are that each encoding makes of the bytes. Where two are about as likely, nothing is guessed.
"""

import math
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence

from edc_core.data.readers.frequent_letters import FREQUENT, SHARE
from edc_core.errors import DataError

UTF8_FLAG, UNICODE_PATH = 0x800, 0x7075
CERTAIN = 8.0  # by how much the likeliest reading's logarithm is to exceed the next one's
# Encodings of packers of Windows and DOS, and the logarithm of how common each is beside the others.
PRIORS = {
    "cp437": 0.0,
    "cp850": -0.7,
    "cp1252": 0.0,
    "cp866": -0.3,
    "cp1251": -0.3,
    "gbk": 0.0,
    "cp932": 0.0,
    "cp949": -0.5,
    "big5": -1.0,
}
LANGUAGES = {
    "gbk": "simplified Chinese",
    "big5": "traditional Chinese",
    "cp932": "Japanese",
    "cp949": "Korean",
    "cp866": "Russian",
    "cp1251": "Russian",
}
UTF8_PRIOR = 3.0
FOREIGN = 0.003  # share of names in a double-byte encoding that are in none of its own scripts, such as Cyrillic
PACK = "pack it again with names in UTF-8 (7-Zip: -mcu=on), or name the folders in plain letters (a to z)"
# How probable a character is by its first byte in a double-byte encoding: first and last such byte, probability.
DOUBLE = {
    "gbk": ((0xA4, 0xA5, 0.005 / 170), (0xB0, 0xD7, 0.9 / 3755), (0xD8, 0xF7, 0.09 / 3008), (0x81, 0xFE, 0.01 / 15000)),
    "cp932": ((0x82, 0x83, 0.4 / 170), (0x88, 0x97, 0.5 / 2965), (0x98, 0xEA, 0.05 / 3390), (0x81, 0xFC, 1e-5)),
    "cp949": (
        (0xAA, 0xAB, 0.005 / 170),
        (0xCA, 0xFD, 0.03 / 4888),
        (0xB0, 0xC8, 0.97 / 2350),
        (0x81, 0xFE, 0.03 / 11000),
    ),
    "big5": ((0xA4, 0xC6, 0.95 / 5401), (0xC9, 0xF9, 0.04 / 7652), (0x81, 0xFE, 1e-6)),
}


def name_members(archive: zipfile.ZipFile, known: Sequence[str] = ()) -> None:
    """Give every member its real name; `known` are names that its folders may have, as a data set's classes.

    Raises:
        DataError: the encoding of a folder's name stays unsure.
    """
    unsaid = [info for info in archive.infolist() if (name := _said(info)) is None]
    codec = _encoding([_raw(info) for info in unsaid], known) if unsaid else "utf-8"
    for info in archive.infolist():
        name = _said(info)
        info.filename = unicodedata.normalize("NFC", _raw(info).decode(codec, "replace") if name is None else name)


def _raw(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.split("\0")[0].encode("cp437")  # as `zipfile` takes what is not flagged


def _said(info: zipfile.ZipInfo) -> str | None:
    """The name as the member itself says it; None where its encoding is not told."""
    if info.flag_bits & UTF8_FLAG or info.orig_filename.isascii():
        return info.orig_filename.split("\0")[0]
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and field[:1] == b"\1" and field[1:5] == zlib.crc32(_raw(info)).to_bytes(4, "little"):
            try:  # where the sum differs, the field is of an older name
                return field[5:].decode()
            except UnicodeDecodeError:
                return None
    return None


def _encoding(names: list[bytes], known: Sequence[str]) -> str:
    """The encoding of names that do not tell it.

    Raises:
        DataError: two are about as likely, and they differ in a folder's name.
    """
    readings = {codec: text for codec in ("utf-8", *PRIORS) if (text := _decoded(names, codec)) is not None}
    if matching := _by_known(readings, known):
        return matching
    folders = {part for name in names for part in name.split(b"/")[:-1] if not part.isascii()}
    parts = folders or {name.split(b"/")[-1] for name in names}
    likely: dict[str, float] = {}
    for codec in readings:
        prior = UTF8_PRIOR if codec == "utf-8" else PRIORS[codec]
        likely[codec] = prior + sum(_likelihood(part, codec) for part in parts)
    best = max(likely, key=lambda codec: likely[codec]) if likely else "cp437"
    shown = {codec: [part.decode(codec, "replace") for part in sorted(parts)] for codec in likely}
    for codec in sorted(likely, key=lambda codec: -likely[codec]):
        if folders and shown[codec] != shown[best] and likely[best] - likely[codec] < CERTAIN:
            raise DataError(
                "the ZIP does not say in which encoding its names are, and they are too short or too odd to tell: a"
                f" folder is '{shown[best][0]}' in {_called(best)}, and '{shown[codec][0]}' in {_called(codec)}",
                PACK,
            )
    return best


def _called(codec: str) -> str:
    """An encoding as its writers know it: "Chinese (gbk)"."""
    return f"{LANGUAGES[codec]} ({codec})" if codec in LANGUAGES else codec


def _decoded(names: Iterable[bytes], codec: str) -> str | None:
    try:
        return "\n".join(name.decode(codec) for name in names)
    except UnicodeDecodeError:
        return None


def _by_known(readings: dict[str, str], known: Sequence[str]) -> str | None:
    """The only encoding in which a folder has a known name that is not plain."""
    wanted = {unicodedata.normalize("NFC", name) for name in known if not name.isascii()}
    found = {}
    for codec, text in readings.items():
        parts = {unicodedata.normalize("NFC", part) for name in text.split("\n") for part in name.split("/")}
        if hits := frozenset(parts & wanted):
            found[codec] = hits
    return next(iter(found)) if len(set(found.values())) == 1 else None


def _likelihood(part: bytes, codec: str) -> float:
    """The logarithm of how probable a name is in an encoding."""
    text = part.decode(codec, "replace")
    if codec == "utf-8" and len(text) == 1 and len(part) == 3:
        return math.log(1 / 3000 if _scripts(text) & WIDE else 1e-7)  # three letters of a Russian's may be one of these
    if codec == "utf-8" and any(len(letter.encode()) > 2 or unicodedata.combining(letter) for letter in text):
        return 0.0  # three bytes, or accents of their own, that fit by chance are next to impossible
    if codec in DOUBLE and _scripts(text) in ({"CYRILLIC"}, {"GREEK"}, {"LATIN"}, {"HIRAGANA"}, {"KATAKANA"}):
        chances = (1 / 40 if letter.isascii() else _letter_chance(text, place) for place, letter in enumerate(text))
        foreign = math.log(FOREIGN) + sum(map(math.log, chances))
        return max(foreign, _by_characters(text, codec))
    return _by_characters(text, codec)


WIDE = {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "DEVANAGARI"}  # scripts of three bytes a letter, in use


def _scripts(text: str) -> set[str]:
    """The scripts of what is beyond ASCII."""
    return {unicodedata.name(letter, "?").split()[0] for letter in text if not letter.isascii()}


def _by_characters(text: str, codec: str) -> float:
    total = 0.0
    for place, letter in enumerate(text):
        encoded = letter.encode(codec, "replace")
        if len(encoded) == 2 and codec in DOUBLE:
            chances = (chance for low, high, chance in DOUBLE[codec] if low <= encoded[0] <= high)
            chance, frequent = next(chances, 1e-7), FREQUENT.get(codec, frozenset())
            if frequent:
                chance = chance * (1 - SHARE) + (SHARE / len(frequent) if letter in frequent else 0)
            total += math.log(chance)
        else:
            total += math.log(1 / 40 if letter.isascii() else _letter_chance(text, place))
    return total


def _letter_chance(text: str, place: int) -> float:
    """How probable one letter beyond ASCII is among its neighbours, one byte of a one-byte encoding each."""
    letter = text[place]
    kind = unicodedata.category(letter)
    if kind[0] not in "LM":
        between = text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha()
        odd = kind[0] == "S" or between
        return 1e-7 if kind[0] == "C" or "\u2500" <= letter <= "\u259f" else 1e-5 if odd else 1 / 3000
    start, end = place, place + 1
    while start and text[start - 1].isalpha():
        start -= 1
    while end < len(text) and text[end].isalpha():
        end += 1
    word = text[start:end]
    scripts = {"LATIN" if other.isascii() else unicodedata.name(other, "?").split()[0] for other in word}
    if len(scripts) > 1 or not scripts & {"LATIN", "CYRILLIC", "GREEK", "HIRAGANA", "KATAKANA"}:
        return 1e-5
    if scripts & {"HIRAGANA", "KATAKANA"}:
        return 1 / 80
    if scripts != {"LATIN"} and not (
        "\u0384" <= letter <= "\u03ce" or "\u0400" <= letter <= "\u045f" or letter in "ґҐ"
    ):
        return 1e-5  # no letter of today's Greek or Cyrillic
    usual = letter in "äöüßéèêëàâáãåçñíìîïóòôõøúùûýÿæœäÄÖÜÉÈÀÁÅÇÑÓÚØÆ" or scripts != {"LATIN"}
    chance = 1 / 30 if usual else 1 / 600
    if letter.isupper() and place > start and not word.isupper():
        chance /= 100
    if scripts == {"LATIN"} and word.isupper() != word.islower() and not any(other.isascii() for other in word):
        chance /= 10 if len(word) > 1 else 1000
    return chance
