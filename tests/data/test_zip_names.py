"""Names in ZIPs: read in the encoding they are in, or refused with how to pack again; never garbled in silence."""

import io
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest

from edc_core.data.external_sets.members import list_members
from edc_core.data.readers.archives import plain_files
from edc_core.errors import DataError


def unflagged(*names: bytes) -> bytes:
    """A ZIP whose names are these very bytes, without a word of their encoding."""
    stand_ins = {f"{number:03d}".ljust(len(name), "x"): name for number, name in enumerate(names)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in stand_ins:
            archive.writestr(name, b"")
    data = buffer.getvalue()
    for stand_in, name in stand_ins.items():
        data = data.replace(stand_in.encode(), name)
    return data


def folders(*names: str, codec: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    data = unflagged(*(f"{name}/1.png".encode(codec) for name in names))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return tuple(path.parts[0] for path, _ in plain_files(archive, known))


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("utf-8", ("été", "猫")),
        ("utf-8", ("café", "thé")),
        ("cp437", ("été", "müller")),
        ("cp850", ("Ávila", "maçã")),
        ("cp1252", ("Größe", "Übung")),
        ("cp866", ("кошка", "собака")),
        ("cp1251", ("Кошка", "собака")),
        ("cp932", ("ネコ", "いぬ")),
        ("cp949", ("비행기", "자동차", "고양이", "강아지", "개구리", "말")),
        ("big5", ("飛機", "汽車", "貓", "狗")),
    ],
)
def test_the_encoding_is_found(codec: str, names: tuple[str, ...]) -> None:
    assert folders(*names, codec=codec) == names


@pytest.mark.parametrize(
    ("codec", "names"),
    [
        ("gbk", ("飞机", "汽车", "青蛙", "卡车", "苹果")),
        ("gbk", ("正常", "肺炎", "结核", "肺癌", "骨折", "息肉")),
        ("cp949", ("나비", "꿀벌", "해바라기")),
        ("big5", ("蘋果", "香蕉", "鳥", "貓")),
        ("cp932", ("飛行機", "自動車", "猫", "カエル")),
    ],
)
def test_usual_words_of_a_language_tell_its_encoding(codec: str, names: tuple[str, ...]) -> None:
    assert folders(*names, codec=codec) == names


@pytest.mark.parametrize(("codec", "names"), [("gbk", ("猫", "狗")), ("gbk", ("模", "b")), ("cp949", ("말", "소"))])
def test_names_that_may_be_of_two_encodings_are_refused(codec: str, names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="not say in which encoding its names are.*too short.*Korean.* in UTF-8"):
        folders(*names, codec=codec)
    assert folders(*names, codec=codec, known=names) == names  # the data set's classes tell


def test_decomposed_letters_are_composed(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "été")
    assert folders(apart, codec="utf-8") == ("été",)
    (tmp_path / apart).mkdir()
    (tmp_path / apart / "1.png").touch()
    assert [member.name for member in list_members(tmp_path)] == ["été/1.png"]


def test_the_unicode_path_field_is_believed_where_it_is_of_that_name() -> None:
    raw = "猫/1.png".encode("gbk")
    for of in (raw, b"older"):
        field = b"\1" + zlib.crc32(of).to_bytes(4, "little") + "猫/1.png".encode()
        archive = zipfile.ZipFile(io.BytesIO(unflagged(raw)))
        archive.infolist()[0].extra = (0x7075).to_bytes(2, "little") + len(field).to_bytes(2, "little") + field
        if of == raw:
            assert [str(path) for path, _ in plain_files(archive)] == ["猫/1.png"]
        else:
            with pytest.raises(DataError, match="UTF-8"):
                list(plain_files(archive))


def test_letters_in_a_files_name_alone_stop_nothing() -> None:
    with zipfile.ZipFile(io.BytesIO(unflagged("a/猫.png".encode("gbk"), b"b/1.png"))) as archive:
        assert [path.parts[0] for path, _ in plain_files(archive)] == ["a", "b"]


def test_links_are_followed_and_loops_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "1.png").touch()
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "cat").symlink_to(tmp_path / "elsewhere")
    assert [member.name for member in list_members(tmp_path / "set")] == ["cat/1.png"]
    (tmp_path / "set" / "up").symlink_to(tmp_path / "set")
    with pytest.raises(DataError, match="link to a folder that it lies in"):
        list_members(tmp_path / "set")
