"""10, text is compared by code points: a ZIP with GBK and Shift-JIS names, and a condensed set's without the flag."""

from helpers.browser import browsing, serving, upload
from helpers.command_line import T, verdict
from helpers.condensed_sets import IMAGES, same, taken, zipped
from helpers.images import encoded, photos


def plain(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A ZIP whose names are these very bytes (each is first written under an ASCII name of its length)."""
    stand_ins = {f"{number:03d}".ljust(len(name), "x"): name for number, (name, _) in enumerate(entries)}
    data = zipped(dict(zip(stand_ins, (content for _, content in entries), strict=True)))
    for stand_in, name in stand_ins.items():
        data = data.replace(stand_in.encode(), name)
    return data


root = photos(T / "x")
paths = sorted(root.rglob("*.png"))
found = {}
with serving() as address, browsing() as tab:
    for coding, names in (("gbk", {"cat": "猫", "dog": "狗"}), ("shift_jis", {"cat": "猫", "dog": "犬表"})):
        entries = []
        for path in paths:
            parts = path.relative_to(root).parts
            entries.append(("/".join(names.get(part, part) for part in parts).encode(coding), path.read_bytes()))
        said, looked = upload(tab, address, f"{coding}.zip", plain(entries))
        found[coding] = looked.classes if looked else said
two = [("été/0.png".encode(), encoded(IMAGES[0, 0])), (b"b/0.png", encoded(IMAGES[1, 0]))]
classes = ("été", "b", "c")
by_number = taken(zipped({f"{number}/0.png": content for number, (_, content) in enumerate(two)}), classes=classes)
condensed = same(taken(plain(two), classes=classes), by_number)


def fits(one: object) -> bool:
    refused = isinstance(one, str) and any(word in one for word in ("letters", "UTF-8", "garbled"))
    return refused or one in (("猫", "狗"), True)


good = all(map(fits, (*found.values(), condensed)))
verdict(good, f"classes {found}; a condensed set in UTF-8 without the flag is read as meant: {condensed}")
