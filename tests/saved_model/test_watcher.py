import time

from .watcher import Watcher


def test_the_watcher_would_see_a_version_that_grows(tmp_path):
    with Watcher(tmp_path) as watcher:
        (tmp_path / "1").mkdir()
        for name in ("a", "b"):
            time.sleep(0.1)
            (tmp_path / "1" / name).write_text("x")
    files = [("a", 1), ("b", 1)]
    assert watcher.seen >= {("1", frozenset(files[:n])) for n in range(3)}
