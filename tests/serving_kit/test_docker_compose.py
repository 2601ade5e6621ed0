from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.serving_kit.kit import SERVING, read_flags, read_yaml
from tests.serving_kit.shapes import IMAGE, NAME, TEXTS, check
from tests.serving_kit.text_protos import read_models_config

_BIND = {"type": "bind", "source": str, "target": str, "read_only": True}
_SERVICE = {
    "image": IMAGE,
    "entrypoint?": ["tensorflow_model_server"],
    "command?": [str],
    "environment?": TEXTS,
    "ports": [str],
    "volumes": [_BIND],
    "restart": "unless-stopped",
}
_PARTS = ("serving", "prometheus", "grafana")
_SHAPE = {"name": NAME, "services": dict.fromkeys(_PARTS, _SERVICE)}


@pytest.fixture(scope="module")
def services() -> dict:
    compose = read_yaml("docker-compose.yml")
    check(compose, _SHAPE)
    return compose["services"]


@pytest.fixture(scope="module")
def flags(services) -> dict:
    return read_flags(services["serving"]["command"])


def seen_inside(service: dict, path: str):
    """The file of the repository that a container sees at a path."""
    for volume in service["volumes"]:
        if PurePosixPath(path).is_relative_to(volume["target"]):
            rest = PurePosixPath(path).relative_to(volume["target"])
            return (SERVING / volume["source"] / rest).resolve()
    raise ValueError(f"expected a path below a volume; got {path}")


def test_every_file_that_a_flag_names_is_mounted(services, flags):
    files = {name: path for name, path in flags.items() if name.endswith("_file")}
    found = {
        name: seen_inside(services["serving"], path) for name, path in files.items()
    }
    assert found == {
        "model_config_file": SERVING / "models.config",
        "batching_parameters_file": SERVING / "batching_parameters.txt",
        "monitoring_config_file": SERVING / "monitoring.config",
    }
    assert all(path.is_file() for path in found.values())


def test_the_model_is_found_where_an_export_is_written(services):
    [model] = read_models_config("models.config").model_config_list.config
    where = seen_inside(services["serving"], model.base_path)
    assert where == SERVING.parent / "saved_models" / "wish"


def test_batching_parameters_are_read_and_a_label_outlives_a_restart(flags):
    assert flags["enable_batching"]
    assert flags["allow_version_labels_for_unavailable_models"]
    assert flags["model_config_file_poll_wait_seconds"] > 0


def test_published_ports_are_those_listened_to_on_this_machine_only(services, flags):
    assert (flags["port"], flags["rest_api_port"]) == (8500, 8501)
    ports = {name: service["ports"] for name, service in services.items()}
    assert ports == {
        "serving": ["127.0.0.1:8500:8500", "127.0.0.1:8501:8501"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }


def test_everything_mounted_is_there(services):
    for service in services.values():
        for volume in service["volumes"]:
            assert (SERVING / volume["source"]).exists(), volume


def test_prometheus_and_grafana_find_their_files(services):
    config = "/etc/prometheus/prometheus.yml"
    assert seen_inside(services["prometheus"], config).is_file()
    for part in ("datasources/prometheus.yml", "dashboards/wish.yml"):
        path = f"/etc/grafana/provisioning/{part}"
        assert seen_inside(services["grafana"], path).is_file()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--enable_batch=true"],
        ["--rest-api-port=8501"],
        ["-port=8500"],
        ["--port=8500", "--port=8501"],
        ["--port=http"],
        ["--port"],
        ["--enable_batching=yes"],
        ["--model_config_file="],
    ],
)
def test_the_check_itself_refuses_what_is_no_flag_or_value(arguments):
    with pytest.raises(ValueError):
        read_flags(arguments)
