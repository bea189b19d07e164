"""20, formats of others are refused in words about one's own: lists of labels as spreadsheets and pandas write them."""

from helpers.command_line import verdict
from helpers.condensed_sets import CLASSES, IMAGES, LABELS, by_number, same, taken, zipped
from helpers.images import encoded

images = zipped({f"{number}.png": encoded(image[0]) for number, image in enumerate(IMAGES)})
rows = list(enumerate(LABELS.tolist()))
LISTS = {
    "bundle's own file,class,label": ("file,class,label", [f"{i}.png,{CLASSES[label]},{label}" for i, label in rows]),
    "file;label": ("file;label", [f"{i}.png;{label}" for i, label in rows]),
    "index column": (",label", [f"{i},{label}" for i, label in rows]),
    "0.0 floats": ("label", [f"{label}.0" for _, label in rows]),
    "tabs": ("file\tlabel", [f"{i}.png\t{label}" for i, label in rows]),
    "Label": ("Label", [f"{label}" for _, label in rows]),
    "filename,category": ("filename,category", [f"{i}.png,{label}" for i, label in rows]),
    "label,file (turned)": ("label,file", [f"{label},{i}.png" for i, label in rows]),
    "category alone": ("category", [f"{label}" for _, label in rows]),
}
texts = {name: "\n".join([head, *lines, ""]) for name, (head, lines) in LISTS.items()}
texts["\\r line ends"] = "\r".join(["file,label", *(f"{i}.png,{label}" for i, label in rows), ""])
plain = taken(zipped(by_number()))
found = {name: same(taken(images, text.encode()), plain) for name, text in texts.items()}
found["utf-16"] = same(taken(images, texts["tabs"].encode("utf-16")), plain)
wrong = {name: one for name, one in found.items() if one is not True}
verdict(not wrong, wrong or "all read")
