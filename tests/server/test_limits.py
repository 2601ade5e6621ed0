from __future__ import annotations

import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from wish_tf.errors import InputError
from wish_tf.server import Limits
from wish_tf.server.servable import values_in_a_row
from wish_tf.server.serving_error import ServingError


def test_a_limit_is_at_least_1():
    with pytest.raises(InputError, match="at least 1 as max_json_items; got 0"):
        Limits(max_json_items=0)


def test_values_of_a_body_are_counted_before_it_is_read():
    limits = Limits(max_json_items=4)
    limits.check_json(b'{"a": [1, 2, 3]}')
    with pytest.raises(ServingError, match="at most 4 commas and brackets .* got 5"):
        limits.check_json(b'{"a": [1, 2, 3], "b": 1}')


def test_rows_and_answers_are_counted_before_they_are_made():
    limits = Limits(max_batch_size=4, max_answer_values=12)
    limits.check_rows(3, 4)
    for rows, in_a_row in ((5, 1), (3, 5)):
        with pytest.raises(ServingError, match="INVALID_ARGUMENT"):
            limits.check_rows(rows, in_a_row)


def test_the_values_of_a_row_are_those_of_all_outputs():
    outputs = {
        "bits": tensor_info([-1, 64]),
        "words": tensor_info([-1, 64, 10]),
        "flag": tensor_info([-1]),
        "of_any_width": tensor_info([-1, -1]),
    }
    assert values_in_a_row(outputs) == 64 + 640 + 1 + 1


def tensor_info(shape: list[int]) -> meta_graph_pb2.TensorInfo:
    info = meta_graph_pb2.TensorInfo()
    for size in shape:
        info.tensor_shape.dim.add(size=size)
    return info
