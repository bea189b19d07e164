"""10, text is compared by code points: names in UTF-8 in a ZIP without the flag that says so."""

from helpers.browser import browsing, serving, upload
from helpers.command_line import T, verdict
from helpers.condensed_sets import packed
from helpers.images import photos

data = bytearray(packed(photos(T / "mac", ("été", "猫"))))
for signature, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
    place = -1
    while (place := data.find(signature, place + 1)) >= 0:
        data[place + offset] &= ~0x08
with serving() as address, browsing() as tab:
    said, looked = upload(tab, address, "mac.zip", bytes(data))
classes = looked.classes if looked else said
verdict(classes == ("été", "猫"), f"classes {classes}")
