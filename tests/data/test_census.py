"""The census of one reading: counts, choices and files left out, as `doctor` and a run's manifest hold them."""

from dataclasses import replace
from pathlib import Path

from edc_core.data import describe
from edc_core.data.census import Census, Tally, of_splits
from edc_core.doctor.reading import check_census
from edc_core.pipeline.prepare import manifest, prepare_by_name
from tests.support.photos import small_photos


def test_a_tally_counts_each_reason_and_keeps_its_first_example() -> None:
    tally = Tally()
    for number in range(3):
        tally.leave_out("annotations", f"{number}.csv")
    tally.leave_out("images beside the class folders", "loose.png", images=True)
    assert [(group.reason, group.count, group.example) for group in tally.left_out] == [
        ("images beside the class folders", 1, "loose.png"),
        ("annotations", 3, "0.csv"),
    ]
    both = Census((("a", 1),), ("one",), tally.left_out) + Census((("a", 2),), ("one", "two"), tally.left_out)
    assert (both.found, both.readings) == ((("a", 3),), ("one", "two"))
    assert [group.count for group in both.left_out] == [2, 6]
    assert both.sentences[-1] == "left out: annotations (6 files, such as '0.csv')"


def test_a_folder_is_counted_and_its_census_is_no_part_of_what_it_is(tmp_path: Path) -> None:
    about = describe(str(small_photos(tmp_path)))
    assert about.census.found == of_splits(len(about.classes), sum(about.train_counts), about.test_count)
    assert "census" not in about.plain()
    assert about.census.plain()["found"]["test images"] == about.test_count


def test_the_doctor_warns_of_images_left_out_and_notes_the_rest(tmp_path: Path) -> None:
    tally = Tally()
    tally.leave_out("images beside the class folders", "loose.png", images=True)
    tally.leave_out("annotations", "a.csv")
    about = replace(describe(str(small_photos(tmp_path))), census=Census((), ("read so",), tally.left_out))
    found = [(finding.severity, finding.message) for finding in check_census(about)]
    assert found[0] == ("note", "Read so.")
    assert [severity for severity, _ in found[1:]] == ["warning", "note"]


def test_a_runs_manifest_keeps_the_census() -> None:
    prepared = prepare_by_name("G", "fashion-mnist-mini", 1, 0)
    census = manifest(prepared)["dataset"]["census"]
    assert census["found"]["classes"] == 10
