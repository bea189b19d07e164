"""5, text that looks the same: two classes of one name, whose counts doctor merges."""

from helpers.command_line import T, doctor, verdict
from helpers.images import pictures, shard

place, names = T / "cranes", ["crane", "crane", "dog"]
shard(place, "train", pictures(23), [0] * 2 + [1] * 10 + [2] * 11, names)
shard(place, "test", pictures(6, seed=5), [0, 1, 2] * 2, names)
looked = doctor(place)
words = looked.of("balance").get("message", looked.refusal)
verdict("uneven" in words, f"2, 10 and 11 images: {words}")
