"""Checks that a document has the fields of its kind and no others.

A shape is a type; a pattern, which the whole string must match; a value, which must
be equal; a list of one shape, for a list that is not empty; a dict of shapes, whose
keys may end in `?` where they can be left out; or `{str: shape}` for any keys.
"""

from __future__ import annotations

import re

NAME = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
IMAGE = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+")
CPU = re.compile(r"[1-9]\d*m?")
BYTES = re.compile(r"[1-9]\d*(Mi|Gi)")
TEXTS = {str: str}
METADATA = {"name": NAME, "labels?": TEXTS, "annotations?": TEXTS}
_AMOUNTS = {"cpu": CPU, "memory": BYTES}
RESOURCES = {"requests": _AMOUNTS, "limits": _AMOUNTS}
_TIMES = {"periodSeconds?": int, "timeoutSeconds?": int, "failureThreshold?": int}
_STATUS_PROBE = {"httpGet": {"path": str, "port": NAME}, **_TIMES}
_PORT_PROBE = {"tcpSocket": {"port": NAME}, **_TIMES}
_MOUNT = {"name": NAME, "mountPath": re.compile("/.+"), "readOnly?": bool}
_CLAIM = {"name": NAME, "persistentVolumeClaim": {"claimName": NAME}}
_CONFIG_MAP = {"name": NAME, "configMap": {"name": NAME}}
_SCRATCH = {"name": NAME, "emptyDir": {"sizeLimit": BYTES}}
_NO_RIGHTS = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_NO_ROOT = {
    "runAsNonRoot": True,
    "runAsUser": int,
    "fsGroup?": int,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_SERVER = {
    "name": NAME,
    "image": IMAGE,
    "command": ["tensorflow_model_server"],
    "args": [str],
    "ports": [{"name": NAME, "containerPort": int}],
    "startupProbe": _STATUS_PROBE,
    # What shares the threads of the requests would fail under load.
    "readinessProbe": _PORT_PROBE,
    "livenessProbe": _PORT_PROBE,
    "lifecycle": {"preStop": {"exec": {"command": [str]}}},
    "resources": RESOURCES,
    "securityContext": _NO_RIGHTS,
    "volumeMounts": [_MOUNT],
}
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": METADATA,
    # `replicas` would undo, at each apply, what the autoscaler has set.
    "spec": {
        "selector": {"matchLabels": TEXTS},
        "strategy?": {"rollingUpdate": {"maxUnavailable?": int, "maxSurge?": int}},
        "template": {
            "metadata": {"labels": TEXTS, "annotations?": TEXTS},
            "spec": {
                "automountServiceAccountToken": False,
                "securityContext": _NO_ROOT,
                "containers": [_SERVER],
                "volumes": [(_CLAIM, _CONFIG_MAP, _SCRATCH)],
            },
        },
    },
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": METADATA,
    "spec": {
        "clusterIP?": "None",
        "selector": TEXTS,
        "ports": [{"name": NAME, "port": int, "targetPort": NAME}],
    },
}
AUTOSCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": METADATA,
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME},
        "minReplicas": int,
        "maxReplicas": int,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": int},
                },
            }
        ],
    },
}
DISRUPTION_BUDGET = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": METADATA,
    "spec": {"minAvailable": int, "selector": {"matchLabels": TEXTS}},
}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": METADATA,
    "spec": {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": BYTES}},
    },
}
LOADER = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": METADATA,
    "spec": {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": _NO_ROOT,
        "containers": [
            {
                "name": NAME,
                "image": IMAGE,
                "command": [str],
                "resources": RESOURCES,
                "securityContext": _NO_RIGHTS,
                "volumeMounts": [_MOUNT],
            }
        ],
        "volumes": [_CLAIM],
    },
}
KUSTOMIZATION = {
    "apiVersion": "kustomize.config.k8s.io/v1beta1",
    "kind": "Kustomization",
    "resources": [str],
    "configMapGenerator": [{"name": NAME, "files": [str]}],
    "generatorOptions": {"disableNameSuffixHash": bool},
}
INFERENCE_SERVICE = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": METADATA,
    "spec": {
        "predictor": {
            "minReplicas": int,
            "maxReplicas": int,
            "scaleMetric": re.compile("cpu|memory|concurrency|rps"),
            "scaleTarget": int,
            "model": {
                "modelFormat": {"name": "tensorflow", "version": re.compile("[12]")},
                "runtime": "kserve-tensorflow-serving",
                "runtimeVersion": re.compile(r"\d+\.\d+\.\d+"),
                "protocolVersion": re.compile("v1|grpc-v1"),
                "storageUri": re.compile(r"pvc://[a-z0-9-]+(/.+)?"),
                "resources": RESOURCES,
            },
        }
    },
}


def check(value, shape, place: str = "") -> None:
    """Compares a document with a shape; see the module.

    A tuple of shapes stands for any one of them.

    Raises:
        ValueError: at the first difference, naming its place.
    """
    if isinstance(shape, tuple):
        errors = []
        for one in shape:
            try:
                return check(value, one, place)
            except ValueError as error:
                errors.append(str(error))
        raise ValueError("; or ".join(errors))
    if isinstance(shape, dict):
        _check_mapping(value, shape, place)
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            raise ValueError(f"{place}: expected a list; got {value!r}")
        for i, one in enumerate(value):
            check(one, shape[0], f"{place}[{i}]")
    elif isinstance(shape, type):
        # YAML's true is not a number, though Python's True is an int.
        if type(value) is not shape:
            raise ValueError(f"{place}: expected {shape.__name__}; got {value!r}")
    elif isinstance(shape, re.Pattern):
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise ValueError(f"{place}: expected {shape.pattern}; got {value!r}")
    elif type(value) is not type(shape) or value != shape:
        raise ValueError(f"{place}: expected {shape!r}; got {value!r}")


def _check_mapping(value, shape: dict, place: str) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{place}: expected a mapping; got {value!r}")
    if str in shape:
        for key, one in value.items():
            check(key, str, place)
            check(one, shape[str], f"{place}.{key}")
        return
    known = {key.removesuffix("?"): one for key, one in shape.items()}
    unknown = value.keys() - known.keys()
    missing = {key for key in shape if not key.endswith("?")} - value.keys()
    if unknown or missing:
        raise ValueError(
            f"{place}: expected {sorted(known)}; got {sorted(value)}, "
            f"unknown {sorted(unknown)}, missing {sorted(missing)}"
        )
    for key, one in value.items():
        check(one, known[key], f"{place}.{key}")
