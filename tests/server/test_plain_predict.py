from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from wish_tf.server import Limits, ModelConfig
from wish_tf.server.batching import BatchingParameters
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.plain_predict import PlainPredict
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable_loader import ServableLoader

PATH = "/v1/models/m:predict"


@pytest.fixture(scope="module")
def manager(base_path: Path) -> Iterator[ModelManager]:
    """Merges calls, in runs of at most 8 rows."""
    batching = BatchingParameters(
        max_batch_size=12,
        enable_large_batch_splitting=True,
        max_execution_batch_size=8,
        num_batch_threads=1,
        batch_timeout_micros=20_000,
    )
    loader = ServableLoader(Limits(), ServerMetrics(), batching=batching)
    manager = ModelManager([ModelConfig("m", base_path)], loader.load)
    yield manager
    manager.close()


@pytest.fixture
def predictor() -> Predictor:
    return Predictor(Limits(max_batch_size=20), ServerMetrics())


def _body(instances: str, signature: str = "hash") -> bytes:
    return f'{{"signature_name": "{signature}", "instances": {instances}}}'.encode()


PLAIN = [
    _body('["a"]'),
    _body('["a", "", "\\u00e9"]'),
    _body('[{"text": "a"}, {"text": "b"}]'),
    _body('["a", "b", "a", "b", "a", "b", "a", "b", "a", "b"]'),  # in two runs
    _body('["x\\"y"]', "echo"),
    _body('["a"]', "echo_bytes"),
    _body('[{"a": 1, "b": true}, {"b": false, "a": 2}]', "pick"),
    _body("[1, -2, 3]", "small"),
    b'{"instances": [[1, 2]]} and more',
    b'{"signature_name": "", "instances": [[1, 2]]}',
]


@pytest.mark.parametrize("body", PLAIN)
def test_the_answer_is_that_of_the_handler(
    manager: ModelManager, predictor: Predictor, body: bytes
):
    answer = asyncio.run(PlainPredict(manager, predictor).answer("POST", PATH, body))
    handler = RestHandler(manager, predictor)
    assert answer is not None
    assert handler.handle("POST", PATH, body) == (200, answer)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", PATH, PLAIN[0]),
        ("POST", "/v1/models/m:classify", PLAIN[0]),
        ("POST", "/v1/models/m/versions/1:predict", PLAIN[0]),
        ("POST", "/v1/models/m/labels/x:predict", PLAIN[0]),
        ("POST", "/v1/models/nope:predict", PLAIN[0]),
        ("POST", PATH, b""),
        ("POST", PATH, b"[]"),
        ("POST", PATH, b"{}"),
        ("POST", PATH, b'{"instances": [[1, 2]'),
        ("POST", PATH, b'{"instances": [[1, 2]], "inputs": [[1, 2]]}'),
        ("POST", PATH, b'{"inputs": [[1, 2]]}'),
        ("POST", PATH, b'{"instances": 1}'),
        ("POST", PATH, b'{"instances": []}'),
        ("POST", PATH, b'{"instances": [[1, 2], [3]]}'),
        ("POST", PATH, b'{"instances": [["1", 2]]}'),
        ("POST", PATH, b'{"instances": [[1, 1e999]]}'),
        ("POST", PATH, b'{"signature_name": 5, "instances": [[1, 2]]}'),
        ("POST", PATH, b'{"signature_name": null, "instances": [[1, 2]]}'),
        ("POST", PATH, b'{"signature_name": 0, "instances": [[1, 2]]}'),
        ("POST", PATH, b"[" * 200),
        ("POST", PATH, b'{"instances": [' + b"[" * 80 + b"]" * 80 + b"]}"),
        ("POST", PATH, _body('["a"]', "nope")),
        ("POST", PATH, _body("[1]", "pick")),
        ("POST", PATH, _body('[{"a": 1}]', "pick")),
        ("POST", PATH, _body('["a", {"b64": "Yg=="}]')),
        ("POST", PATH, _body("[[1.5, 2], [3, 1e5]]", "matrix")),
        ("POST", PATH, _body("[1]", "scalar")),  # its outputs have no rows
    ],
)
def test_what_is_not_plain_is_left_alone(
    manager: ModelManager, predictor: Predictor, method: str, path: str, body: bytes
):
    before = predictor.metrics.text()
    answer = asyncio.run(PlainPredict(manager, predictor).answer(method, path, body))
    assert answer is None
    assert predictor.metrics.text() == before


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (_body(str(["a"] * 21).replace("'", '"')), "at most 20 rows but got: 21"),
        (_body(str(["a"] * 13).replace("'", '"')), "Task size 13 is larger than"),
        (_body("[1, 2]", "half"), "Failed to write JSON value for tensor type: half"),
        (_body("[1, 2]", "unequal"), "b has inconsistent batch size: 1 expecting: 2"),
        (b'{"instances": [[1, 2, 3]]}', "Matrix size-incompatible"),
    ],
)
def test_faults_of_a_run_are_worded_and_counted_as_by_the_handler(
    manager: ModelManager, predictor: Predictor, body: bytes, message: str
):
    handler = RestHandler(manager, predictor)
    answer = asyncio.run(handler.handle_plain("POST", PATH, body))
    assert answer == handler.handle("POST", PATH, body)
    assert answer[0] == 400 and message.encode() in answer[1]
    count = 'request_count{model_name="m",status="INVALID_ARGUMENT"} 2'
    assert count in predictor.metrics.text()


def test_it_is_counted_as_by_the_handler(manager: ModelManager):
    def lines(predictor: Predictor) -> list[str]:
        text = predictor.metrics.text()
        return [
            line
            for line in text.splitlines()
            if "_bucket" not in line and "_sum" not in line
        ]

    on_loop, in_thread = (Predictor(Limits(), ServerMetrics()) for _ in range(2))
    asyncio.run(PlainPredict(manager, on_loop).answer("POST", PATH, PLAIN[1]))
    RestHandler(manager, in_thread).handle("POST", PATH, PLAIN[1])
    assert lines(on_loop) == lines(in_thread)
    assert 'API="Predict",entrypoint="REST"} 1' in on_loop.metrics.text()


def test_calls_at_once_are_merged_and_each_gets_its_own_answer(
    manager: ModelManager, predictor: Predictor
):
    plain = PlainPredict(manager, predictor)

    async def ask_all() -> list[bytes]:
        bodies = [_body(f'["{n}", "{n}"]', "echo") for n in range(40)]
        calls = (plain.answer("POST", PATH, body) for body in bodies)
        return await asyncio.gather(*calls)

    for _ in range(2):  # an event loop each
        expected = [b'["%d", "%d"\n    ]' % (n, n) for n in range(40)]
        answers = asyncio.run(ask_all())
        assert all(e in a for e, a in zip(expected, answers, strict=True))


def test_a_version_stays_until_its_calls_are_answered(base_path: Path):
    gate, ended = threading.Event(), threading.Event()
    loader = ServableLoader(
        Limits(), ServerMetrics(), batching=BatchingParameters(num_batch_threads=1)
    )

    def load(path: Path, version: int) -> object:
        servable = loader.load(path, version)
        inner = servable._servable
        run, close = inner.predict, servable.close
        inner.predict = lambda *call: gate.wait(10) and run(*call)
        servable.close = lambda: (close(), ended.set())
        return servable

    manager = ModelManager([ModelConfig("m", base_path)], load)
    plain = PlainPredict(manager, Predictor(Limits(), ServerMetrics()))

    async def ask() -> bytes | None:
        call = asyncio.ensure_future(plain.answer("POST", PATH, PLAIN[0]))
        await asyncio.sleep(0)
        manager.close()
        assert not ended.is_set()
        assert await plain.answer("POST", PATH, PLAIN[0]) is None  # no longer served
        gate.set()
        return await asyncio.wait_for(call, 10)

    answer = asyncio.run(ask())
    assert answer is not None and b'"bits": [1, 0]' in answer
    assert ended.wait(10)
