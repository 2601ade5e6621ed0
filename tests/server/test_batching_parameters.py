from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server.batching_parameters import BatchingParameters

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "batching_parameters.txt"


def refusal(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as caught:
        BatchingParameters.from_file(path)
    message = str(caught.value)
    assert message.startswith("expected ") and "\n" not in message
    return message


def test_the_defaults_are_those_of_tf_serving(path):
    path.write_text("")
    parameters = BatchingParameters.from_file(path)
    assert parameters == BatchingParameters()
    assert parameters.max_batch_size == parameters.rows_a_run == 1000
    assert parameters.batch_timeout_micros == 0
    assert parameters.max_enqueued_batches == 10
    assert 1 <= parameters.num_batch_threads <= os.cpu_count()
    assert not parameters.enable_large_batch_splitting


def test_every_field_is_read(path):
    path.write_text("""
        max_batch_size { value: 128 }  # rows
        batch_timeout_micros { value: 500 }
        max_enqueued_batches { value: 20 }
        num_batch_threads { value: 3 }
        thread_pool_name { value: "pool" }
        allowed_batch_sizes: 1 allowed_batch_sizes: 32
        allowed_batch_sizes: 128
        pad_variable_length_inputs: false
        enable_large_batch_splitting { value: true }
        max_execution_batch_size { value: 64 }
    """)
    assert BatchingParameters.from_file(path) == BatchingParameters(
        max_batch_size=128,
        batch_timeout_micros=500,
        max_enqueued_batches=20,
        num_batch_threads=3,
        thread_pool_name="pool",
        allowed_batch_sizes=(1, 32, 128),
        enable_large_batch_splitting=True,
        max_execution_batch_size=64,
    )


def test_a_field_that_is_zero_is_not_one_that_is_missing(path):
    path.write_text("num_batch_threads { value: 2 } batch_timeout_micros {}")
    assert BatchingParameters.from_file(path).batch_timeout_micros == 0
    message = refusal(path, "max_batch_size {}")
    assert message == f"expected max_batch_size of at least 1; got 0 in {path}"


def test_the_file_of_the_repository_can_be_used():
    path = ROOT / "serving" / "batching_parameters.txt"
    parameters = BatchingParameters.from_file(path)
    assert parameters.rows_a_run <= parameters.max_batch_size


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("batch_size { value: 1 }", 'has no field named "batch_size"'),
        ("max_batch_size: 3", "got in line 1: 'max_batch_size: 3': Expected \"{\""),
        ('max_batch_size { value: "3" }', "Couldn't parse integer"),
        ("max_batch_size { value: 3.5 }", "Couldn't parse integer"),
        ("max_batch_size { value: 9223372036854775808 }", "Value out of range"),
        ("max_batch_size { value: 1 } max_batch_size { value: 2 }", "multiple"),
        ("\n\nallowed_batch_sizes { value: 1 }", "got in line 3: "),
        ("max_batch_size {", 'Expected "}"'),
        (b"\xff", "bytes that are not UTF-8"),
    ],
)
def test_what_is_not_such_a_text_proto_is_refused(path, text, got):
    message = refusal(path, text)
    assert message.startswith(
        f"expected batching parameters in protobuf's text format in {path}; got "
    )
    assert got in message


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    for path, got in ((tmp_path / "none", "No such file"), (tmp_path, "Is a dir")):
        with pytest.raises(InputError, match=f"text format in {path}; got {got}"):
            BatchingParameters.from_file(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "pad_variable_length_inputs: true",
            "expected pad_variable_length_inputs to be false in {path}, since only "
            "calls of equal shapes are merged here; got true",
        ),
        (
            "num_batch_threads { value: 0 }",
            "expected num_batch_threads of at least 1; got 0 in {path}",
        ),
        (
            "batch_timeout_micros { value: -1 }",
            "expected batch_timeout_micros of at least 0; got -1 in {path}",
        ),
        (
            "max_enqueued_batches { value: 0 }",
            "expected max_enqueued_batches of at least 1; got 0 in {path}",
        ),
        (
            "allowed_batch_sizes: [2, 2, 1000]",
            "expected allowed_batch_sizes to be at least 1 and ascending; "
            "got [2, 2, 1000] in {path}",
        ),
        (
            "allowed_batch_sizes: [0, 1000]",
            "expected allowed_batch_sizes to be at least 1 and ascending; "
            "got [0, 1000] in {path}",
        ),
        (
            "allowed_batch_sizes: [1, 999]",
            "expected the last of allowed_batch_sizes to be max_batch_size, 1000; "
            "got 999 in {path}",
        ),
        (
            "max_execution_batch_size { value: 5 }",
            "expected enable_large_batch_splitting to be true beside "
            "max_execution_batch_size; got false in {path}",
        ),
        (
            "enable_large_batch_splitting { value: true } "
            "max_execution_batch_size { value: 1001 }",
            "expected max_execution_batch_size from 1 to max_batch_size, 1000; "
            "got 1001 in {path}",
        ),
    ],
)
def test_values_that_cannot_be_used_are_refused(path, text, message):
    assert refusal(path, text) == message.format(path=path)


def test_values_are_checked_without_a_file_too():
    with pytest.raises(InputError, match="max_batch_size of at least 1; got 0$"):
        replace(BatchingParameters(), max_batch_size=0)


def test_rows_are_padded_to_the_next_allowed_size():
    parameters = BatchingParameters(max_batch_size=8, allowed_batch_sizes=(1, 4, 8))
    assert [parameters.padded(n) for n in (1, 2, 4, 5, 8)] == [1, 4, 4, 8, 8]
    assert BatchingParameters().padded(7) == 7
