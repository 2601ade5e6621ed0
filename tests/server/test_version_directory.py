from __future__ import annotations

from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server.version_directory import latest_version


def test_highest_number_wins(tmp_path: Path):
    for name in ("3", "0012", "9", "notes", "99x", "-100"):
        (tmp_path / name).mkdir()
    (tmp_path / "100").write_text("a file")
    assert latest_version(tmp_path) == (12, tmp_path / "0012")
    assert latest_version(str(tmp_path)) == (12, tmp_path / "0012")


def test_no_versions(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        latest_version(tmp_path)
    assert str(caught.value) == (
        f"Expected a numbered version folder such as {tmp_path}/1, but {tmp_path} has "
        "none."
    )


def test_no_folder(tmp_path: Path):
    with pytest.raises(InputError) as caught:
        latest_version(tmp_path / "nope")
    assert str(caught.value) == (
        f"Expected a folder with numbered versions of a model, but {tmp_path}/nope is "
        "missing."
    )
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"file is not a folder\.$"):
        latest_version(tmp_path / "file")
