"""6, formats of others are refused in words about one's own: parquet whose images are paths only."""

from helpers.command_line import T, doctor, verdict
from helpers.images import shard

place = T / "paths"
for split, count in (("train", 6), ("test", 2)):
    shard(place, split, [None] * count, [0, 1] * (count // 2))
fatal = str(doctor(place).sentences("fatal"))
verdict("path" in fatal.lower().replace(str(place).lower(), ""), fatal)
