from __future__ import annotations

import copy
import re

import pytest

from tests.serving_kit import shapes
from tests.serving_kit.kit import SERVING, parse_yaml, read_flags, read_yaml
from tests.serving_kit.shapes import check
from tests.serving_kit.text_protos import (
    read_batching_parameters,
    read_models_config,
    read_monitoring_config,
)
from wish_tf.server.rest_handler import RestPath, parse_rest_path

_SHAPES = {
    "kubernetes/deployment.yaml": shapes.DEPLOYMENT,
    "kubernetes/service.yaml": shapes.SERVICE,
    "kubernetes/grpc-service.yaml": shapes.SERVICE,
    "kubernetes/horizontal-pod-autoscaler.yaml": shapes.AUTOSCALER,
    "kubernetes/pod-disruption-budget.yaml": shapes.DISRUPTION_BUDGET,
    "kubernetes/persistent-volume-claim.yaml": shapes.CLAIM,
    "kubernetes/loader.yaml": shapes.LOADER,
    "kserve/inference-service.yaml": shapes.INFERENCE_SERVICE,
    "kustomization.yaml": shapes.KUSTOMIZATION,
}


@pytest.fixture(scope="module")
def documents() -> dict:
    return {name.rsplit("/")[-1]: read_yaml(name) for name in _SHAPES}


@pytest.fixture(scope="module")
def pod(documents) -> dict:
    return documents["deployment.yaml"]["spec"]["template"]


@pytest.fixture(scope="module")
def server(pod) -> dict:
    [container] = pod["spec"]["containers"]
    return container


@pytest.fixture(scope="module")
def flags(server) -> dict:
    return read_flags(server["args"])


@pytest.mark.parametrize("name", _SHAPES)
def test_every_field_is_one_of_its_kind(name):
    check(read_yaml(name), _SHAPES[name])


def test_every_manifest_is_checked():
    found = {
        str(path.relative_to(SERVING))
        for folder in ("kubernetes", "kserve")
        for path in (SERVING / folder).iterdir()
    }
    assert found | {"kustomization.yaml"} == _SHAPES.keys()


def test_apply_brings_all_but_the_pod_for_copying(documents):
    listed = documents["kustomization.yaml"]["resources"]
    assert len(listed) == len(set(listed))
    assert set(listed) == {
        name
        for name in _SHAPES
        if name.startswith("kubernetes/") and name != "kubernetes/loader.yaml"
    }


def test_selectors_match_the_labels_of_the_pods(documents, pod):
    labels = pod["metadata"]["labels"].items()
    for name in ("deployment", "service", "grpc-service", "pod-disruption-budget"):
        selector = documents[f"{name}.yaml"]["spec"]["selector"]
        selector = selector.get("matchLabels", selector)
        assert selector and selector.items() <= labels


def test_the_autoscaler_scales_the_deployment(documents, server):
    scaler = documents["horizontal-pod-autoscaler.yaml"]["spec"]
    deployment = documents["deployment.yaml"]
    assert scaler["scaleTargetRef"] == {
        "apiVersion": deployment["apiVersion"],
        "kind": deployment["kind"],
        "name": deployment["metadata"]["name"],
    }
    [metric] = scaler["metrics"]
    assert 1 <= metric["resource"]["target"]["averageUtilization"] <= 100
    # A share of the request: without one there is nothing to compare with.
    assert metric["resource"]["name"] in server["resources"]["requests"]


def test_a_pod_can_be_taken_away_without_an_outage(documents):
    scaler = documents["horizontal-pod-autoscaler.yaml"]["spec"]
    available = documents["pod-disruption-budget.yaml"]["spec"]["minAvailable"]
    assert 1 <= available < scaler["minReplicas"] <= scaler["maxReplicas"]
    strategy = documents["deployment.yaml"]["spec"]["strategy"]
    assert strategy["rollingUpdate"]["maxUnavailable"] == 0


def test_ports_agree_from_the_flag_to_the_service(documents, server, flags):
    ports = {port["name"]: port["containerPort"] for port in server["ports"]}
    assert ports == {"grpc": flags["port"], "rest": flags["rest_api_port"]}
    services = documents["service.yaml"], documents["grpc-service.yaml"]
    assert len({service["metadata"]["name"] for service in services}) == 2
    for service, name in zip(services, ("rest", "grpc"), strict=True):
        [port] = service["spec"]["ports"]
        assert port["targetPort"] == port["name"] == name
        assert port["port"] == ports[name]
    # A client of gRPC keeps its connection: it has to see the pods, not one address.
    assert services[1]["spec"]["clusterIP"] == "None"


def test_flags_are_those_of_compose_and_the_threads_of_the_cpu_limit(server, flags):
    compose = read_yaml("docker-compose.yml")["services"]["serving"]
    threads = {
        "tensorflow_intra_op_parallelism": int(server["resources"]["limits"]["cpu"]),
        "tensorflow_inter_op_parallelism": int(server["resources"]["limits"]["cpu"]),
    }
    assert flags == {**read_flags(compose["command"]), **threads}
    limit = int(server["resources"]["limits"]["cpu"])
    assert read_batching_parameters().num_batch_threads.value == limit
    assert server["image"] == compose["image"]


def test_every_file_that_a_flag_names_is_in_the_config_map(documents, server, flags):
    [generated] = documents["kustomization.yaml"]["configMapGenerator"]
    assert all((SERVING / name).is_file() for name in generated["files"])
    mounts = {mount["name"]: mount["mountPath"] for mount in server["volumeMounts"]}
    named = {path for name, path in flags.items() if name.endswith("_file")}
    assert named == {f"{mounts['config']}/{name}" for name in generated["files"]}


def test_every_volume_is_mounted_and_has_a_source(documents, pod, server):
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes.keys() == {mount["name"] for mount in server["volumeMounts"]}
    writable = [one for one in server["volumeMounts"] if not one.get("readOnly")]
    assert [one["mountPath"] for one in writable] == ["/tmp"]
    assert "emptyDir" in volumes[writable[0]["name"]]
    [generated] = documents["kustomization.yaml"]["configMapGenerator"]
    assert volumes["config"]["configMap"]["name"] == generated["name"]
    claim = volumes["models"]["persistentVolumeClaim"]["claimName"]
    assert claim == documents["persistent-volume-claim.yaml"]["metadata"]["name"]


def test_a_changed_configuration_reaches_pods_that_run(documents, flags):
    # With a hash in its name, a new ConfigMap would reach new pods only.
    assert documents["kustomization.yaml"]["generatorOptions"]["disableNameSuffixHash"]
    assert flags["model_config_file_poll_wait_seconds"] > 0


def test_the_model_is_on_the_volume(server):
    [model] = read_models_config("models.config").model_config_list.config
    mounts = {mount["name"]: mount["mountPath"] for mount in server["volumeMounts"]}
    assert model.base_path == f"{mounts['models']}/{model.name}"


def test_probes_ask_for_the_status_at_the_start_and_for_the_port_then(server):
    [model] = read_models_config("models.config").model_config_list.config
    request = server["startupProbe"]["httpGet"]
    assert parse_rest_path("GET", request["path"]) == RestPath("status", model.name)
    assert request["port"] == "rest"
    for probe in ("readinessProbe", "livenessProbe"):
        assert server[probe]["tcpSocket"] == {"port": "rest"}


def test_what_may_wait_in_line_fits_into_the_memory(server):
    parameters = read_batching_parameters()
    batch = parameters.max_execution_batch_size.value
    texts = parameters.max_enqueued_batches.value * batch
    assert texts >= parameters.max_batch_size.value
    long_text = 16 * 2**10
    assert texts * long_text <= amount(server["resources"]["limits"]["memory"]) / 4


def test_all_pods_have_the_same_user(documents, pod):
    loader = documents["loader.yaml"]["spec"]["securityContext"]
    assert loader["runAsUser"] == pod["spec"]["securityContext"]["runAsUser"] > 0
    assert loader["fsGroup"] == loader["runAsUser"]


def test_metrics_are_announced_where_they_are(pod, flags):
    assert pod["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(flags["rest_api_port"]),
        "prometheus.io/path": read_monitoring_config().prometheus_config.path,
    }


def test_requests_are_within_limits(documents, server):
    predictor = documents["inference-service.yaml"]["spec"]["predictor"]
    [loader] = documents["loader.yaml"]["spec"]["containers"]
    for resources in (
        *(server["resources"], loader["resources"]),
        predictor["model"]["resources"],
    ):
        for kind in ("cpu", "memory"):
            asked, most = (resources[key][kind] for key in ("requests", "limits"))
            assert amount(asked) <= amount(most)


def amount(quantity: str) -> float:
    """A quantity of Kubernetes in cores or bytes."""
    number, unit = re.fullmatch(r"(\d+)(m|Mi|Gi)?", quantity).groups()
    return int(number) * {None: 1, "m": 1e-3, "Mi": 2**20, "Gi": 2**30}[unit]


def test_the_loader_copies_into_the_volume_that_is_served(documents, server):
    spec = documents["loader.yaml"]["spec"]
    [container], [volume] = spec["containers"], spec["volumes"]
    [mount] = container["volumeMounts"]
    assert mount["name"] == volume["name"] and "readOnly" not in mount
    claim = documents["persistent-volume-claim.yaml"]["metadata"]["name"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim
    # The same path as in the server, so that one command fits both.
    assert mount["mountPath"] in {one["mountPath"] for one in server["volumeMounts"]}


def test_kserve_serves_the_same_model_from_the_same_claim(documents):
    [model] = read_models_config("models.config").model_config_list.config
    service = documents["inference-service.yaml"]
    # KServe's runtime takes the model's name from here.
    assert service["metadata"]["name"] == model.name
    claim = documents["persistent-volume-claim.yaml"]["metadata"]["name"]
    predictor = service["spec"]["predictor"]
    assert predictor["model"]["storageUri"] == f"pvc://{claim}/{model.name}"
    assert 0 <= predictor["minReplicas"] <= predictor["maxReplicas"]
    assert predictor["scaleTarget"] > 0
    [server] = documents["deployment.yaml"]["spec"]["template"]["spec"]["containers"]
    assert server["image"].endswith(f":{predictor['model']['runtimeVersion']}")


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (["apiVersion"], "apps/v1beta1"),
        (["kind"], "StatefulSet"),
        (["spec", "replicas"], 2),
        (["spec", "template", "metadata", "annotations", "a"], 8501),
        (["spec", "template", "spec", "containers"], []),
        (["spec", "template", "spec", "containers", 0, "readynessProbe"], {}),
        (["spec", "template", "spec", "containers", 0, "image"], "tensorflow/serving"),
        (["spec", "template", "spec", "containers", 0, "image"], "a/b:latest"),
        (["spec", "template", "spec", "containers", 0, "livenessProbe"], None),
        (["spec", "template", "spec", "containers", 0, "args", 0], 8500),
        (
            [
                *("spec", "template", "spec", "containers", 0),
                *("resources", "limits", "memory"),
            ],
            "2GB",
        ),
        (["spec", "template", "spec", "volumes", 0, "hostPath"], {"path": "/"}),
        (["spec", "template", "spec", "securityContext", "runAsUser"], True),
        (
            [
                *("spec", "template", "spec", "containers", 0),
                *("securityContext", "readOnlyRootFilesystem"),
            ],
            False,
        ),
    ],
)
def test_the_check_itself_refuses_a_wrong_manifest(documents, place, wrong):
    document = copy.deepcopy(documents["deployment.yaml"])
    parent = document
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = wrong
    with pytest.raises(ValueError):
        check(document, shapes.DEPLOYMENT)


def test_the_check_itself_refuses_a_key_that_comes_twice():
    with pytest.raises(ValueError, match="each key once"):
        parse_yaml("a: {b: 1, b: 2}")
