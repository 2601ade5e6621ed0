from __future__ import annotations

import os
from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server.version_directory import find_versions, folder_stamp


def test_the_newest_version_comes_first(tmp_path: Path):
    passed_over = ("007", "99x", "notes", "-100", "1.5", "1e3", "²", "٣", " 4")
    for name in ("3", "12", "0", "9", "9223372036854775808", *passed_over):
        (tmp_path / name).mkdir()
    (tmp_path / "100").write_text("a file")
    (tmp_path / "101").symlink_to("3")
    expected = [(number, tmp_path / str(number)) for number in (12, 9, 3, 0)]
    assert list(find_versions(tmp_path).items()) == expected
    assert list(find_versions(str(tmp_path)).items()) == expected


def test_no_folder(tmp_path: Path):
    assert find_versions(tmp_path) == {}
    (tmp_path / "file").touch()
    for name in ("nope", "file"):
        with pytest.raises(InputError, match=f"got .*{name}: No"):
            find_versions(tmp_path / name)


def test_the_stamp_of_a_folder_changes_with_its_content(tmp_path: Path):
    empty = folder_stamp(tmp_path)
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "file"
    file.write_text("a")
    first = folder_stamp(tmp_path)
    assert empty == () and first != empty
    assert folder_stamp(tmp_path) == first
    os.utime(file, ns=(0, 0))
    touched = folder_stamp(tmp_path)
    assert touched != first
    file.write_text("ab")
    assert folder_stamp(tmp_path) not in (first, touched)
    assert folder_stamp(tmp_path / "gone") == ()
