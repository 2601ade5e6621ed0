from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.metrics.exposition import read_exposition
from wish_tf.server.metrics import ServerMetrics

PREFIX = ":tensorflow:serving:"


@pytest.fixture
def metrics() -> ServerMetrics:
    return ServerMetrics()


def family(metrics: ServerMetrics, name: str):
    return read_exposition(metrics.text())[PREFIX + name]


def test_requests_are_counted_by_model_and_status(metrics):
    for status in ("OK", "OK", "NOT_FOUND"):
        metrics.count_request("wish", status)
    assert (
        "# TYPE :tensorflow:serving:request_count counter\n"
        ':tensorflow:serving:request_count{model_name="wish",status="NOT_FOUND"} 1\n'
        ':tensorflow:serving:request_count{model_name="wish",status="OK"} 2\n'
    ) in metrics.text()
    assert family(metrics, "request_count").kind == "counter"


def test_latencies_have_the_buckets_of_tf_serving(metrics):
    metrics.observe_request("wish", "Predict", "REST", 18.5)
    lines = [line for line in metrics.text().split("\n") if "request_latency" in line]
    labels = '{model_name="wish",API="Predict",entrypoint="REST"'
    name = f"{PREFIX}request_latency"
    assert lines[0] == f"# TYPE {name} histogram"
    assert lines[1:5] == [
        f'{name}_bucket{labels},le="10"}} 0',
        f'{name}_bucket{labels},le="18"}} 0',
        f'{name}_bucket{labels},le="32.4"}} 1',
        f'{name}_bucket{labels},le="58.32"}} 1',
    ]
    assert lines[-3:] == [
        f'{name}_bucket{labels},le="+Inf"}} 1',
        f"{name}_sum{labels}}} 18.5",
        f"{name}_count{labels}}} 1",
    ]
    limits = [float(limit) for limit in re.findall('le="([^"]*)"', "\n".join(lines))]
    assert len(limits) == 34
    assert limits[:-1] == pytest.approx([10 * 1.8**k for k in range(33)], rel=1e-5)


@pytest.mark.parametrize(
    ("value", "limit"),
    [(0, "10"), (10, "10"), (10.001, "18"), (1e9, f"{10 * 1.8**32:g}"), (1e12, "+Inf")],
)
def test_a_value_is_in_the_bucket_whose_limit_is_not_below_it(metrics, value, limit):
    metrics.observe_runtime("wish", "TF1", value)
    samples = family(metrics, "runtime_latency").samples
    counted = [
        dict(labels)["le"]
        for (suffix, labels), count in samples.items()
        if suffix == "_bucket" and count
    ]
    assert counted[0] == limit


def test_sums_keep_all_digits(metrics):
    for value in (123_456_789, 0.25):
        metrics.observe_request("wish", "Predict", "REST", value)
    labels = {"model_name": "wish", "API": "Predict", "entrypoint": "REST"}
    assert family(metrics, "request_latency").value("_sum", **labels) == 123456789.25


def test_each_kind_of_observation_is_on_the_page(metrics):
    metrics.observe_runtime("wish", "TF1", 100)
    metrics.observe_examples("wish", 3)
    metrics.observe_examples("wish", 1)
    metrics.observe_warmup("models/wish/1", "OK", 2000)
    metrics.observe_queueing("pool", 50)
    metrics.observe_input(5)
    metrics.observe_batch(8)
    metrics.observe_padding(8, 2)
    families = read_exposition(metrics.text())

    def value(name, suffix="", **labels):
        return families[PREFIX + name].value(suffix, **labels)

    runtime = {"model_name": "wish", "API": "Predict", "runtime": "TF1"}
    assert value("runtime_latency", "_sum", **runtime) == 100
    assert value("request_example_counts", "_sum", model="wish") == 4
    assert value("request_example_counts", "_bucket", model="wish", le="1") == 1
    assert value("request_example_counts", "_bucket", model="wish", le="4") == 2
    assert value("request_example_count_total", model="wish") == 4
    warmup = {"model_path": "models/wish/1", "status": "OK"}
    assert value("model_warmup_latency", "_sum", **warmup) == 2000
    pool = {"thread_pool_name": "pool"}
    assert value("batching_session:queuing_latency", "_sum", **pool) == 50
    assert value("batching_session:wrapped_run_count") == 1
    assert value("batching_session:processed_batch_size", "_sum") == 8
    assert value("batching_session:input_batch_size", "_sum") == 5
    padding = {"execution_batch_size": "8"}
    assert value("batching_session:padding_size", "_sum", **padding) == 2


def test_a_server_that_has_counted_nothing_shows_the_types_only(metrics):
    families = read_exposition(metrics.text())
    assert list(families) == sorted(families)
    assert {name.removeprefix(PREFIX) for name in families} == {
        "batching_session:input_batch_size",
        "batching_session:padding_size",
        "batching_session:processed_batch_size",
        "batching_session:queuing_latency",
        "batching_session:wrapped_run_count",
        "model_warmup_latency",
        "request_count",
        "request_example_count_total",
        "request_example_counts",
        "request_latency",
        "runtime_latency",
    }
    assert not any(family.samples for family in families.values())


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_label_value_comes_back_as_it_was(value):
    metrics = ServerMetrics()
    metrics.count_request(value, "OK")
    requests = family(metrics, "request_count")
    assert requests.value(model_name=value, status="OK") == 1


def test_a_label_value_that_is_not_unicode_does_not_spoil_the_page(metrics):
    metrics.count_request("a\udcffb", "OK")
    metrics.text().encode()
    assert family(metrics, "request_count").value(model_name="a?b", status="OK") == 1


def test_no_count_is_lost_between_threads(metrics):
    def work(_) -> None:
        for _ in range(500):
            metrics.count_request("wish", "OK")
            metrics.observe_request("wish", "Predict", "REST", 1.0)
        read_exposition(metrics.text())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert family(metrics, "request_count").value(model_name="wish", status="OK") == (
        4000
    )
    labels = {"model_name": "wish", "API": "Predict", "entrypoint": "REST"}
    latency = family(metrics, "request_latency")
    assert latency.value("_count", **labels) == latency.value("_sum", **labels) == 4000
    assert latency.value("_bucket", **labels, le="10") == 4000
