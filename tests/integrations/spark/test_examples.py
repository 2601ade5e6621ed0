"""The Python for Spark in the pages runs as it stands there."""

import re
from pathlib import Path

import pytest

from tests.integrations.spark.conftest import make_texts

ROOT = Path(__file__).parents[3]
BLOCKS = [
    block
    for block in re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/scale.md").read_text("utf-8"), re.DOTALL
    )
    if "wish_tf.integrations.spark" in block
]


@pytest.mark.parametrize("code", BLOCKS)
def test_examples(code, spark, model, tmp_path):
    documents = tmp_path / "docs.parquet"
    texts = [(i, text) for i, text in enumerate(make_texts(30) * 2)]
    spark.createDataFrame(texts, "id int, text string").write.parquet(str(documents))
    # Java has a working directory of its own, which cannot be changed.
    for name, path in (
        ("docs.parquet", documents),
        ("codes.parquet", tmp_path / "codes.parquet"),
        ("saved_models/NAME", model),
    ):
        code = code.replace(f'"{name}"', repr(str(path)))
    names: dict = {}
    exec(compile(code, "page", "exec"), names)
    pairs = {(row.id_a, row.id_b) for row in names["pairs"].collect()}
    assert {(i, i + 30) for i in range(30) if i not in (3, 5, 8)} <= pairs
    if "nearest" in names:
        firsts = names["nearest"].where("rank = 1").collect()
        assert {row.query_id: row.distance for row in firsts} == dict.fromkeys(
            set(range(60)) - {3, 5, 8, 33, 35, 38}, 0
        )
