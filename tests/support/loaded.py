"""What forked processes begin with: torch, the engine's stages, and what the embedded data set is."""

import torchvision  # noqa: F401

import edc_core.cli
import edc_core.pipeline.stages  # noqa: F401
from edc_core.data import describe

describe("fashion-mnist-mini")
