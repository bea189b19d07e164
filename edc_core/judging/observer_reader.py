"""The store's observers as a reader of condensed sets."""

import numpy as np
import torch

from edc_core.data import Dataset
from edc_core.doctor.stored_observers import StoredObserver
from edc_core.errors import StoreError
from edc_core.judging.set_reading import Reader
from edc_core.networks.builders import build
from edc_core.store.tensors import read_tensors
from edc_core.torch_utils.setup import configure_torch
from edc_core.training.views import Normalisation

MAX_OBSERVERS, BATCH = 3, 100


def observer_reader(dataset: Dataset, observers: list[StoredObserver]) -> Reader | None:
    """The mean of the best observers' probabilities; None where none can be loaded."""
    configure_torch()
    about, networks, right = dataset.description, [], []
    for observer in observers[:MAX_OBSERVERS]:
        network = build(observer.network, about.channels, about.size, len(about.classes))
        try:
            network.load_state_dict(read_tensors(observer.folder / "observer.safetensors"))
        except (StoreError, RuntimeError, KeyError):
            continue  # the doctor tells of it
        networks.append(network.eval())
        right.append(observer.val_top1 / 100)
    if not networks:
        return None
    normalise = Normalisation.of(*dataset.normalisation, device="cpu")

    def scores(images: np.ndarray) -> np.ndarray:
        found = []
        with torch.inference_mode():
            for start in range(0, len(images), BATCH):
                batch = normalise(torch.from_numpy(np.ascontiguousarray(images[start : start + BATCH])))
                found.append(torch.stack([network(batch).softmax(1) for network in networks]).mean(0))
        return torch.cat(found).numpy()

    names = ", ".join(observer.network for observer in observers[:MAX_OBSERVERS])
    return Reader(f"the stored observers ({names})", max(right), scores)
