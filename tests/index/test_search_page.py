"""The Python of docs/search.md runs as it stands there."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/search.md"


def test_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict = {}
    exec(compile(code, "search.md", "exec"), names)
    assert len(names["loaded"]) == 998
    assert names["found"].distances.shape == (2, 10)
    assert (names["near"][0].distances <= 1).all()
