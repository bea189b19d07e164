"""Names as people give them: of classes, parts, wrappers and stray files."""

import unicodedata

import numpy as np

PLAIN = ["cat", "dog", "bus", "car", "rose", "lily", "apple", "pear", "boat", "horse", "tabby", "ferry"]
POOLS: dict[str, tuple[str, ...]] = {
    "plain": tuple(PLAIN),
    "capitals": ("Cat", "Dog", "BUS", "Rose", "aPPle"),
    "wnids": ("n01440764", "n02102040", "n02979186", "n03000684", "n03028079"),
    "digits": tuple(map(str, range(12))),
    "from one": tuple(map(str, range(1, 12))),
    "gaps": ("3", "7", "21", "100", "101"),
    "padded": ("00", "01", "02", "03", "10", "11"),
    "accents": ("café", "thé", "Größe", "Übung", "maçã", "pão"),
    "Chinese": ("猫", "狗", "汽车", "苹果"),
    "Japanese": ("ネコ", "いぬ", "自動車"),
    "Russian": ("кошка", "собака", "Машина"),
    "Korean": ("고양이", "강아지", "자동차"),
    "Greek and more": ("γάτα", "σκύλος", "بطة", "भालू"),
    "emoji": ("😀", "🐱 cat", "🐶"),
    "signs": ("C++", "C#", "C", "a b", "a-b", "a_b", "R&D", "50%", "what?", "x=1"),
    "commas": ("cat, tabby", "dog; big", "it's", 'the "one"', "a|b"),
    "spaces": ("hot dog", " leading", "trailing ", "two  spaces"),
    "dots": ("001.Black_footed", "002.Laysan", "v1.0", "no. 5"),
    "parts": ("train", "valid", "test", "invalid", "dev", "evaluate", "training shoes"),
    "near parts": ("trains", "tested", "valley", "contest", "evaluation form", "trainer"),
    "case": ("Polish", "polish", "POLISH"),
    "long": ("a" * 100, "a" * 99 + "b", "a" * 60),
    "folders": ("images", "data", "labels", "default", "archive", "class"),
    "shares": ("fold1", "fold2", "part_a", "cam3", "batch"),
    "yes and no": ("yes", "no", "true", "false", "None", "nan"),
}


def _words(text: str) -> list[str]:
    return text.split()


TRAIN = _words(
    """
    train Train TRAIN training Training trainset train_set train-images train_images TrainImages train2017
    seg_train cifar10-train training_data traindata Training_Set 01_train trn 训练 训练集 entraînement my.train
    train_256 TrainSet train(1) x_train trainval train-cleaned train_new
    """
)
TEST = _words(
    """
    test Test TEST testing Testing testset test_set test-images TestImages test2017 seg_test cifar10-test
    test_data testdata 02_test tst eval evaluation 测试 测试集 x_test Test_Set my.test test_256 eval_set TestSet
    """
)
VAL = _words(
    """
    val Val valid VALID validation Validation dev val2017 valid_set ValidationSet devset seg_val val_images 验证
    val-256 validate dev-set validation_data
    """
)
UNKNOWN = ("treino", "teste", "обучение", "проверка", "学習", "検証", "holdout", "unseen", "gallery", "query", "set_a")
WRAPPERS = _words(
    """
    archive dataset data images photos v2 release 数据 My-Set unzipped animals.v1i.folder raw-img
    """
)
SPLIT_WRAPPERS = ("training", "test set", "dataset_train_test", "train_test_split")
STRAY = (
    "README.md", "labels.csv", "classes.txt", "metadata.jsonl", "LICENSE", "annotations.xml", "notes.txt", "a.yaml",
    "dataset_infos.json", "Thumbs.db", ".DS_Store", "desktop.ini", ".gitattributes", "weights.pt", "features.npy",
)  # fmt: skip
SYSTEM = ("@eaDir", "__MACOSX", ".git", ".ipynb_checkpoints", "$RECYCLE.BIN", "lost+found")


def pick(rng: np.random.Generator, found: tuple[str, ...] | list[str]) -> str:
    return found[int(rng.integers(len(found)))]


def class_names(rng: np.random.Generator, pool: str, count: int) -> list[str]:
    """Some names of a pool, in composed letters, in the pool's order."""
    found = POOLS[pool]
    chosen = rng.choice(len(found), min(count, len(found)), replace=False)
    if pool in ("digits", "from one"):  # as they are in data sets: without a gap
        return list(found[: max(2, count)])
    return [unicodedata.normalize("NFC", found[place]) for place in sorted(chosen)]


def stored(rng: np.random.Generator, name: str, apart: bool) -> str:
    """A name as a disk has it: `apart`, accents in letters of their own, as macOS and some packers write them."""
    return unicodedata.normalize("NFD", name) if apart and rng.random() < 0.7 else name
