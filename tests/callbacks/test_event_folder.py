import tensorflow as tf

from tests.callbacks.events import events
from wish_tf.callbacks.event_folder import EventFolder


def write(folder: EventFolder, steps, value: float) -> bool:
    earlier = folder.start(steps[0])
    for step in steps:
        with folder.at(step):
            tf.summary.scalar("x", value)
    folder.close()
    return earlier


def steps(path) -> list[tuple[int, float]]:
    return [(step, float(value)) for step, value in events(path).get("x", [])]


def test_what_is_written_again_is_there_once(tmp_path):
    folder = EventFolder(tmp_path)
    assert not write(folder, range(4), 1.0)
    assert write(folder, range(2, 5), 2.0)
    assert sorted(steps(tmp_path)) == [(0, 1), (1, 1), (2, 2), (3, 2), (4, 2)]
    assert not write(folder, range(2), 3.0)
    assert steps(tmp_path) == [(0, 3), (1, 3)]
    # Nothing stays of files whose events are all gone.
    assert len(list(tmp_path.iterdir())) == 1


def test_half_a_record_of_a_killed_process_is_dropped(tmp_path):
    folder = EventFolder(tmp_path)
    write(folder, range(3), 1.0)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    assert write(folder, range(2, 4), 2.0)
    assert sorted(steps(tmp_path)) == [(0, 1), (1, 1), (2, 2), (3, 2)]


def test_other_files_are_left_alone(tmp_path):
    with tf.summary.create_file_writer(str(tmp_path)).as_default(7):
        tf.summary.scalar("x", 5.0)
    write(EventFolder(tmp_path), range(1), 1.0)
    assert sorted(steps(tmp_path)) == [(0, 1.0), (7, 5.0)]
