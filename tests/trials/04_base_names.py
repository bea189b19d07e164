"""4, names are matched loosely: labels by file name, the same base name in several folders."""

from helpers.command_line import verdict
from helpers.condensed_sets import IMAGES, same, taken, zipped
from helpers.images import encoded

files = {"0/0.png": encoded(IMAGES[0, 0]), "1/0.png": encoded(IMAGES[1, 0])}
plain, two = taken(zipped(files)), zipped(files)
lists = {
    "with train/": b"file,label\ntrain/0/0.png,0\ntrain/1/0.png,1\n",
    "Windows": b"file,label\ntrain\\0\\0.png,0\ntrain\\1\\0.png,1\n",
    "JSON": b'{"train/0/0.png": 0, "train/1/0.png": 1}',
}
found = {name: same(taken(two, labels), plain) for name, labels in lists.items()}
verdict(all(way is True or "several" in str(way) for way in found.values()), f"labels as listed: {found}")
