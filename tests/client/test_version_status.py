from __future__ import annotations

import pytest

from wish_tf.client import ServerError, VersionStatus


def test_a_version_without_a_status_is_well():
    answer = {"model_version_status": [{"version": "3", "state": "LOADING"}]}
    assert VersionStatus.list_from_json(answer) == [
        VersionStatus(3, "LOADING", "OK", "")
    ]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"model_version_status": 1},
        {"model_version_status": ["AVAILABLE"]},
        {"model_version_status": [{"version": "x", "state": "END"}]},
        {"model_version_status": [{"version": "1"}]},
    ],
)
def test_an_answer_that_is_no_status_is_refused(answer):
    with pytest.raises(ServerError, match="^expected the state of the model's"):
        VersionStatus.list_from_json(answer)
