"""ZIPs of folder trees, their names in the encodings of packers of all ages."""

import io
import zipfile

import numpy as np

from experiments.layout_fuzz.cases import Case
from experiments.layout_fuzz.names import pick

CODECS = ("flag", "flag", "flag", "utf-8", "utf-8", "cp437", "cp850", "cp1252", "cp866", "cp1251", "gbk", "cp932")
CODECS += ("cp949", "big5")


def packed(case: Case) -> bytes:
    """The ZIP of a case's files; where its encoding is not said, the reader may refuse to guess."""
    names = list(case.files)
    fitting = [codec for codec in CODECS if codec == "flag" or all(_fits(name, codec) for name in names)]
    codec = pick(case.rng, fitting)
    folders = sorted({name.rpartition("/")[0] + "/" for name in names if "/" in name}) if case.chance(0.3) else []
    backslashes = codec == "flag" and case.chance(0.08)
    case.remarks.append(f"a ZIP of names in {codec}" + (", with backslashes" if backslashes else ""))
    if codec not in ("flag", "utf-8") and not all(name.isascii() for name in names):
        case.refusable = "a ZIP does not say in which encoding its names are"
    entries = [(name, b"") for name in folders] + list(case.files.items())
    if case.chance(0.15):
        entries += [(f"__MACOSX/{name}", b"\0\5\x16\7") for name in names[:3]]
    entries = [(name, content) for name, content in entries if content or len(name) > 4]
    if codec == "flag":
        return _zip([(name.replace("/", "\\") if backslashes else name, content) for name, content in entries])
    return _unflagged([(name.encode(codec), content) for name, content in entries], case.rng)


def _fits(name: str, codec: str) -> bool:
    try:
        return name.encode(codec).decode(codec) == name
    except UnicodeError:
        return False


def _zip(entries: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _unflagged(entries: list[tuple[bytes, bytes]], rng: np.random.Generator) -> bytes:
    """A ZIP whose names are these very bytes, without a word of their encoding."""
    stand_ins = [f"~{number:03x}".ljust(len(name), "~") for number, (name, _) in enumerate(entries)]
    folders = [name.endswith(b"/") for name, _ in entries]
    stand_ins = [text[:-1] + "/" if folder else text for text, folder in zip(stand_ins, folders, strict=True)]
    data = _zip([(stand_in, content) for stand_in, (_, content) in zip(stand_ins, entries, strict=True)])
    for stand_in, (name, _) in zip(stand_ins, entries, strict=True):
        data = data.replace(stand_in.encode(), name)
    return data
