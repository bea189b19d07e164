"""A look at all of a set's headers before a pixel is decoded: colour or grey, depth, transparency, sizes.

What one image is read as depends on all of them, never on the first.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from edc_core.data.census import Census
from edc_core.data.images.decoding import PLAIN, Reading, is_coloured, is_transparent
from edc_core.data.images.deep_images import Ranges
from edc_core.data.images.headers import Header, Seen, opened, read_header
from edc_core.errors import DataError
from edc_core.wording.grammar import plural

SIZES = (32, 64, 96, 128, 160, 224)  # pixels a side that networks are made for
AT_ONCE = 2**26  # pixels of 16-bit images that are decoded to find their range; then fewer of the rest


@dataclass
class Survey:
    """What a set's images say so far; `grey` begins with what a few say, and ends at the first coloured pixel."""

    grey: bool
    watch_alpha: bool = False  # whether it matters that anything shows through
    paper: str = PLAIN.paper  # what transparent images are laid on
    seen: Seen = field(default_factory=Seen)
    ranges: Ranges = field(default_factory=Ranges)
    transparent: bool = False
    _every: int = 1  # of so many 16-bit images, one is decoded
    _left: int = AT_ONCE
    _deep: int = 0

    def add(self, source: Path | str | bytes | None, where: str) -> None:
        """Take one image into account; one that cannot be read is named when it is decoded."""
        try:
            header = read_header(source, where)
            self.seen.add(header, where)
            if header.bits > 8:
                self._measure(header, source, where)
            if self.grey and not header.grey:
                with opened(source, where) as image:
                    self.grey = not is_coloured(image)
            if self.watch_alpha and header.alpha and not self.transparent:
                self.transparent = is_transparent(source, where)
        except DataError:
            return

    @property
    def is_plain(self) -> bool:
        """Whether all images are opaque, upright eight-bit ones, which every version of the lab decoded alike."""
        return not any(
            header.alpha or header.turned or header.inks or header.paged or header.bits != 8
            for header in self.seen.headers
        )

    @property
    def channels(self) -> int:
        return 1 if self.grey else 3

    @property
    def reading(self) -> Reading:
        """How the set's files become eight bits."""
        return Reading(self.ranges.bits, self.ranges.top, self.paper)

    def census(self, size: int | None = None, named: Callable[[str], str] = str) -> Census:
        """What was read as what, where images are not plain eight-bit ones of one size.

        `size` is what they are brought to, `named` makes an example's name of what `add` was told.
        """
        mixed = 0 < self.seen.count(_is_deep) < self.seen.total
        doubts = (self._depth(named),) if mixed else ()
        return Census(readings=tuple(self._readings(size, named)), doubts=doubts)

    def _measure(self, header: Header, source: Path | str | bytes | None, where: str) -> None:
        """Widen the range of values; of very many large images, of a part that is spread over all."""
        self._deep += 1
        if self._deep % self._every:
            return
        self.ranges.add(source, where)
        self._left -= header.width * header.height
        if self._left < 0:
            self._every, self._left = 4 * self._every, AT_ONCE // 4

    def _depth(self, named: Callable[[str], str]) -> str:
        deep, total = self.seen.count(_is_deep), self.seen.total
        others = f", and the other {total - deep:,} have 8 bits" if deep < total else ""
        return (
            f"{deep:,} of {total:,} images are 16-bit files whose values reach {self.ranges.deep}: read as"
            f" {self.ranges.bits}-bit{others} (the first is {named(self.seen.example(_is_deep))})"
        )

    def _readings(self, size: int | None, named: Callable[[str], str]) -> Iterator[str]:
        seen, total = self.seen, self.seen.total
        if seen.count(_is_deep) == total > 0:
            yield self._depth(named)
        if (grey := seen.count(lambda header: header.grey)) not in (0, total) and not self.grey:
            yield f"{grey:,} of {total:,} images are grey and the others in colour: all are read as colour"
        sizes = seen.sizes
        if size is not None and (len(sizes) > 1 or set(sizes) - {(size, size)}):
            sides = sorted({min(shape) for shape in sizes})
            shorter = f"shorter sides of {sides[0]} to" if len(sides) > 1 else "a shorter side of"
            yield (
                f"images are of {len(sizes):,} {plural(len(sizes), 'size')}, with {shorter}"
                f" {sides[-1]} px: their middle is brought to {size} x {size} ('?size=' chooses another)"
            )
        numbers = f"hold decimal numbers up to {self.ranges.floats:g}: read as 0 to {self.ranges.top:g}"
        laid = f"can be transparent: laid on {self.paper} ('?background=black' or 'white' chooses)"
        for words, kind in ((numbers, _is_float), (laid, _has_alpha), *REMARKS):
            if count := seen.count(kind):
                yield f"{count:,} of {total:,} images {words} (the first is {named(seen.example(kind))})"


def _is_deep(header: Header) -> bool:
    return header.bits == 16


def _has_alpha(header: Header) -> bool:
    return header.alpha


def _is_float(header: Header) -> bool:
    return header.bits == 32


REMARKS: tuple[tuple[str, Callable[[Header], bool]], ...] = (
    ("are turned upright by their EXIF entry", attrgetter("turned")),
    ("are in CMYK: read as RGB without their colour profile", attrgetter("inks")),
    ("hold several pages or frames: the first of each is read", attrgetter("paged")),
)


def suitable_size(sizes: Counter) -> int:
    """The side in pixels to bring images to, given how many there are of each (width, height).

    Square images all of one size stay as they are; others get the largest usual size that half of them fill.
    """
    largest = SIZES[-1]
    if len(sizes) == 1:
        width, height = next(iter(sizes))
        if width == height <= largest:
            return width
    sides = sorted(min(size) for size, count in sizes.items() for _ in range(count))
    middle = sides[(len(sides) - 1) // 2]
    return max((size for size in SIZES if size <= middle), default=max(8, middle))
