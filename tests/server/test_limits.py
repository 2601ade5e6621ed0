from __future__ import annotations

import numpy as np
import pytest
from tensorflow.core.protobuf import meta_graph_pb2

from wish_tf.errors import InputError
from wish_tf.server import Limits
from wish_tf.server.servable import values_in_a_row
from wish_tf.server.serving_error import ServingError


def test_rows_are_those_of_the_longest_input():
    limits = Limits(max_batch_size=2)
    limits.check_batch([])
    limits.check_batch([np.array(5), np.zeros((2, 9))])
    with pytest.raises(ServingError, match="at most 2 rows; got 3"):
        limits.check_batch([np.zeros(2), np.zeros((3, 1))])


def test_a_limit_is_at_least_1():
    with pytest.raises(InputError, match="at least 1 as max_json_depth; got 0"):
        Limits(max_json_depth=0)


def test_values_of_a_body_are_counted_before_it_is_read():
    limits = Limits(max_json_items=4)
    limits.check_json(b'{"a": [1, 2, 3]}')
    with pytest.raises(ServingError, match="at most 4 commas and brackets .* got 5"):
        limits.check_json(b'{"a": [1, 2, 3], "b": 1}')


def test_an_answer_is_counted_before_it_is_made():
    limits = Limits(max_answer_values=12)
    limits.check_answer([np.zeros(3), np.array(1)], 4)
    limits.check_answer([np.array(1)], 12)
    with pytest.raises(ServingError, match="at most 12 values; got 3 rows of 5"):
        limits.check_answer([np.zeros(3)], 5)


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
