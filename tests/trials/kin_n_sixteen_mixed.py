"""7, pixels lose meaning on the way in: 12-bit pictures in 16-bit files beside 8-bit ones."""

import numpy as np
from helpers.command_line import T, doctor, verdict
from PIL import Image

for split, count in (("train", 8), ("test", 4)):
    for label, name in enumerate(("a", "b")):
        for index in range(count):
            file = T / "mix" / split / name / f"{index}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            draw = np.random.default_rng(100 * label + index + 50 * (split == "test"))
            deep = draw.integers(0, 4096, (32, 32)).astype(np.uint16)
            Image.fromarray(deep if index % 2 else draw.integers(0, 256, (32, 32), np.uint8)).save(file)
looked = doctor(T / "mix")
warned = looked.sentences("fatal", "warning")
verdict(warned, f"every second picture is sixteen times darker: doctor exit {looked.exit}, warnings {warned}")
