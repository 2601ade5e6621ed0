"""Whether and where the server shows its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.server.batching.text_proto import message_class, read_text_proto

_DEFAULT_PATH = "/monitoring/prometheus/metrics"
_SCHEMA = {
    "MonitoringConfig": {"prometheus_config": "PrometheusConfig"},
    "PrometheusConfig": {"enable": "bool", "path": "string"},
}


@dataclass(frozen=True)
class MonitoringConfig:
    """The fields of TF-Serving's `monitoring.config`.

    Attributes:
        enable: Whether Prometheus' text is served.
        path: Its path on the REST port.

    Raises:
        InputError: On construction, if the path is not one.
    """

    enable: bool = False
    path: str = _DEFAULT_PATH

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise InputError(
                f"expected a path that begins with / for the metrics; got {self.path!r}"
            )
        if self.path.lower().startswith("/v1/"):
            raise InputError(
                "expected a path for the metrics outside of /v1/, where the models "
                f"are; got {self.path!r}"
            )

    @classmethod
    def from_file(cls, path: str | Path) -> MonitoringConfig:
        """Reads a file such as TF-Serving's flag `--monitoring_config_file` takes.

        Args:
            path: A text proto.

        Returns:
            The configuration; metrics are off unless the file turns them on.

        Raises:
            InputError: If the file cannot be read, has a field that is not
                known here, or a path that cannot be used.
        """
        message = message_class("MonitoringConfig", _SCHEMA)()
        read_text_proto(path, message, "a monitoring configuration")
        config = message.prometheus_config
        try:
            return cls(config.enable, config.path or _DEFAULT_PATH)
        except InputError as error:
            raise InputError(f"{error} in {path}") from error
