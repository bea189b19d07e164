"""A process of its own at a run of a store: it beats, and ends with a stage result unless it is told otherwise.

`python beating.py HOME`: it works until the file HOME/end is there.
"""

import contextlib
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(home: Path) -> None:
    from edc_core.errors import Cancelled
    from edc_core.events import Progress
    from edc_core.pipeline.execute import record_outcome
    from edc_core.store import Recorder, Store
    from tests.support.store_rows import KEY, begin

    with contextlib.closing(Store(home, ())) as store:
        begin(store)
        recorder = Recorder(store, "a-run", "d")
        try:
            with (
                record_outcome(store, "a-run"),
                recorder.alive(),
                store.stage_results.create(KEY, recorder, recorder.confirm) as work,
            ):
                print("at work", flush=True)
                while not (home / "end").exists():
                    recorder(Progress(1, 2, "step", ""))
                    time.sleep(0.05)
                (work.path / "made by").write_text("the first")
            store.finish("a-run", "finished", {"top1": 1})
        except Cancelled as error:
            print(error, flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(Path(sys.argv[1]))
