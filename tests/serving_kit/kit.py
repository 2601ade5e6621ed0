"""Reads the files of serving/, strictly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SERVING = ROOT / "serving"

# Every flag of tensorflow_model_server 2.20, with what it takes.
FLAGS: dict[str, type] = {
    "port": int,
    "grpc_socket_path": str,
    "rest_api_port": int,
    "rest_api_num_threads": int,
    "rest_api_timeout_in_ms": int,
    "rest_api_enable_cors_support": bool,
    "enable_batching": bool,
    "batching_parameters_file": str,
    "enable_per_model_batching_parameters": bool,
    "model_config_file": str,
    "model_config_file_poll_wait_seconds": int,
    "model_name": str,
    "model_base_path": str,
    "num_load_threads": int,
    "num_unload_threads": int,
    "max_num_load_retries": int,
    "load_retry_interval_micros": int,
    "file_system_poll_wait_seconds": int,
    "flush_filesystem_caches": bool,
    "tensorflow_session_parallelism": int,
    "tensorflow_session_config_file": str,
    "tensorflow_intra_op_parallelism": int,
    "tensorflow_inter_op_parallelism": int,
    "use_alts_credentials": bool,
    "ssl_config_file": str,
    "platform_config_file": str,
    "per_process_gpu_memory_fraction": float,
    "saved_model_tags": str,
    "grpc_channel_arguments": str,
    "grpc_max_threads": int,
    "enable_model_warmup": bool,
    "num_request_iterations_for_warmup": int,
    "version": bool,
    "monitoring_config_file": str,
    "remove_unused_fields_from_bundle_metagraph": bool,
    "prefer_tflite_model": bool,
    "num_tflite_pools": int,
    "num_tflite_interpreters_per_pool": int,
    "enable_signature_method_name_check": bool,
    "xla_cpu_compilation_enabled": bool,
    "xla_gpu_compilation_enabled": bool,
    "enable_profiler": bool,
    "thread_pool_factory_config_file": str,
    "mixed_precision": str,
    "skip_initialize_tpu": bool,
    "enable_grpc_healthcheck_service": bool,
    "enable_serialization_as_tensor_content": bool,
    "allow_version_labels_for_unavailable_models": bool,
}


class _StrictLoader(yaml.SafeLoader):
    """YAML in which no key comes twice; PyYAML would keep the last."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise ValueError(f"expected each key once; got {keys}{node.start_mark}")
        return super().construct_mapping(node, deep)


def read_yaml(name: str):
    """Returns the one document of a YAML file below serving/."""
    return parse_yaml((SERVING / name).read_text("utf-8"))


def parse_yaml(text: str):
    """Returns the one document of a YAML text."""
    return yaml.load(text, _StrictLoader)


def read_flags(arguments: Sequence[str]) -> dict[str, int | float | bool | str]:
    """Returns TF-Serving's flags as name and value.

    Raises:
        ValueError: for a flag that TF-Serving has not, that comes twice, or whose
            value it would not take.
    """
    values: dict[str, int | float | bool | str] = {}
    for argument in arguments:
        name, sign, text = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or name not in FLAGS:
            raise ValueError(f"expected a flag of TF-Serving; got {argument!r}")
        if name in values:
            raise ValueError(f"expected --{name} once; got it again")
        kind = FLAGS[name]
        if kind is bool:
            if sign and text not in ("true", "false"):
                raise ValueError(f"expected true or false; got {argument!r}")
            values[name] = text != "false"
        elif not text:
            raise ValueError(f"expected a value; got {argument!r}")
        else:
            values[name] = kind(text)
    return values
