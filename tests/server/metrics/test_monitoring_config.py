from __future__ import annotations

from pathlib import Path

import pytest

from wish_tf.errors import InputError
from wish_tf.server.metrics import MonitoringConfig

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = "/monitoring/prometheus/metrics"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitoring.config"


@pytest.mark.parametrize(
    ("text", "enable", "shown"),
    [
        ('prometheus_config { enable: true, path: "/metrics" }', True, "/metrics"),
        ("prometheus_config { enable: true }", True, DEFAULT),
        ("prometheus_config: { enable: false }", False, DEFAULT),
        ("prometheus_config {}", False, DEFAULT),
        ("# nothing", False, DEFAULT),
    ],
)
def test_a_file_is_read(path, text, enable, shown):
    path.write_text(text)
    assert MonitoringConfig.from_file(path) == MonitoringConfig(enable, shown)


def test_the_file_of_the_repository_can_be_used():
    config = MonitoringConfig.from_file(ROOT / "serving" / "monitoring.config")
    assert config == MonitoringConfig(True, DEFAULT)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("prometheus { enable: true }", 'no field named "prometheus"'),
        ("prometheus_config { on: true }", 'no field named "on"'),
        ('prometheus_config { enable: "yes" }', 'Expected "true" or "false"'),
        ("prometheus_config { path: /metrics }", "Expected string"),
        ("prometheus_config { enable: true enable: false }", "multiple"),
        ("prometheus_config {", 'Expected "}"'),
    ],
)
def test_what_is_not_such_a_text_proto_is_refused(path, text, got):
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        MonitoringConfig.from_file(path)
    message = str(caught.value)
    assert message.startswith(
        f"expected a monitoring configuration in protobuf's text format in {path}; "
        "got in line 1: "
    )
    assert got in message and "\n" not in message


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (
            "metrics",
            "expected a path that begins with / for the metrics; got 'metrics'",
        ),
        (
            "/V1/metrics",
            "expected a path for the metrics outside of /v1/, where the models are; "
            "got '/V1/metrics'",
        ),
    ],
)
def test_a_path_that_cannot_be_served_is_refused(path, shown, expected):
    path.write_text(f'prometheus_config {{ enable: true path: "{shown}" }}')
    with pytest.raises(InputError) as caught:
        MonitoringConfig.from_file(path)
    assert str(caught.value) == f"{expected} in {path}"
