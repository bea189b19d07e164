"""26, text that looks the same: two classes of one name."""

from helpers.command_line import T, doctor, edc, last, verdict
from helpers.images import pictures, shard

place, names = T / "cranes", ["crane", "crane", "dog"]
for split, seed in (("train", 0), ("test", 5)):
    shard(place, split, pictures(12, seed=seed), [0, 1, 2] * 4, names)
looked = doctor(place)
warned = looked.sentences("fatal", "warning")
run = edc("run", "--dataset", place, "--preset", "random", "--ipc", "1", "--profile", "tiny")
good = run.returncode == 2 or any("crane" in one and "one" in one for one in warned)
said = last(run.stderr) if run.returncode else "finished"
verdict(good, f"doctor exit {looked.exit}: {warned}; {looked.of('balance').get('message')}; run: {said}")
