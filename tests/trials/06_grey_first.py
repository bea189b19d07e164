"""6, the first wins and nobody is told: a colour set whose first image is grey."""

from helpers.command_line import T, doctor, verdict
from helpers.images import pictures, shard

place = T / "grey first"
shard(place, "train", [*pictures(1, channels=1), *pictures(11)], [0, 1] * 6)
shard(place, "test", pictures(4, seed=1), [0, 1] * 2)
sized, whole = doctor(f"{place}?size=16"), doctor(place)
good = sized.report.get("channels") == 3 and whole.exit == 0
verdict(
    good,
    f"channels with ?size=16: {sized.report.get('channels')}, {sized.sentences('fatal', 'warning')};"
    f" as it is: exit {whole.exit}, {whole.sentences('fatal', 'warning')}",
)
