from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.metrics import MonitoringConfig

ROOT = Path(__file__).resolve().parents[2]
METRICS = "/monitoring/prometheus/metrics"


def test_the_defaults_are_those_of_tf_serving(tmp_path: Path):
    (tmp_path / "file").write_text("")
    parameters = BatchingParameters.from_file(tmp_path / "file")
    assert parameters == BatchingParameters()
    assert parameters.max_batch_size == parameters.rows_a_run == 1000
    assert (parameters.batch_timeout_micros, parameters.max_enqueued_batches) == (0, 10)
    assert 1 <= parameters.num_batch_threads <= os.cpu_count()
    assert not parameters.enable_large_batch_splitting


def test_every_field_is_read(tmp_path: Path):
    (tmp_path / "file").write_text("""
        max_batch_size { value: 128 }  # rows
        batch_timeout_micros { value: 1000 }
        max_enqueued_batches { value: 20 }
        num_batch_threads { value: 3 }
        thread_pool_name { value: "texts" }
        allowed_batch_sizes: 32
        allowed_batch_sizes: 128
        enable_large_batch_splitting { value: true }
        max_execution_batch_size { value: 64 }
    """)
    read = BatchingParameters.from_file(tmp_path / "file")
    assert read == BatchingParameters(128, 1000, 20, 3, "texts", (32, 128), True, 64)
    assert read.rows_a_run == 64


def test_the_files_of_the_repository_can_be_used():
    folder = ROOT / "serving"
    parameters = BatchingParameters.from_file(folder / "batching_parameters.txt")
    assert parameters.rows_a_run == 256 and parameters.max_batch_size == 8192
    config = MonitoringConfig.from_file(folder / "monitoring.config")
    assert config == MonitoringConfig(True, METRICS)


@pytest.mark.parametrize(
    ("text", "config"),
    [
        (
            'prometheus_config { enable: true, path: "/m" }',
            MonitoringConfig(True, "/m"),
        ),
        ("prometheus_config { enable: true }", MonitoringConfig(True, METRICS)),
        ("prometheus_config: { enable: false }", MonitoringConfig()),
        ("# nothing", MonitoringConfig()),
    ],
)
def test_monitoring(tmp_path: Path, text: str, config: MonitoringConfig):
    (tmp_path / "file").write_text(text)
    assert MonitoringConfig.from_file(tmp_path / "file") == config


@pytest.mark.parametrize(
    ("kind", "text", "got"),
    [
        (BatchingParameters, "max_batch_sise { value: 1 }", "line 1: .*max_batch_sise"),
        (BatchingParameters, "max_batch_size: 'a'", "line 1"),
        (BatchingParameters, "max_batch_size { value: 0 }", "at least 1; got 0"),
        (BatchingParameters, "num_batch_threads { value: -1 }", "at least 1; got -1"),
        (
            BatchingParameters,
            "batch_timeout_micros { value: -1 }",
            "at least 0; got -1",
        ),
        (BatchingParameters, "max_execution_batch_size { value: 1 }", "got false"),
        (BatchingParameters, "\xff", "UTF-8"),
        (MonitoringConfig, "prometheus { enable: true }", "line 1: .*prometheus"),
        (MonitoringConfig, "prometheus_config { enable: 'yes' }", "line 1"),
        (MonitoringConfig, "prometheus_config { path: 'm' }", "got 'm'"),
        (MonitoringConfig, "prometheus_config { path: '/V1/m' }", "got '/V1/m'"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, kind, text: str, got: str):
    (tmp_path / "file").write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=f"^expected .*{got}"):
        kind.from_file(tmp_path / "file")


def test_a_run_has_at_most_the_rows_of_a_call():
    pieces = BatchingParameters(
        enable_large_batch_splitting=True, max_execution_batch_size=1000
    )
    with pytest.raises(InputError, match="from 1 to max_batch_size, 999; got 1000"):
        replace(pieces, max_batch_size=999)
    with pytest.raises(InputError, match="nope; got No such file"):
        BatchingParameters.from_file("nope")
