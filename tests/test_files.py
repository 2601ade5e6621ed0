import json
import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.files import check_outputs, read_json, replacing, write_json

FORK = multiprocessing.get_context("fork")


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


def test_a_folder_appears_whole(tmp_path):
    with replacing(tmp_path / "a") as temporary:
        temporary.mkdir()
        (temporary / "b").write_text("new")
    assert (tmp_path / "a" / "b").read_text() == "new"


def test_two_writers_of_one_process_id_share_nothing(tmp_path):
    with replacing(tmp_path / "a") as first:
        first.write_text("first")
        with replacing(tmp_path / "a") as second:
            second.write_text("second")
        # The one that is done leaves the other's alone.
        assert first.read_text() == "first"
    assert (tmp_path / "a").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 1


def test_many_writers_at_once_end_in_one_whole_file(tmp_path):
    texts = {letter * 100_000 for letter in "abcdefgh"}

    def write(text: str) -> None:
        for _ in range(10):
            with replacing(tmp_path / "a") as temporary:
                temporary.write_text(text)

    threads = [threading.Thread(target=write, args=[text]) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "a").read_text() in texts
    assert len(list(tmp_path.iterdir())) == 1


def _write_half(path: Path, written) -> None:
    with replacing(path) as temporary:
        temporary.write_text("half")
        written.set()
        threading.Event().wait()


def test_what_a_killed_writer_leaves_goes_with_the_next_good_one(tmp_path):
    (tmp_path / "a").write_text("old")
    processes = []
    for _ in range(2):
        written = FORK.Event()
        process = FORK.Process(target=_write_half, args=[tmp_path / "a", written])
        process.start()
        assert written.wait(60)
        processes.append(process)
    killed, alive = processes
    os.kill(killed.pid, signal.SIGKILL)
    killed.join()
    assert (tmp_path / "a").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 3
    with pytest.raises(RuntimeError), replacing(tmp_path / "a"):
        raise RuntimeError
    assert len(list(tmp_path.iterdir())) == 3  # Only a good one clears up.
    with replacing(tmp_path / "a") as temporary:
        temporary.write_text("new")
    (other,) = set(tmp_path.iterdir()) - {tmp_path / "a"}
    assert (other / "a").read_text() == "half"  # The living one's.
    alive.kill()
    alive.join()


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_text("old")
    (tmp_path / "link").symlink_to("deep/a")
    with replacing(tmp_path / "link") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep" / "a").read_text() == "new"


def test_the_mode_is_that_of_a_plain_write(tmp_path):
    mask = os.umask(0o027)
    try:
        write_json(tmp_path / "new.json", 1)
        (tmp_path / "old.json").touch(0o600)
        write_json(tmp_path / "old.json", 1)
    finally:
        os.umask(mask)
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "old.json").stat().st_mode & 0o777 == 0o600


def test_what_may_not_be_written_is_told_by_its_own_name(tmp_path, monkeypatch):
    (tmp_path / "a").touch()
    # To root all is allowed.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError) as caught, replacing(tmp_path / "a"):
        pass
    assert caught.value.filename == str(tmp_path / "a")


def test_json(tmp_path):
    write_json(tmp_path / "a.json", {"ä": [1]})
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"ä": [1]}


PARTS = {"a": int, "b": {"c": float | int | None}}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "^expected JSON in .*a.json; got what cannot be read: Expecting"),
        ("[" * 100_000, "^expected JSON in .*a.json; got what cannot be read"),
        ("\ud800", "^expected JSON in .*a.json; got what cannot be read"),
        ("[1]", r"^expected an object in .*a.json; got \[1\]$"),
        ('{"a": 1}', "^expected b in .*a.json; got none$"),
        ('{"a": "x", "b": {"c": 1}}', "^expected a of type int in .*; got 'x'$"),
        ('{"a": 1, "b": 2}', "^expected an object as b in .*; got 2$"),
        ('{"a": 1, "b": {"c": []}}', r"^expected c of type .* as b in .*; got \[\]$"),
    ],
)
def test_json_of_another_form_is_refused(tmp_path, text, sentence):
    (tmp_path / "a.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=sentence):
        read_json(tmp_path / "a.json", PARTS)


def test_json_is_read_if_it_holds_all_parts(tmp_path):
    with pytest.raises(InputError, match="^expected a JSON file; got .*, which is non"):
        read_json(tmp_path / "a.json", PARTS)
    value = {"a": 1, "b": {"c": None}, "more": []}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json", PARTS) == value


@pytest.fixture
def corpus(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    for name in ("corpus", "folder/part"):
        Path(name).write_text("text")
    Path("hard").hardlink_to("corpus")
    Path("soft").symlink_to("corpus")
    Path("folder/soft").symlink_to("../corpus")
    Path("to_folder").symlink_to("folder")
    return "corpus"


@pytest.mark.parametrize(
    "output",
    ["corpus", "./folder/../corpus", "hard", "soft", "folder/soft", Path("corpus")],
)
def test_an_output_that_is_an_input_is_refused(corpus, output):
    with pytest.raises(InputError, match="^expected an output apart from what is read"):
        check_outputs([None, "free", output], [None, "no such", corpus])


def test_an_output_that_a_pattern_of_inputs_finds_is_refused(corpus):
    check_outputs(["folder/new"], ["f*/*.txt"])
    # The next command would read it.
    for output in ("folder/part", "folder/new"):
        with pytest.raises(InputError, match="apart from what is read"):
            check_outputs([output], ["f*/*"])


@pytest.mark.parametrize("output", ["folder/new", "to_folder/new", "folder/part"])
def test_an_output_in_an_input_is_refused(corpus, output):
    with pytest.raises(InputError, match="^expected an output apart from what is read"):
        check_outputs([output], ["folder"])


def test_the_standard_input_is_an_input(corpus, monkeypatch):
    kept = os.dup(0)
    file = os.open("corpus", os.O_RDONLY)
    os.dup2(file, 0)
    try:
        check_outputs(["new"], ["-"])
        with pytest.raises(InputError, match="apart from what is read"):
            check_outputs(["corpus"], ["-"])
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(file)


@pytest.mark.parametrize("second", ["new", "./new", "folder/../new"])
def test_two_equal_outputs_are_refused(corpus, second):
    with pytest.raises(InputError, match="^expected different outputs; got '.*' twice"):
        check_outputs(["new", second], [corpus])


def test_two_links_to_one_output_are_refused(corpus):
    with pytest.raises(InputError, match="^expected different outputs"):
        check_outputs(["hard", "soft"], ["folder"])


def test_what_is_no_file_cannot_be_written(corpus):
    with pytest.raises(InputError, match="'folder', which is a folder$"):
        check_outputs(["folder"], [])
    with pytest.raises(InputError, match="'/dev/null', which is no file$"):
        check_outputs(["/dev/null"], [])


def test_an_output_folder_holds_no_input(corpus):
    check_outputs(["folder"], [corpus], folders=True)
    check_outputs(["new"], ["folder"], folders=True)
    for output, taken in [(".", "folder/part"), ("folder", "folder"), (".", "folder")]:
        with pytest.raises(InputError, match="apart from what is read"):
            check_outputs([output], [taken], folders=True)


def test_other_outputs_pass(corpus):
    check_outputs(["a", "folder/new", None], [corpus, "folder/part", "agnews"])
    check_outputs(["folder2"], ["folder"])
