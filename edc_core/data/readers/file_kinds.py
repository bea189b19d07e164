"""Files of a data set's folder that are no images: what the system put there, annotations, and all else."""

import os

SYSTEM_FOLDERS = {
    *("@eadir", "@recycle", "@recently-snapshot", "@sharebin", "#recycle", "#snapshot", "$recycle.bin"),
    *("lost+found", "system volume information", "found.000", "__macosx", "__pycache__"),
}
SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
SYSTEM = SYSTEM_FOLDERS | SYSTEM_FILES
METADATA = {
    *(".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt", ".xml", ".yaml", ".yml", ".toml", ".md", ".rst"),
    *(".html", ".htm", ".pdf", ".xls", ".xlsx", ".ods", ".mat", ".names", ".bib", ".cfg", ".ini", ".log", ".lst"),
}
METADATA_NAMES = {"readme", "license", "licence", "citation", "changelog", "authors", "copying"}


def is_system(name: str) -> bool:
    """Whether a file or folder is hidden, or made by an operating system or a disk station."""
    if name[0] == "." or name.startswith("__MACOSX"):
        return True
    return name.lower() in SYSTEM


def kind_of_file(name: str) -> str:
    """The reason for which a file that is no image is left out."""
    stem, ending = os.path.splitext(name.lower())
    if ending in METADATA or (not ending and stem in METADATA_NAMES):
        return "annotations and metadata"
    return "files of other kinds"
