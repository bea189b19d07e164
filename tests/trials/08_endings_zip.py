"""8, what is not read is not counted: .jfif, .avif and .heic files in a ZIP, sent to Data."""

from helpers.browser import browsing, serving, upload
from helpers.command_line import T, verdict
from helpers.condensed_sets import packed
from helpers.images import photos
from PIL import Image

root = photos(T / "endings")
cats, image = root / "train" / "cat", Image.open(root / "train" / "cat" / "0.png").convert("RGB")
for name, kind in (("w.jfif", "JPEG"), ("v.avif", "AVIF"), ("v2.avif", "AVIF")):
    image.save(cats / name, kind)
(cats / "t.heic").write_bytes(b"x" * 99)
with serving() as address, browsing() as tab:
    said, looked = upload(tab, address, "x.zip", packed(root))
good = looked.counts[0] >= 4 if looked and not isinstance(looked.counts, str) else "jfif" in said
verdict(
    good,
    f"7 files of cat in the ZIP: {looked.counts if looked else said}; the page names .jfif: {'jfif' in said}",
)
