"""torchvision's ImageNet-1k weights as a network's state, from its cache or by download."""

import re
import urllib.error
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision import models

from edc_core.errors import EDCError
from edc_core.networks.imagenet import PRETRAINED

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # that torchvision trained with, in [0, 1] units


def url_of(name: str) -> str:
    """URL of the weights that torchvision first published, which the paper's observers have."""
    return models.get_model_weights(PRETRAINED[name]).IMAGENET1K_V1.url


def cached_file(name: str) -> Path:
    """Path of the downloaded weights in torchvision's cache (`TORCH_HOME` moves it)."""
    return Path(torch.hub.get_dir()) / "checkpoints" / url_of(name).rpartition("/")[2]


def load_ready(network: nn.Module, name: str, mean: Sequence[float], std: Sequence[float]) -> None:
    """Load torchvision's weights into a network that `builders.build` made for 1,000 classes above 64 px.

    Args:
        network: its weights are replaced.
        name: its name in the catalogue.
        mean, std: (3,) in [0, 1] units, by which its inputs are normalised in place of torchvision's.

    Raises:
        EDCError: the weights are neither in the cache nor to be had, or the file is damaged.
    """
    with torch.device("meta"):
        theirs = models.get_model(PRETRAINED[name])
    state = _read(name)
    try:
        theirs.load_state_dict({_key_of_today(key): value for key, value in state.items()}, assign=True)
    except (RuntimeError, AttributeError):
        raise _damaged(name, "it holds another network") from None
    # The same layers in the same order; the residual networks' have other names.
    values = theirs.state_dict().values()
    network.load_state_dict(dict(zip(network.state_dict(), values, strict=True)))
    accept(network, mean, std)


def accept(network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
    """Change the first layer so that inputs normalised by `mean` and `std` look as torchvision's would.

    x' = x std / STD + (mean - MEAN) / STD: the factor goes into the first convolution's weights, its
    answer to the shift into its bias or the running mean of the BatchNorm behind it. Only a padded
    border sees the data set's mean colour in place of ImageNet's.
    """
    mean, std, their_mean, their_std = (torch.tensor(values) for values in (mean, std, MEAN, STD))
    convolution = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    with torch.no_grad():
        shift = convolution.weight.sum((2, 3)) @ ((mean - their_mean) / their_std)
        convolution.weight.mul_((std / their_std).view(1, -1, 1, 1))
        if convolution.bias is not None:
            convolution.bias.add_(shift)
        else:
            norm = next(module for module in network.modules() if isinstance(module, nn.BatchNorm2d))
            norm.running_mean.sub_(shift)


def _read(name: str) -> dict[str, Tensor]:
    path = cached_file(name)
    if not path.exists():
        _download(name, path)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a damaged file makes it stumble over
        raise _damaged(name, str(error).splitlines()[0] if str(error) else type(error).__name__) from None


def _download(name: str, path: Path) -> None:
    """Into torchvision's cache, whole or not at all, its hash checked."""
    url = url_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digits = re.search(r"-([0-9a-f]+)\.pth$", url)
        torch.hub.download_url_to_file(url, str(path), hash_prefix=digits[1] if digits else None, progress=False)
    except (urllib.error.URLError, OSError, RuntimeError) as error:
        raise EDCError(
            f"torchvision's weights of '{name}' are not in '{path.parent}' and could not be downloaded ({error}):"
            f" put {url} there, or leave squeeze.pretrained at 'none'."
        ) from None


def _damaged(name: str, why: str) -> EDCError:
    path = cached_file(name)
    return EDCError(f"'{path}' does not hold torchvision's weights of '{name}' ({why[:200]}): delete it and run again.")


def _key_of_today(key: str) -> str:
    """DenseNet's weights were saved when its layers' names had one more dot."""
    return re.sub(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)", r"\1\2", key)
