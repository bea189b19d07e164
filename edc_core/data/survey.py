"""A look at all of a set's headers before a pixel is decoded: colour or grey, depth, transparency, sizes.

What one image is read as depends on all of them, never on the first.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edc_core.data.census import Census
from edc_core.data.decoding import Reading, is_coloured, is_transparent
from edc_core.data.deep_images import Ranges
from edc_core.data.headers import Header, Seen, opened, read_header
from edc_core.errors import DataError
from edc_core.wording import plural

SIZES = (32, 64, 96, 128, 160, 224)  # pixels a side that networks are made for
AT_ONCE = 2**26  # pixels of 16-bit images that are decoded to find their range; then fewer of the rest


@dataclass
class Survey:
    """What a set's images say so far; `grey` begins with what a few say, and ends at the first coloured pixel."""

    grey: bool
    watch_alpha: bool = False  # whether it matters that anything shows through
    seen: Seen = field(default_factory=Seen)
    ranges: Ranges = field(default_factory=Ranges)
    transparent: bool = False
    _every: int = 1  # of so many 16-bit images, one is decoded
    _left: int = AT_ONCE

    def add(self, source: Path | bytes | None, where: str) -> None:
        """Take one image into account; one that cannot be read is named when it is decoded."""
        try:
            header = read_header(source, where)
            self.seen.add(header, where)
            self._measure(header, source, where)
            if self.grey and not header.grey:
                with opened(source, where) as image:
                    self.grey = not is_coloured(image)
            if self.watch_alpha and header.alpha and not self.transparent:
                self.transparent = is_transparent(source, where)
        except DataError:
            return

    @property
    def channels(self) -> int:
        return 1 if self.grey else 3

    @property
    def reading(self) -> Reading:
        """How the set's files become eight bits."""
        return Reading(self.ranges.bits, self.ranges.top)

    def census(self, size: int | None = None) -> Census:
        """What was read as what, where images are not plain eight-bit ones of one size; `size` as they are read."""
        doubts = (self._depth(),) if 0 < self.seen.counts["deep"] < self.seen.total else ()
        return Census(readings=tuple(self._readings(size)), doubts=doubts)

    def _measure(self, header: Header, source: Path | bytes | None, where: str) -> None:
        """Widen the range of values; of very many large images, of a part that is spread over all."""
        if header.bits == 8 or self.seen.counts["deep"] % self._every:
            return
        self.ranges.add(source, where)
        self._left -= header.width * header.height
        if self._left < 0:
            self._every, self._left = 4 * self._every, AT_ONCE // 4

    def _depth(self) -> str:
        deep, total = self.seen.counts["deep"], self.seen.total
        others = f", and the other {total - deep:,} have 8 bits" if deep < total else ""
        return (
            f"{deep:,} of {total:,} images are 16-bit files whose values reach {self.ranges.deep}: read as"
            f" {self.ranges.bits}-bit{others} (the first is {self.seen.first['deep']})"
        )

    def _readings(self, size: int | None) -> Iterator[str]:
        counts, first, total = self.seen.counts, self.seen.first, self.seen.total
        if counts["deep"] == total > 0:
            yield self._depth()
        if counts["floats"]:
            yield (
                f"{counts['floats']:,} of {total:,} images hold decimal numbers up to {self.ranges.floats:g}: read as"
                f" 0 to {self.ranges.top:g} (the first is {first['floats']})"
            )
        if counts["grey"] and counts["colour"] and not self.grey:
            yield f"{counts['grey']:,} of {total:,} images are grey and the others in colour: all are read as colour"
        sizes = self.seen.sizes
        if size is not None and (len(sizes) > 1 or set(sizes) - {(size, size)}):
            sides = sorted(min(shape) for shape in sizes)
            yield (
                f"images are of {len(sizes):,} {plural(len(sizes), 'size')}, with shorter sides of {sides[0]} to"
                f" {sides[-1]} px: their middle is brought to {size} x {size} ('?size=' chooses another)"
            )
        told = {
            "alpha": "can be transparent: laid on white",
            "turned": "are turned upright by their EXIF entry",
            "inks": "are in CMYK: read as RGB without their colour profile",
            "paged": "hold several pages or frames: the first of each is read",
        }
        for kind, words in told.items():
            if counts[kind]:
                yield f"{counts[kind]:,} of {total:,} images {words} (the first is {first[kind]})"


def suitable_size(sizes: Counter) -> int:
    """The side in pixels to bring pictures to, given how many there are of each (width, height).

    Square pictures all of one size stay as they are; others get the largest usual size that half of them fill.
    """
    largest = SIZES[-1]
    if len(sizes) == 1:
        width, height = next(iter(sizes))
        if width == height <= largest:
            return width
    sides = sorted(min(size) for size, count in sizes.items() for _ in range(count))
    middle = sides[(len(sides) - 1) // 2]
    return max((size for size in SIZES if size <= middle), default=max(8, middle))
