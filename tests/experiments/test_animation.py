"""README's moving picture: made of the stored runs, the same every time, and light."""

import re
from pathlib import Path

import numpy as np
from PIL import Image

from experiments.make_animation import ANIMATION, frames, palette, read_films, save
from tests.conftest import ROOT

MOST_BYTES = 1_500_000


def test_the_moving_picture_is_what_the_stored_runs_show(tmp_path: Path) -> None:
    films = read_films(tmp_path)
    shown = list(frames(films))
    save(shown, tmp_path / "again.gif")
    save(list(frames(films)), tmp_path / "twice.gif")
    assert (tmp_path / "again.gif").read_bytes() == (tmp_path / "twice.gif").read_bytes()
    with Image.open(ANIMATION) as kept:
        assert kept.n_frames == len(shown)
        assert kept.size == shown[0][0].size
        for number in (0, 12, len(shown) - 1):
            kept.seek(number)
            drawn = shown[number][0].quantize(palette=palette(), dither=Image.Dither.NONE).convert("RGB")
            apart = np.abs(np.asarray(kept.convert("RGB"), int) - np.asarray(drawn, int)).max(-1)
            assert (apart > 8).mean() < 0.02  # another Pillow may draw a letter otherwise


def test_the_moving_picture_is_light_and_stands_in_the_readme() -> None:
    assert ANIMATION.stat().st_size <= MOST_BYTES
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"!\[([^\]]+)\]\({ANIMATION.relative_to(ROOT).as_posix()}\)", readme)
    assert len(text.split()) > 10  # says what is seen, for those who see no picture
