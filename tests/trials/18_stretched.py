"""18, nobody looks at the pictures: stretched or inverted when they were saved (minutes)."""

import numpy as np
from helpers.command_line import T, answer, edc, verdict
from PIL import Image

made = answer(edc("run", "--preset", "random", "--protocol", "hard", "--ipc", "10", "--profile", "tiny"))
edc("export", made["run"], T / "real")
files = sorted((T / "real" / "images").rglob("*.png"))
pixels = np.stack([np.asarray(Image.open(file), "f4") for file in files])
noisy = pixels / 255 + np.random.default_rng(0).normal(0, 0.21, pixels.shape)  # a synthetic set's extremes
stretched = (noisy - noisy.min()) / (noisy.max() - noisy.min()) * 255
found, words = {}, ""
for name, images in {"right": pixels, "stretched": stretched, "inverted": 255 - pixels}.items():
    for file, image in zip(files, images, strict=True):
        place = T / name / file.parent.name / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.round().astype("u1")).save(place)
    done = edc("evaluate", "--images", T / name, "--profile", "lab-smoke", "--no-controls", "--protocol", "hard")
    found[f"{name} (mean {images.mean() / 255:.2f})"] = answer(done).get("top1_ema")
    words += done.stdout + done.stderr if name != "right" else ""
told = "mean" in words and "data set" in words
verdict(told, f"{found}; a word about mean or contrast: {told}")
