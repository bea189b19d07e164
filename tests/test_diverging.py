"""What diverges ends with the setting to lower, and is not said to be worth resuming."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edc_core.configure import configure, table_named
from edc_core.data import describe
from edc_core.errors import Diverged, ends_again
from edc_core.pipeline import execute
from edc_core.preparing import prepare
from edc_core.store import Store

RATES = [  # the second observer's loss stays finite, ever so large
    ("squeeze.lr", "observer convnet", {"squeeze.lr": 1e6, "squeeze.weight_decay": 1e6}),
    ("squeeze.lr", "observer convnet", {"squeeze.lr": 1e6}),
    ("evaluate.lr", "student convnet", {"evaluate.lr": 1e6}),
]


@pytest.mark.parametrize(("setting", "what", "changes"), RATES)
def test_a_rate_far_too_high_is_named_with_its_value(
    setting: str, what: str, changes: dict, begun: Callable[[Path], Path], tmp_path: Path
) -> None:
    home, name = begun(tmp_path), "fashion-mnist-mini"
    run = prepare(configure("G", name, table_named("tiny"), 2, 0, changes=changes), describe(name))
    with pytest.raises(Diverged, match=rf"^{what}.* diverged.*: lower {setting} \(now 1000000.0\)"):
        execute(run, home)
    with closing(Store(home)) as store:
        row = store.run(run.run)
    assert row["state"] == "failed"
    assert ends_again(row["error"])
    assert row["progress"]["stage"] == setting.partition(".")[0]  # not the one before
