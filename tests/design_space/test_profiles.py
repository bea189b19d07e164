"""The paper's tables of settings: which data set gets which, and what stands in them."""

import pytest

from edc_core.data import Description
from edc_core.design_space.committees import COMMITTEES
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import PROTOCOLS
from edc_core.design_space.profiles import PROFILES, default_profile
from edc_core.errors import SettingsError
from edc_core.networks.imagenet import CLASS_LISTS
from edc_core.pipeline.prepare import prepare

TEN = CLASS_LISTS["imagenet-10"]
TWO_HUNDRED = tuple(f"n{number:08d}" for number in range(200))
# Tables 6 to 10: initial images, iterations, batch, r; epochs at IPC 10 and 1, batch, RandAugment; the squeeze.
PRINTED = {
    "tiny-imagenet": ("real", 2000, 100, 0.01, 300, 1000, 100, True, "epochs", 50),
    "imagenet-10": ("rded", 2000, 100, 0.01, 1000, 1000, 50, True, "epochs", 20),
    "imagenet-1k": ("rded", 2000, 80, 0.1, 300, 300, 100, False, "pretrained", "imagenet-1k"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_edc_on_a_large_set_has_the_papers_numbers(name: str) -> None:
    ten, one = (configure("G", "somewhere", get_profile(name), ipc, 0) for ipc in (10, 1))
    kind, iterations, batch, weight, epochs, at_one, views, randaugment, setting, squeezed = PRINTED[name]
    assert (ten.initialise.kind, ten.synthesise.iterations, ten.synthesise.batch_size) == (kind, iterations, batch)
    assert (ten.synthesise.matching_weight, ten.synthesise.crop_area_min, ten.views.crop_area_min) == (weight, 0.5, 0.5)
    assert (ten.views.epochs, one.views.epochs, ten.views.batch_size) == (epochs, at_one, views)
    assert (ten.views.randaugment_ops > 0, ten.evaluate.zeta) == (randaugment, 2.0)
    assert getattr(ten.squeeze, setting) == squeezed
    assert ten.synthesise.observers == COMMITTEES[name].synthesis
    assert ten.relabel.observers == COMMITTEES[name].labels
    assert ten.statistics.patch == (4 if name == "tiny-imagenet" else 16)
    assert configure("A", "somewhere", get_profile(name), 10, 0).synthesise.iterations == 2 * iterations


@pytest.mark.parametrize("preset", ["SRe2L", "CDA"])
def test_a_baseline_weighs_its_matching_as_its_own_scripts_do(preset: str) -> None:
    """0.01 on ImageNet-1k as well, where EDC's weight, in which G-VBSM is compared, is another."""
    for name in PROFILES:
        assert configure(preset, "somewhere", get_profile(name), 10, 0).synthesise.matching_weight == 0.01
    assert configure("G-VBSM", "somewhere", get_profile("imagenet-1k"), 10, 0).synthesise.matching_weight == 0.1


@pytest.mark.parametrize("name", PROFILES)
def test_gvbsm_has_its_committee_on_every_set(name: str) -> None:
    config = configure("G-VBSM", "somewhere", get_profile(name), 10, 0)
    assert len(config.synthesise.observers) > 1
    assert config.relabel.observers == config.synthesise.observers


def test_large_images_have_large_patches_and_mosaics_wherever_they_are_from() -> None:
    table = get_profile("lab-large")
    assert configure("G", "somewhere", table, 10, 0).statistics.patch == 16
    assert configure("RDED", "somewhere", table, 10, 0).initialise.tiles == 2


@pytest.mark.parametrize(("name", "tiles"), [("lab", 1), ("cifar-10", 1), ("imagenet-10", 2), ("imagenet-1k", 2)])
def test_rdeds_protocol_shuffles_tiles_where_there_are_some_and_no_other_does(name: str, tiles: int) -> None:
    table = get_profile(name)
    for protocol in PROTOCOLS:
        shuffled = configure("RDED", "somewhere", table, 10, 0, protocol).views.shuffle_tiles
        assert shuffled == (tiles if protocol == "rded" else 1)


@pytest.mark.parametrize(
    ("classes", "size", "name"),
    [
        (TWO_HUNDRED, 64, "tiny-imagenet"),
        (TWO_HUNDRED, 224, "lab-large"),
        (TWO_HUNDRED, 96, "lab-large"),
        (TEN, 224, "imagenet-10"),
        (tuple(reversed(TEN)), 224, "imagenet-10"),
        (TEN, 64, "lab"),
        (tuple("0123456789"), 28, "digits"),
        (tuple("9876543210"), 32, "digits"),
        (CLASS_LISTS["imagenette"], 224, "lab-large"),
        (tuple(f"n{number:08d}" for number in range(1000)), 224, "lab-large"),  # 1,000 classes that are not ImageNet's
    ],
)
def test_names_and_size_choose_the_table(classes: tuple[str, ...], size: int, name: str) -> None:
    assert default_profile(classes, size) is PROFILES[name]


def test_digits_are_never_mirrored() -> None:
    for preset in ("A", "EDC", "RDED"):
        run = configure(preset, "somewhere", get_profile("digits"), 10, 0)
        assert [run.squeeze.flip, run.synthesise.flip, run.views.flip] == [False] * 3


def test_imagenets_own_classes_choose_its_table() -> None:
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    assert default_profile(tuple(_IMAGENET_CATEGORIES), 224) is PROFILES["imagenet-1k"]


@pytest.mark.parametrize("name", PRINTED)
def test_a_shrunken_plan_is_laid_out(name: str) -> None:
    """Every stage, with the table's committees, on a set of its size and classes."""
    table, size = get_profile(name), 64 if name == "tiny-imagenet" else 224
    classes = TEN if name == "imagenet-10" else TWO_HUNDRED
    about = Description("made up", "0" * 32, classes, size, 3, (50,) * len(classes), 100)
    changes = {"views.epochs": 2, "synthesise.iterations": 3}
    if name == "imagenet-1k":
        with pytest.raises(SettingsError, match="200 classes in place of ImageNet's 1000"):
            prepare(configure("G", "made up", table, 1, 0, changes=changes), about)
        changes["squeeze.pretrained"] = "none"
    nodes = prepare(configure("G", "made up", table, 1, 0, changes=changes), about).nodes
    committee = COMMITTEES[name]
    assert {node.name for node in nodes if node.stage == "squeeze"} == {*committee.synthesis, *committee.labels}
    assert [node.name for node in nodes if node.stage == "statistics"] == list(committee.synthesis)
    assert [node.name for node in nodes if node.stage == "evaluate"] == ["resnet18/0"]
