"""Prometheus scrapes what TF-Serving exports; Grafana asks for nothing else."""

from __future__ import annotations

import json
import re

import pytest

from tests.serving_kit.kit import SERVING, read_yaml
from tests.serving_kit.metrics import EXPORTED, check_query
from tests.serving_kit.shapes import check
from tests.serving_kit.text_protos import read_models_config, read_monitoring_config


@pytest.fixture(scope="module")
def dashboard() -> dict:
    return json.loads((SERVING / "grafana/dashboards/wish.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def queries(dashboard) -> list[str]:
    return [
        target["expr"] for panel in dashboard["panels"] for target in panel["targets"]
    ]


def test_prometheus_scrapes_the_path_and_port_of_the_server():
    config = read_yaml("prometheus.yml")
    check(
        config,
        {
            "global": {"scrape_interval": "15s"},
            "scrape_configs": [
                {
                    "job_name": str,
                    "metrics_path": read_monitoring_config().prometheus_config.path,
                    "static_configs": [{"targets": ["serving:8501"]}],
                }
            ],
        },
    )
    assert "serving" in read_yaml("docker-compose.yml")["services"]


def test_grafana_asks_the_prometheus_of_compose(dashboard):
    [source] = read_yaml("grafana/provisioning/datasources/prometheus.yml")[
        "datasources"
    ]
    assert source["url"] == "http://prometheus:9090"
    assert "prometheus" in read_yaml("docker-compose.yml")["services"]
    asked = {"type": source["type"], "uid": source["uid"]}
    for panel in dashboard["panels"]:
        assert panel["datasource"] == asked
        assert all(target["datasource"] == asked for target in panel["targets"])


def test_grafana_loads_the_dashboard_from_where_it_is_mounted():
    [provider] = read_yaml("grafana/provisioning/dashboards/wish.yml")["providers"]
    grafana = read_yaml("docker-compose.yml")["services"]["grafana"]
    sources = {volume["target"]: volume["source"] for volume in grafana["volumes"]}
    assert sources[provider["options"]["path"]] == "./grafana/dashboards"


def test_every_query_names_what_is_exported(queries):
    asked = set().union(*map(check_query, queries))
    unasked = {":tensorflow:serving:model_warmup_latency"}
    assert asked == EXPORTED.keys() - unasked


def test_every_query_is_about_the_model_that_is_served(queries):
    [model] = read_models_config("models.config").model_config_list.config
    selected = set(re.findall(r'(\w+)=~?"([^"]*)"', " ".join(queries)))
    assert selected == {
        ("model_name", model.name),
        ("model_path", f"{model.base_path}/.*"),
        # Not the calls for a status; and no name of a job, which is anyone's own.
        ("API", "(?i:predict)"),
    }


def test_latencies_are_shown_in_the_microseconds_they_come_in(dashboard):
    for panel in dashboard["panels"]:
        texts = " ".join(target["expr"] for target in panel["targets"])
        unit = panel["fieldConfig"]["defaults"]["unit"]
        assert (unit == "µs") == ("latency" in texts), panel["title"]


def test_panels_have_names_of_their_own_and_do_not_overlap(dashboard):
    panels = dashboard["panels"]
    for key in ("id", "title"):
        assert len({panel[key] for panel in panels}) == len(panels)
    cells = [
        (panel["gridPos"]["x"] + i, panel["gridPos"]["y"] + j)
        for panel in panels
        for i in range(panel["gridPos"]["w"])
        for j in range(panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24


@pytest.mark.parametrize(
    "query",
    [
        "sum(rate(:tensorflow:serving:requests[1m]))",
        "sum(rate(:tensorflow:serving:request_latency[1m]))",
        "sum(rate(:tensorflow:serving:request_count_sum[1m]))",
        'rate(:tensorflow:serving:request_count{model="wish"}[1m])',
        "sum by (version) (rate(:tensorflow:serving:request_count[1m]))",
        "histogram_quantile(0.5, sum(rate("
        ":tensorflow:serving:request_latency_bucket[1m])))",
        "sum(rate(:tensorflow:serving:request_count[1m])",
        "sum(wish_requests)",
    ],
)
def test_the_check_itself_refuses_a_wrong_query(query):
    with pytest.raises(ValueError):
        check_query(query)
