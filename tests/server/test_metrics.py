from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from wish_tf.errors import InputError
from wish_tf.server.metrics import MonitoringConfig, ServerMetrics

PREFIX = ":tensorflow:serving:"
BATCHING = "batching_session:"
ROOT = Path(__file__).resolve().parents[2]
DEFAULT = "/monitoring/prometheus/metrics"
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


def test_requests_are_counted_by_model_and_status(metrics):
    for status in ("OK", "OK", "NOT_FOUND"):
        metrics.request_count.add("wish", status)
    assert (
        "# TYPE :tensorflow:serving:request_count counter\n"
        ':tensorflow:serving:request_count{model_name="wish",status="NOT_FOUND"} 1\n'
        ':tensorflow:serving:request_count{model_name="wish",status="OK"} 2\n'
    ) in metrics.text()


def test_latencies_have_the_buckets_of_tf_serving(metrics):
    metrics.request_latency.observe(18.5, *LABELS.values())
    found = values(metrics, "request_latency_bucket")
    limits = [float(labels[-1]) for labels in found]
    assert limits[:-1] == pytest.approx([10 * 1.8**k for k in range(33)], rel=1e-5)
    assert limits[-1] == float("inf")
    assert [value for value in found.values()] == [0, 0] + [1] * 32
    labels = tuple(LABELS.values())
    assert values(metrics, "request_latency_sum") == {labels: 18.5}
    assert 'entrypoint="REST",le="32.4"} 1\n' in metrics.text()


@pytest.mark.parametrize(
    ("value", "limit"),
    [(0, "10"), (10, "10"), (10.001, "18"), (1e9, f"{10 * 1.8**32:g}"), (1e12, "+Inf")],
)
def test_a_value_is_in_the_bucket_whose_limit_is_not_below_it(metrics, value, limit):
    metrics.runtime_latency.observe(value, "wish", "Predict", "TF1")
    found = values(metrics, "runtime_latency_bucket")
    assert next(labels[-1] for labels, count in found.items() if count) == limit


def test_sums_keep_all_digits(metrics):
    for value in (123_456_789, 0.25):
        metrics.request_latency.observe(value, *LABELS.values())
    assert [*values(metrics, "request_latency_sum").values()] == [123456789.25]


def test_each_kind_of_observation_is_on_the_page(metrics):
    for rows in (3, 1):
        metrics.runtime_latency.observe(100, "wish", "Predict", "TF1")
        metrics.examples.observe(rows, "wish")
        metrics.example_total.add("wish", by=rows)
    metrics.warmup_latency.observe(2000, "models/wish/1", "OK")
    metrics.queueing.observe(50, "pool")
    metrics.input_size.observe(5)
    metrics.runs.add()
    metrics.batch_size.observe(8)
    metrics.padding.observe(2, "8")
    assert values(metrics, "runtime_latency_sum") == {("wish", "Predict", "TF1"): 200}
    assert values(metrics, "request_example_counts_sum") == {("wish",): 4}
    assert values(metrics, "request_example_counts_bucket")["wish", "1"] == 1
    assert values(metrics, "request_example_count_total") == {("wish",): 4}
    warmup = {("models/wish/1", "OK"): 2000}
    assert values(metrics, "model_warmup_latency_sum") == warmup
    assert values(metrics, f"{BATCHING}queuing_latency_sum") == {("pool",): 50}
    assert values(metrics, f"{BATCHING}wrapped_run_count") == {(): 1}
    assert values(metrics, f"{BATCHING}processed_batch_size_sum") == {(): 8}
    assert values(metrics, f"{BATCHING}input_batch_size_sum") == {(): 5}
    assert values(metrics, f"{BATCHING}padding_size_sum") == {("8",): 2}


def test_a_server_that_has_counted_nothing_shows_the_types_only(metrics):
    lines = metrics.text().splitlines()
    assert len(lines) == 11 and all(line.startswith("# TYPE :") for line in lines)


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


@pytest.mark.parametrize(
    ("text", "enable", "shown"),
    [
        ('prometheus_config { enable: true, path: "/metrics" }', True, "/metrics"),
        ("prometheus_config { enable: true }", True, DEFAULT),
        ("prometheus_config: { enable: false }", False, DEFAULT),
        ("# nothing", False, DEFAULT),
    ],
)
def test_a_configuration_is_read(tmp_path, text, enable, shown):
    (tmp_path / "file").write_text(text)
    config = MonitoringConfig.from_file(tmp_path / "file")
    assert config == MonitoringConfig(enable, shown)


def test_the_file_of_the_repository_can_be_used():
    config = MonitoringConfig.from_file(ROOT / "serving" / "monitoring.config")
    assert config == MonitoringConfig(True, DEFAULT)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("prometheus { enable: true }", 'got in line 1: .*no field named "prometheus"'),
        ("prometheus_config { on: true }", 'no field named "on"'),
        ('prometheus_config { enable: "yes" }', 'Expected "true" or "false"'),
        ('prometheus_config { path: "metrics" }', "begins with / .* got 'metrics'"),
        ('prometheus_config { path: "/V1/m" }', "outside of /v1/.* got '/V1/m'"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, text, got):
    (tmp_path / "file").write_text(text)
    with pytest.raises(InputError, match=f"^expected a .*{got}"):
        MonitoringConfig.from_file(tmp_path / "file")
