"""ZIPs whose names are in another encoding than they say, and what the lab makes of them."""

import io
import zipfile

from edc_core.data.readers.zip_names import name_members
from edc_core.errors import DataError

REFUSED = "does not say in which encoding"


def folders_read(names: list[str], codec: str) -> tuple[list[str], str]:
    """Folders of a ZIP that holds `1.png` in each of `names`, encoded so, as read; and the refusal, if any."""
    coded = [f"{name}/1.png".encode(codec) for name in names]
    stand_ins = [f"~{number:02d}".ljust(len(name), "~")[: len(name)] for number, name in enumerate(coded)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for stand_in in stand_ins:
            archive.writestr(stand_in, b"")
    data = buffer.getvalue()
    for stand_in, name in zip(stand_ins, coded, strict=True):
        data = data.replace(stand_in.encode(), name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = ""
        try:
            name_members(archive)
        except DataError as refusal:
            told = str(refusal)
        return [info.filename.partition("/")[0] for info in archive.infolist()], told
