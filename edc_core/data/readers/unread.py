"""Images that are not read here, counted by kind: HEIC without its library, drawings, cameras' raw files."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from edc_core.data.census import LeftOut, Tally
from edc_core.data.description import shown
from edc_core.data.images.image_kinds import cure_of, first_bytes, unread_kind
from edc_core.data.readers.file_kinds import is_system
from edc_core.errors import DataError

NOTE = ".left_out.json"  # in the folder of an unpacked ZIP: what of it was not unpacked
MAX_NOTE_BYTES = 2**16


def note_unread(tally: Tally, name: str, head: Callable[[], bytes]) -> bool:
    """Count a file, by its name and first bytes, if it is an image that is not read here; gives whether it is."""
    if (kind := unread_kind(name, head)) is None:
        return False
    tally.leave_out(f"{kind} images, which are not read here: {cure_of(kind)}", shown(name), images=True)
    return True


def unread_images(root: Path) -> tuple[LeftOut, ...]:
    """Those below a folder, and those that an upload left out; hidden files are not looked at."""
    tally = Tally()
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not is_system(name))
        inside = os.path.relpath(place, root)
        for name in sorted(names):
            if not is_system(name):
                path = name if inside == "." else f"{inside}/{name}"
                note_unread(tally, path, partial(first_bytes, os.path.join(place, name)))
    tally.update(noted(root))
    return tally.left_out


def keep_note(folder: Path, tally: Tally) -> None:
    """Write down what of a ZIP was not unpacked into a folder."""
    if groups := tally.left_out:
        told = [[group.reason, group.count, group.example, group.images] for group in groups]
        (folder / NOTE).write_text(json.dumps(told), encoding="utf-8")


def noted(folder: Path) -> Iterator[LeftOut]:
    """What was written down; of a note that is none, nothing."""
    try:
        path = folder / NOTE
        if not path.is_file() or path.stat().st_size > MAX_NOTE_BYTES:
            return
        for reason, count, example, images in json.loads(path.read_text(encoding="utf-8")):
            yield LeftOut(shown(str(reason)), int(count), shown(str(example)), bool(images))
    except (OSError, ValueError, TypeError):
        return


@contextmanager
def with_unread(root: Path) -> Iterator[None]:
    """A refusal inside the block says which images lie there unread, as they may be the ones that are missed."""
    try:
        yield
    except DataError as error:
        groups = [group for group in unread_images(root) if group.images]
        if not groups:
            raise
        raise DataError(f"{error.problem} ({'; '.join(group.sentence for group in groups)})", error.cure) from None
