"""13, the finest wins and nobody is told: several columns of class labels, and names as a table."""

import json

import pyarrow as arrow
import pyarrow.parquet as parquet
from helpers.command_line import T, doctor, verdict
from helpers.images import pictures


def made(name: str, features: dict, columns: dict) -> str:
    place = T / name
    place.mkdir()
    about = json.dumps({"info": {"features": {"image": {"_type": "Image"}} | features}})
    for split in ("train", "test"):
        images = [{"bytes": one, "path": "x"} for one in pictures(12)]
        table = arrow.table({"image": images} | columns).replace_schema_metadata({"huggingface": about})
        parquet.write_table(table, place / f"{split}.parquet")
    return str(place)


def of(names: object) -> dict:
    return {"_type": "ClassLabel", "names": names}


two = {"label": of(["cat", "dog"]), "photographer": of(["Ann", "Bo", "Cy"])}
fair = doctor(made("fair", two, {"label": [0, 1] * 6, "photographer": [0, 1, 2] * 4}))
table = doctor(made("table", {"label": of({"0": "cat", "1": "dog"})}, {"label": [0, 1] * 6}))
both = fair.classes == table.classes == ("cat", "dog")
told = "photographer" in fair.said and "column" in fair.said
verdict(
    both or told, f"label (2) beside photographer (3): {fair.classes}, told: {told}; names as a table: {table.classes}"
)
