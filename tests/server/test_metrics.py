from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from wish_tf.server.metrics import ServerMetrics

PREFIX = ":tensorflow:serving:"
BATCHING = "batching_session:"
LABELS = {"model_name": "wish", "API": "Predict", "entrypoint": "REST"}


@pytest.fixture
def metrics() -> ServerMetrics:
    return ServerMetrics()


def values(metrics: ServerMetrics, name: str) -> dict[tuple, float]:
    """What Prometheus' own reader finds, by the values of the labels."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.text())
        for sample in family.samples
        # It appends this to the names of counters.
        if sample.name.removesuffix("_total") == PREFIX + name.removesuffix("_total")
    }


def test_latencies_have_the_buckets_of_tf_serving(metrics):
    for value in (18.5, 18, 123_456_789.25):  # a limit is in the bucket below it
        metrics.request_latency.observe(value, *LABELS.values())
    found = values(metrics, "request_latency_bucket")
    limits = [float(labels[-1]) for labels in found]
    assert limits[:-1] == pytest.approx([10 * 1.8**k for k in range(33)], rel=1e-5)
    assert limits[-1] == float("inf")
    assert [*found.values()] == [0, 1] + [2] * 26 + [3] * 6
    # All digits: a rate is the difference of two large sums.
    labels = tuple(LABELS.values())
    assert values(metrics, "request_latency_sum") == {labels: 123456825.75}
    assert 'entrypoint="REST",le="32.4"} 2\n' in metrics.text()


def test_each_kind_of_observation_is_on_the_page(metrics):
    for rows in (3, 1):
        metrics.runtime_latency.observe(100, "wish", "Predict", "TF1")
        metrics.examples.observe(rows, "wish")
        metrics.example_total.add("wish", by=rows)
    metrics.queueing.observe(50, "pool")
    metrics.input_size.observe(5)
    metrics.runs.add()
    metrics.batch_size.observe(8)
    assert values(metrics, "runtime_latency_sum") == {("wish", "Predict", "TF1"): 200}
    assert values(metrics, "request_example_counts_sum") == {("wish",): 4}
    assert values(metrics, "request_example_counts_bucket")["wish", "1"] == 1
    assert values(metrics, "request_example_count_total") == {("wish",): 4}
    assert values(metrics, f"{BATCHING}queuing_latency_sum") == {("pool",): 50}
    assert values(metrics, f"{BATCHING}wrapped_run_count") == {(): 1}
    assert values(metrics, f"{BATCHING}processed_batch_size_sum") == {(): 8}
    assert values(metrics, f"{BATCHING}input_batch_size_sum") == {(): 5}


def test_a_server_that_has_counted_nothing_shows_the_types_only(metrics):
    lines = metrics.text().splitlines()
    assert len(lines) == 9 and all(line.startswith("# TYPE :") for line in lines)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_label_value_comes_back_as_it_was(value):
    metrics = ServerMetrics()
    metrics.request_count.add(value, "OK")
    assert values(metrics, "request_count") == {(value, "OK"): 1}


def test_a_label_value_that_is_not_unicode_does_not_spoil_the_page(metrics):
    metrics.request_count.add("a\udcffb", "OK")
    assert values(metrics, "request_count") == {("a?b", "OK"): 1}


def test_no_count_is_lost_between_threads(metrics):
    def work(_) -> None:
        for _ in range(500):
            metrics.request_count.add("wish", "OK")
            metrics.request_latency.observe(1.0, *LABELS.values())
        metrics.text()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    for name in ("request_count", "request_latency_count", "request_latency_sum"):
        assert [*values(metrics, name).values()] == [4000]
