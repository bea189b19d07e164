"""8, what is not read is not counted: pictures left out because of their ending."""

from helpers.command_line import T, doctor, verdict
from helpers.images import photos
from PIL import Image

root = photos(T / "endings")
cats, image = root / "train" / "cat", Image.open(root / "train" / "cat" / "0.png").convert("RGB")
for name, kind in (("w.jfif", "JPEG"), ("v.avif", "AVIF"), ("u.webp", "WEBP"), ("s.jpe", "JPEG")):
    image.save(cats / name, kind)
(cats / "t.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
first = doctor(root)
named = [ending for ending in (".avif", ".heic") if ending in first.said]
image.save(root / "train" / "dog" / "z.jpg", "AVIF")
second = doctor(root).sentences("fatal")
good = named and not isinstance(first.counts, str) and first.counts[0] >= 5
verdict(good, f"counts {first.counts} of (8, 3); doctor names {named}; an AVIF that is called .jpg: {second}")
