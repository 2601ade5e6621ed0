"""models.config, batching_parameters.txt and monitoring.config."""

from __future__ import annotations

import pytest
from google.protobuf.text_format import ParseError

from tests.serving_kit.text_protos import (
    parse,
    read_batching_parameters,
    read_models_config,
    read_monitoring_config,
)


@pytest.mark.parametrize("name", ["models.config", "models.canary.config"])
def test_one_model_by_the_name_that_commands_and_exports_use(name):
    [model] = read_models_config(name).model_config_list.config
    assert (model.name, model.base_path) == ("wish", "/models/wish")
    assert model.model_platform == "tensorflow"


def test_start_keeps_two_versions_and_needs_but_one():
    [model] = read_models_config("models.config").model_config_list.config
    policy = model.model_version_policy
    assert policy.WhichOneof("policy_choice") == "latest"
    assert policy.latest.num_versions == 2
    # A label would point to a version that may not be there.
    assert not model.version_labels


def test_canary_labels_the_versions_that_it_loads():
    [model] = read_models_config("models.canary.config").model_config_list.config
    policy = model.model_version_policy
    assert policy.WhichOneof("policy_choice") == "specific"
    assert list(policy.specific.versions) == [1, 2]
    assert dict(model.version_labels) == {"stable": 1, "canary": 2}


def test_batches_are_within_the_bounds_that_the_scheduler_demands():
    parameters = read_batching_parameters()
    assert parameters.enable_large_batch_splitting.value
    whole = parameters.max_batch_size.value
    assert 1 <= parameters.max_execution_batch_size.value <= whole
    # Else the largest request allowed could never be queued.
    room = (
        parameters.max_enqueued_batches.value
        * parameters.max_execution_batch_size.value
    )
    assert whole <= room
    assert parameters.num_batch_threads.value >= 1
    assert 0 <= parameters.batch_timeout_micros.value <= 10_000


def test_metrics_are_on_at_the_usual_path():
    config = read_monitoring_config().prometheus_config
    assert config.enable
    assert config.path == "/monitoring/prometheus/metrics"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("BatchingParameters", "max_batch: { value: 1 }"),
        ("BatchingParameters", "max_batch_size: 1"),
        ("BatchingParameters", "max_batch_size { value: 1 } max_batch_size {}"),
        ("BatchingParameters", "enable_large_batch_splitting { value: 2 }"),
        ("BatchingParameters", 'allowed_batch_sizes: "8"'),
        ("MonitoringConfig", "prometheus_config { enabled: true }"),
        ("MonitoringConfig", "enable: true"),
    ],
)
def test_the_check_itself_refuses_what_is_no_field_or_value(message, text):
    with pytest.raises(ParseError):
        parse(message, text)


def test_the_check_itself_takes_every_field():
    parameters = parse(
        "BatchingParameters",
        "allowed_batch_sizes: 1 allowed_batch_sizes: 8 thread_pool_name { value: 'a' }"
        "pad_variable_length_inputs: true",
    )
    assert list(parameters.allowed_batch_sizes) == [1, 8]
    assert parameters.thread_pool_name.value == "a"
