"""19, a layout is guessed from a few exact names: a stray parquet file beside pictures."""

import pyarrow as arrow
import pyarrow.parquet as parquet
from helpers.command_line import T, doctor, verdict
from helpers.images import photos, small

beside = photos(T / "stray")
parquet.write_table(arrow.table({"file_name": ["a"]}), beside / "metadata.parquet")
within = photos(T / "stray2")
(within / "data").mkdir()
parquet.write_table(arrow.table({"file_name": ["a"]}), within / "data" / "x.parquet")
found = {"metadata.parquet": doctor(beside).classes, "data/x.parquet": doctor(within).classes}
both = doctor(small(photos(T / "both")))
verdict(
    all(isinstance(one, tuple) for one in found.values()),
    f"{found}; both whole: {both.report.get('size')} px, {both.counts} (32 px pictures, 16 px parquet)",
)
