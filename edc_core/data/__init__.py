"""Data sets: what they are (without decoding), their pixels (cached), and their three parts."""

from edc_core.data.dataset import Dataset, Part, open_dataset
from edc_core.data.sources import EMBEDDED, Description, describe

__all__ = ["EMBEDDED", "Dataset", "Description", "Part", "describe", "open_dataset"]
