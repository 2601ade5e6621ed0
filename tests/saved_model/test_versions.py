import os
import threading

import pytest

from wish_tf import InputError
from wish_tf.saved_model import versions
from wish_tf.saved_model.versions import add_version, newest_version, version_numbers


def write(folder) -> None:
    folder.mkdir()
    (folder / "saved_model.pb").write_text("whole")


def test_versions_count_on_from_the_highest(tmp_path):
    base = tmp_path / "models" / "m"
    assert add_version(base, write) == base / "1"
    (base / "7").mkdir()
    (base / "notes").mkdir()
    assert add_version(base, write) == base / "8"
    assert version_numbers(base) == [1, 7, 8]
    assert newest_version(base) == base / "8"


def test_the_hidden_folder_is_no_number_and_goes(tmp_path):
    seen = []

    def watched(folder) -> None:
        write(folder)
        seen.extend(path.name for path in tmp_path.iterdir())

    add_version(tmp_path, watched)
    (name,) = seen
    assert name.startswith(".") and not name.lstrip(".").isdigit()
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_a_number_that_another_took_meanwhile_is_left_to_it(tmp_path, monkeypatch):
    add_version(tmp_path, write)
    (tmp_path / "1" / "saved_model.pb").write_text("the other's")
    (tmp_path / "2").write_text("a file")
    # As if both had listed the folder before either was done.
    monkeypatch.setattr(versions, "version_numbers", lambda path: [])
    assert add_version(tmp_path, write) == tmp_path / "3"
    assert (tmp_path / "1" / "saved_model.pb").read_text() == "the other's"
    assert (tmp_path / "2").read_text() == "a file"


def test_many_at_once_get_a_number_each(tmp_path):
    added = []

    def add() -> None:
        for _ in range(20):
            added.append(add_version(tmp_path, write).name)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, added)) == list(range(1, 81))
    assert {path.name for path in tmp_path.iterdir()} == set(added)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_what_fails_midway_leaves_nothing(tmp_path, error):
    def fail(folder) -> None:
        write(folder)
        raise error

    with pytest.raises(type(error)):
        add_version(tmp_path, fail)
    assert list(tmp_path.iterdir()) == []


def test_a_crash_leaves_no_version_and_is_in_nobodys_way(tmp_path):
    child = os.fork()
    if child == 0:
        add_version(tmp_path, lambda folder: (write(folder), os._exit(3)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".") and (left / "version/saved_model.pb").exists()
    assert version_numbers(tmp_path) == []
    assert add_version(tmp_path, write) == tmp_path / "1"
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_a_folder_that_cannot_be_renamed_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        add_version(tmp_path, lambda folder: None)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="^expected a folder .*; got the file "):
        add_version(tmp_path / "file", write)
