"""Files of other programs, known by their first bytes: named, with how to convert them, and never opened.

A torch file or a pickle can hold a program that runs when it is loaded; none is loaded here.
"""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import NoReturn

from edc_core.data.description import shown
from edc_core.errors import DataError

HEAD = 512  # bytes that tell a file's kind
TORCH_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # in torch's files of before version 1.6
STARTS = {
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"MATLAB 5.0": "a MATLAB file",
    b"MATLAB 7.3": "a MATLAB file",
    b"PAR1": "a parquet file",
    b"ARROW1": "an Arrow file",
    b"FEA1": "a Feather file",
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"SQLite format 3\0": "an SQLite database",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "a document of an old Office",
    b"\x89PNG\r\n\x1a\n": "a single image",
    b"\xff\xd8\xff": "a single image",
}
CURES = {
    "a torch file": "write its tensors into an NPZ yourself: images, labels = torch.load(FILE, weights_only=True)[...];"
    " numpy.savez('set.npz', images=images.numpy(), labels=labels.numpy())",
    "a torch file of DC's layout": "write its tensors into an NPZ yourself: images, labels = torch.load(FILE,"
    " weights_only=True)['data'][-1]; numpy.savez('set.npz', images=images.numpy(), labels=labels.numpy())",
    "a torch file of one tensor": "write the tensors into an NPZ yourself: images, labels = (torch.load(name,"
    " weights_only=True) for name in ('images_best.pt', 'labels_best.pt')); numpy.savez('set.npz',"
    " images=images.numpy(), labels=labels.numpy())",
    "a pickle": "load it where you trust it, and save its arrays with numpy.savez('set.npz', images=..., labels=...)",
    "an HDF5 file": "save its arrays: f = h5py.File(FILE); numpy.savez('set.npz', images=f['images'][:],"
    " labels=f['labels'][:])",
    "a MATLAB file": "save its arrays: m = scipy.io.loadmat(FILE); numpy.savez('set.npz', images=m['images'],"
    " labels=m['labels'])",
    "TFRecords": "read them with tensorflow_datasets, and save numpy.savez('set.npz', images=..., labels=...)",
    "a parquet file": "a folder of train*.parquet and test*.parquet is a data set (--dataset DIR); condensed images are"
    " a folder or ZIP of images, or an NPZ",
    "an NPZ": "an NPZ holds condensed images (evaluate --images FILE); a data set is a folder of parquet or images",
    "an Excel workbook": "save the sheet as CSV",
    "a single image": "give the folder it lies in",
}
UNREADABLE = (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError)
UNPACK = "unpack it, and give the folder or a ZIP of it"
DEFAULT = "give a folder or ZIP of images, or an NPZ with the arrays images and labels"


def foreign_kind(head: bytes, whole: bytes | None = None, name: str = "") -> str | None:
    """What a file is that begins so; `whole` is a ZIP's content. None: it is nothing that is known here."""
    if head[:4] == b"PK\x03\x04":
        return _in_zip(whole) if whole is not None else None
    if head[:1] == b"\x80" and head[1:2] in b"\1\2\3\4\5" and len(head) > 2:
        return "a torch file" if TORCH_MAGIC in head[:40] else "a pickle"
    if head[257:262] == b"ustar":
        return "a tar archive"
    if (kind := next((kind for start, kind in STARTS.items() if head.startswith(start)), None)) is not None:
        return kind
    if len(head) >= 12 and _masked_crc(head[:8]) == int.from_bytes(head[8:12], "little"):
        return "TFRecords"
    if head[:1] in (b"(", b"c") and name.lower().endswith((".pkl", ".pickle", ".p")):
        return "a pickle"
    return None


def refuse_foreign(head: bytes, what: str, whole: bytes | None = None, name: str = "") -> None:
    """Refuse a file of another program.

    Raises:
        DataError: naming its kind and how to convert it.
    """
    if kind := foreign_kind(head, whole, name):
        raise foreign_error(what, kind)


def refuse_file(path: Path) -> NoReturn:
    """Refuse a file in place of a data set's folder.

    Raises:
        DataError: naming its kind.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            kind = foreign_kind(head)
            if head.startswith(b"PK"):
                with zipfile.ZipFile(path) as archive:
                    arrays = any(name.endswith(".npy") for name in archive.namelist())
                    kind = "an NPZ" if arrays else kind_of_zip(archive) or "a ZIP"
    except UNREADABLE:
        kind = None
    told = f"dataset '{shown(path.name[:200])}'"
    if kind in (None, "a ZIP"):
        raise DataError(f"{told} is {kind or 'a file'}, and a data set is a folder", "unpack it, and give its folder")
    raise foreign_error(told, str(kind))


def foreign_error(what: str, kind: str) -> DataError:
    """The sentence for a file of a kind."""
    plain = "a torch file" if kind.startswith("a torch file") else kind
    why = ", and may hold a program: it is never opened here" if plain in ("a torch file", "a pickle") else ""
    cure = CURES.get(kind, UNPACK if kind.endswith("archive") else DEFAULT)
    return DataError(f"{what} is {plain}{why}", cure)


def kind_of_zip(archive: zipfile.ZipFile) -> str | None:
    """What a ZIP is that is no plain archive: torch's, Office's; the layout of torch's by words in it, unread."""
    names = archive.namelist()
    if (program := next((name for name in names if name.endswith("data.pkl")), None)) is None:
        return "an Excel workbook" if "xl/workbook.xml" in names else None
    with archive.open(program) as file:
        words = file.read(2**16)
    if b"accs_all_exps" in words or b"\4\0\0\0data" in words:
        return "a torch file of DC's layout"
    return (
        "a torch file of one tensor"
        if words.count(b"_rebuild_tensor") == 1 and b"}" not in words[:40]
        else ("a torch file")
    )


def _in_zip(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return kind_of_zip(archive)
    except UNREADABLE:
        return None


def _masked_crc(content: bytes) -> int:
    """TFRecord's checksum of a record's length: CRC-32C, turned and shifted."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 & -(crc & 1))
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
