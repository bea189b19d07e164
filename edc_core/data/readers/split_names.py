"""Which part of a data set a folder's or file's name tells: the keywords of Hugging Face `datasets` and fastai.

A name tells one where a part of it, between anything but letters or at a capital after a small letter, is a keyword in
any case: `Training`, `seg_test`, `train_images`, `val2017`, `ValidationSet`.
"""

import re
import unicodedata
from typing import Literal

Kind = Literal["train", "val", "test"]
WORDS: dict[Kind, tuple[str, ...]] = {
    "train": ("train", "training", "trainset", "trainval", "trn", "训练", "训练集", "entrenamiento", "entrainement"),
    "val": ("val", "valid", "validation", "validate", "valset", "validset", "dev", "devset", "验证", "验证集"),
    "test": ("test", "testing", "testset", "tst", "eval", "evaluation", "evalset", "测试", "测试集"),
}
KINDS = {word: kind for kind, words in WORDS.items() for word in words}
GLUED = ("set", "data", "images", "imgs", "img")  # words behind a keyword: "traindata"
PARTS = re.compile(r"[^\W\d_]+")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

SHARE = re.compile(
    r"(?:k[-_ ]?)?(?:fold|part|batch|shard|chunk|subset|session|camera|cam|domain|site|volume|run|cv)s?[-_ ]?"
    r"(?:\d+|[a-z])",
    re.IGNORECASE,
)


def is_share(name: str) -> bool:
    """Whether a name is that of a share of a set, no part for one purpose: `fold1`, `part_b`, `cam03`."""
    return SHARE.fullmatch(name) is not None


def ends_like_share(name: str) -> bool:
    """Whether a name ends like that of a share: `HAM10000_images_part_1`."""
    return re.search(rf"(?:^|[-_ ])(?:{SHARE.pattern})$", name, re.IGNORECASE) is not None


def split_kind(name: str) -> Kind | None:
    """What a name tells: "train", "val" or "test"; None where it tells none, or two ("train_test")."""
    plain = unicodedata.normalize("NFC", name)
    found = {kind for part in PARTS.findall(HUMP.sub("_", plain)) if (kind := _of_word(_folded(part)))}
    return next(iter(found)) if len(found) == 1 else None


def is_exact(name: str) -> bool:
    """Whether the name is a keyword and nothing more."""
    return _folded(name) in KINDS


def _of_word(word: str) -> Kind | None:
    for ending in ("", *GLUED):
        if word.endswith(ending) and (kind := KINDS.get(word.removesuffix(ending))):
            return kind
    return None


def _folded(word: str) -> str:
    """In small letters, accents of Latin letters dropped."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(letter)
    )
