import pytest

from wish_tf.errors import first_line


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("one\ntwo", "one"),
        ("", "ValueError"),
        ("\n \n", "ValueError"),
        ("Graph execution error:\n\nDetected at node x\nmore", "Detected at node x"),
        ("{{function_node a_device_/job:b/CPU:0}} File too large [Op:S]", "File too"),
    ],
)
def test_the_first_line_that_says_something(message, line):
    assert first_line(ValueError(message)).startswith(line)
