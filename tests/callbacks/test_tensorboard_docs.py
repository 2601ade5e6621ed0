"""docs/tensorboard.md: its Python runs, and it names every tag."""

import re
from pathlib import Path

from tests.callbacks.events import events
from wish_tf.callbacks.wish_board import TAGS
from wish_tf.corpora import load_corpus

PAGE = (Path(__file__).parents[2] / "docs" / "tensorboard.md").read_text("utf-8")


def test_the_example_runs_and_writes_what_the_page_names(
    docs_file, tmp_path, monkeypatch
):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    corpus = load_corpus(docs_file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wish_tf.corpora.load_corpus", lambda name: corpus)
    exec(compile(code, "tensorboard.md", "exec"), {})
    written = set()
    for run in ("", "train", "validation"):
        written |= {tag for tag in events(tmp_path / "logs" / run) if "/" in tag}
    assert written - {"_hparams_/session_start_info"} <= set(_named())
    assert {"topics/words", "retrieval/precision_at_100"} < written


def test_every_tag_is_named():
    assert set(TAGS.values()) <= set(_named())
    assert {f"annealing/{x}" for x in ("beta", "flip", "decided", "codes")} < _named()


def _named() -> set[str]:
    return set(re.findall(r"`(\w+/\w+)`", PAGE))
