"""Properties of what readers guess by: parts' names, natural order, tails of paths, encodings, columns of labels."""

import csv
import io
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edc_core.data.external_sets.file_matching import match_files, natural_key
from edc_core.data.external_sets.label_columns import labels_of
from edc_core.data.external_sets.label_lists import read_table
from edc_core.data.readers.split_names import KINDS, split_kind
from edc_core.errors import DataError
from tests.support.coded_zips import REFUSED, folders_read

few = settings(max_examples=50, derandomize=True, deadline=None, database=None)
WORDS = sorted(word for word in KINDS if word.isascii())
SMALL = st.text(string.ascii_lowercase, min_size=1, max_size=6)


@few
@given(st.sampled_from(WORDS), st.sampled_from(["lower", "upper", "title"]), st.sampled_from("_-. 0"), st.booleans())
def test_a_keyword_tells_a_part_in_any_case_before_or_behind_another_word(
    word: str, case: str, sign: str, before: bool
) -> None:
    styled = getattr(word, case)()
    name = f"{styled}{sign}photos" if before else f"photos{sign}{styled}"
    assert split_kind(styled) == split_kind(name) == KINDS[word]


@few
@given(st.sampled_from(WORDS), SMALL)
def test_a_keyword_within_another_word_tells_nothing(word: str, more: str) -> None:
    for glued in (more + word, word + more):
        if glued not in KINDS and not glued.endswith(("set", "data", "images", "imgs", "img")):
            assert split_kind(glued) is None


@few
@given(
    st.lists(st.integers(0, 10**6), min_size=2, max_size=8, unique=True), SMALL, st.sampled_from([".png", "", "_a.jpg"])
)
def test_numbers_in_names_are_in_order(numbers: list[int], before: str, ending: str) -> None:
    names = [f"{before}{number}{ending}" for number in numbers]
    assert sorted(names, key=natural_key) == [f"{before}{number}{ending}" for number in sorted(numbers)]


@few
@given(st.lists(st.text("aZ019٣²é_ .-", max_size=6), min_size=2, max_size=6, unique_by=natural_key))
def test_any_names_have_one_order(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    names.reverse()
    assert sorted(names, key=natural_key) == ordered


paths = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "1", "2"]), min_size=1, max_size=4).map("/".join),
    min_size=1,
    max_size=7,
    unique=True,
)


@few
@given(paths, st.sampled_from(["", "/home/me/set/", "C:\\set\\", "./"]), st.randoms(use_true_random=False))
def test_files_are_found_wherever_their_list_was_written(found: list[str], above: str, order) -> None:
    files = [f"{path}.png" for path in found]
    listed = list(files)
    order.shuffle(listed)
    told = [above + (file.replace("/", "\\") if "\\" in above else file) for file in listed]
    assert [listed[row] for row in match_files(told, files)] == files


@few
@given(paths, st.integers(0, 3), st.randoms(use_true_random=False))
def test_shortened_paths_are_matched_rightly_or_refused(found: list[str], depth: int, order) -> None:
    files = [f"{path}.png" for path in found]
    listed = list(files)
    order.shuffle(listed)
    told = ["/".join(file.split("/")[-1 - depth :]) for file in listed]
    try:
        rows = match_files(told, files)
    except DataError:
        assert len(set(told)) < len(told) or any(a != b and a.endswith(f"/{b}") for a in files for b in told)
    else:
        assert all(files[place].endswith(told[row]) for place, row in enumerate(rows))
        assert [listed[row] for row in rows] == files or len(set(told)) < len(told)


KANA = "あいうえおかきくけこさしすせそアイウエオカキクケコサシスセソ日本人大山川田中上下"
HANGUL = "가나다라마바사아자차카타파하고양이강아지자동차비행기개구리말사슴"
HANZI = "啊的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生"
RUSSIAN, LATIN = "абвгдежзийклмнопрстуфхцчшщыьэюя", "abcdefghijklmnoprstuäöüßéèàç"
SCRIPTS = [("gbk", HANZI), ("cp932", KANA), ("cp949", HANGUL), ("cp866", RUSSIAN), ("cp1251", RUSSIAN)]
SCRIPTS += [("cp1252", LATIN), ("cp437", LATIN)]
SCRIPTS += [("utf-8", letters) for letters in (LATIN, RUSSIAN, HANZI, KANA, HANGUL)]


@pytest.mark.parametrize(("codec", "letters"), SCRIPTS)
def test_names_in_a_zip_are_read_in_their_encoding_or_refused(codec: str, letters: str) -> None:
    @settings(few, max_examples=20)
    @given(st.lists(st.text(letters, min_size=2, max_size=6), min_size=1, max_size=4, unique=True))
    def check(names: list[str]) -> None:
        read, told = folders_read(names, codec)
        assert REFUSED in told or read == names

    check()


cells = st.text(string.ascii_letters + "äé猫 ,;\"'-+#", min_size=1, max_size=8).map(str.strip).filter(bool)


@few
@given(
    st.lists(cells, min_size=2, max_size=4, unique_by=lambda name: "".join(filter(str.isalnum, name.lower())) or name),
    st.sampled_from(",;\t"),
    st.booleans(),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_a_table_of_files_and_labels_is_read_rightly_or_refused(
    classes: list[str], delimiter: str, index: bool, by_number: bool, order
) -> None:
    files = [f"{number}.png" for number in range(2 * len(classes))]
    truth = {file: number % len(classes) for number, file in enumerate(files)}
    rows = [(file, label if by_number else classes[label]) for file, label in truth.items()]
    order.shuffle(rows)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerows(
        [[""] * index + ["file", "label"], *([number] * index + list(row) for number, row in enumerate(rows))]
    )
    try:
        found = labels_of(read_table(buffer.getvalue().encode(), classes), files, classes, files=True)
    except DataError:
        return
    assert [found.numbers[place] for place in range(len(files))] == [truth[files[row]] for row in found.order]
