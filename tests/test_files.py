import json

import pytest

from wish_tf.files import replacing, write_json


def test_the_file_appears_whole(tmp_path):
    with replacing(tmp_path / "deep" / "a.txt") as temporary:
        temporary.write_text("new")
        assert not (tmp_path / "deep" / "a.txt").exists()
    assert (tmp_path / "deep" / "a.txt").read_text() == "new"
    assert len(list((tmp_path / "deep").iterdir())) == 1


@pytest.mark.parametrize("kind", ["file", "folder", "nothing"])
def test_after_a_failure_all_is_as_before(tmp_path, kind):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a.txt") as temporary:
        if kind == "file":
            temporary.write_text("half")
        elif kind == "folder":
            temporary.mkdir()
        raise RuntimeError
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_json(tmp_path):
    write_json(tmp_path / "a.json", {"ä": [1]})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"ä": [1]}
