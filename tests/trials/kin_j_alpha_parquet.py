"""7, pixels lose meaning on the way in: a transparent parquet set has other pixels with and without ?size."""

import re

import numpy as np
from helpers.command_line import T, doctor, verdict
from helpers.images import encoded, shard

pixels = np.zeros((16, 16, 4), np.uint8)
pixels[..., 0] = 255
pixels[:, 8:, 3] = 255
for split, count in (("train", 6), ("test", 2)):
    shard(T / "alpha", split, [encoded(pixels)] * count, [0, 1] * (count // 2))
means = []
for name in (T / "alpha", f"{T / 'alpha'}?size=16"):
    words = " ".join(doctor(name).sentences("note"))
    means.append(re.findall(r"(?:\d\.\d+, )*\d\.\d+(?= /)", words))
verdict(means[0] and means[0] == means[1], f"means of the channels {means[0]} as it is, {means[1]} with ?size=16")
