"""Whatever comes in, an answer of the contract goes out."""

from __future__ import annotations

import json
import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wish_tf.server.serving_error import StatusCode

MODEL = "/v1/models/half%20plus%2Ftwo"
# An answer of 500 would be a fault of the server's own.
STATUSES = {code.http_status for code in StatusCode} - {500}
GOOD = b'{"instances": ["a", "b", {"b64": "YQ=="}], "signature_name": "hash"}'
KEYS = ("instances", "inputs", "signature_name", "b64", "x", "text", "y", "")

many = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["serving_default", "AAAA", "=", "\x00", "\ud800", "\u202e"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4
        )
    ),
    max_leaves=20,
)
documents = st.fixed_dictionaries(
    {}, optional={"instances": values, "inputs": values, "signature_name": values}
)


def check(answer) -> None:
    assert answer.status_code in STATUSES, answer.text
    content = json.loads(answer.content.decode("utf-8", "surrogateescape"))
    if answer.status_code == 200:
        assert content.keys() <= {"predictions", "outputs"} and content
    else:
        assert content.keys() == {"error"} and isinstance(content["error"], str)


@many
@given(body=st.binary(max_size=200))
def test_any_bytes(client, body):
    check(client.post(f"{MODEL}:predict", content=body))


@many
@given(document=documents)
def test_any_document(client, document):
    # NaN and lone surrogates are written as they are.
    body = json.dumps(document).encode()
    check(client.post(f"{MODEL}:predict", content=body))


@many
@given(start=st.integers(0, 68), length=st.integers(0, 10), new=st.binary(max_size=10))
def test_a_request_with_a_part_replaced(client, start, length, new):
    damaged = GOOD[:start] + new + GOOD[start + length :]
    check(client.post(f"{MODEL}:predict", content=damaged))


@many
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    # Without the point: clients resolve `/../`.
    rest=st.text(string.ascii_letters + string.digits + "/:%-_~", max_size=40),
)
def test_any_path(client, method, rest):
    answer = client.request(method, f"/v1/{rest}")
    assert answer.status_code in STATUSES
    assert answer.status_code == 200 or answer.json().keys() == {"error"}
