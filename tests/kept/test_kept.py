"""Files of older releases are read, and give the codes that they gave."""

import json
from pathlib import Path

import numpy as np
import pytest

from wish_tf import SavedHasher, TextHasher
from wish_tf.cli import main
from wish_tf.codes import unpack_bits
from wish_tf.integrations import ParquetCodes
from wish_tf.saved_model import check_export

RELEASES = sorted(path for path in Path(__file__).parent.iterdir() if path.is_dir())
RELEASES = [path for path in RELEASES if path.name[0].isdigit()]


@pytest.fixture(params=RELEASES, ids=lambda path: path.name)
def release(request) -> Path:
    return request.param


def expected(release: Path) -> tuple[list[str], np.ndarray]:
    lines = (release / "texts.jsonl").read_text("utf-8").splitlines()
    codes = np.array(json.loads((release / "codes.json").read_text()), np.uint8)
    return [json.loads(line)["text"] for line in lines], codes


def test_there_are_releases():
    assert RELEASES


def test_a_hasher(release):
    texts, codes = expected(release)
    hasher = TextHasher.load(release / "hasher.keras")
    np.testing.assert_array_equal(hasher.hash(texts).packed, codes)
    assert len(hasher.topics()) == len(hasher.names_) > 0


def test_a_saved_model(release):
    texts, codes = expected(release)
    hasher = SavedHasher(release / "saved_model")
    np.testing.assert_array_equal(hasher.hash(texts).packed, codes)
    assert "failed" not in {check.result for check in check_export(hasher.path)}


def test_codes_in_parquet(release):
    stored = ParquetCodes(release / "codes.parquet")
    found = np.concatenate([codes for _, codes in stored.batches()])
    np.testing.assert_array_equal(found, unpack_bits(expected(release)[1], 16))


def test_an_index(release, capsys):
    texts, _ = expected(release)
    index, model = str(release / "texts.index"), str(release / "saved_model")
    assert main(["search", index, texts[7], "--model", model, "-k", "1", "--json"]) == 0
    [hit] = json.loads(capsys.readouterr().out)["results"]
    assert hit["text"] == texts[7]
