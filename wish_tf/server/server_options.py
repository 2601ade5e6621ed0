"""All that a server is told when it starts."""

from __future__ import annotations

import dataclasses
import ssl
from pathlib import Path

from wish_tf.errors import InputError
from wish_tf.server.batching_parameters import BatchingParameters
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.limits import Limits
from wish_tf.server.metrics import MonitoringConfig
from wish_tf.server.model_config import ModelConfig, read_model_config_file

_MAX_PORT = 65535


@dataclasses.dataclass(frozen=True)
class TlsFiles:
    """PEM files that belong together; checked when made.

    Attributes:
        certificate: Certificate, or the chain with the server's own first.
        key: Its private key, not encrypted.
    """

    certificate: Path
    key: Path

    def __post_init__(self) -> None:
        self.context()

    def context(self) -> ssl.SSLContext:
        """What a server needs of them.

        Raises:
            InputError: If they cannot be used.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # An encrypted key must not stop the server to ask for a password.
            context.load_cert_chain(self.certificate, self.key, password="")
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                f"expected a PEM certificate and its key; got {self.certificate} and "
                f"{self.key}, which cannot be used: {reason}"
            ) from error
        return context


def url_host(host: str) -> str:
    """Returns a host as it stands before a port."""
    return f"[{host}]" if ":" in host else host


def default_batching(max_batch_size: int) -> BatchingParameters:
    """How calls are merged when nobody says how.

    Nothing waits for others, so that an idle server is as quick as without; what
    comes while it is busy is merged. Large calls are run in pieces, between the
    small ones.

    Args:
        max_batch_size: Most rows of a call.
    """
    return BatchingParameters(
        max_batch_size=max_batch_size,
        max_enqueued_batches=1_000,
        enable_large_batch_splitting=True,
        max_execution_batch_size=min(256, max_batch_size),
    )


@dataclasses.dataclass(frozen=True)
class ServerOptions:
    """Named as TF-Serving's flags where it has such a flag.

    The flags of `wish-tf serve` are made of these attributes and of those of `Limits`,
    with what is said of them here.

    Attributes:
        model: The one model to serve; or give `model_config_file`.
        model_config_file: Text proto that names several models to serve, their
            versions and labels.
        model_config_file_poll_wait_seconds: Time between readings of that file,
            seconds; 0: only at the start.
        file_system_poll_wait_seconds: Time between looks for new versions,
            seconds; 0: only at the start.
        allow_version_labels_for_unavailable_models: Whether a new label may point
            to a version that is not available.
        enable_model_warmup: Whether to run the requests in
            assets.extra/tf_serving_warmup_requests of a new version.
        host: Address to listen on.
        port: Port for gRPC; 0: no gRPC.
        rest_api_port: Port for REST; 0: any free one (see the log line).
        rest_api_num_threads: Most REST requests that are run by themselves, read or
            written at a time; those that are merged or small need no thread.
        grpc_max_threads: The same for gRPC.
        rest_api_enable_cors_support: Whether REST responses carry CORS headers.
        enable_page: Whether there is a web page at /.
        limits: What a request may cost.
        batching: When and how calls are merged; None: each is run by itself
            (the command `wish-tf serve` has `default_batching`).
        monitoring: Whether and where the metrics are shown.
        token: What clients have to show, if anything.
        tls: Certificate and key for REST and gRPC; None: no TLS.
        allowed_hosts: Names under which the page may be asked for, besides
            `localhost`, `host` and IP addresses; not needed with a token.
        indexes: What the page shows documents of: files of `wish-tf index`.
    """

    model: ModelConfig | None = None
    model_config_file: Path | None = None
    model_config_file_poll_wait_seconds: float = 0
    file_system_poll_wait_seconds: float = 1
    allow_version_labels_for_unavailable_models: bool = False
    enable_model_warmup: bool = True
    host: str = "127.0.0.1"
    port: int = 8500
    rest_api_port: int = 8501
    rest_api_num_threads: int = 64
    grpc_max_threads: int = 64
    rest_api_enable_cors_support: bool = False
    enable_page: bool = True
    limits: Limits = dataclasses.field(default_factory=Limits)
    batching: BatchingParameters | None = None
    monitoring: MonitoringConfig = dataclasses.field(default_factory=MonitoringConfig)
    token: BearerToken | None = None
    tls: TlsFiles | None = None
    allowed_hosts: tuple[str, ...] = ()
    indexes: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if (self.model is None) == (self.model_config_file is None):
            raise InputError(
                "expected either a model or a model config file; got "
                f"{'neither' if self.model is None else 'both'}"
            )
        if self.indexes and not self.enable_page:
            raise InputError("expected --enable_page with --index; got it turned off")
        for port in (self.port, self.rest_api_port):
            if not 0 <= port <= _MAX_PORT:
                raise InputError(f"expected a port from 0 to {_MAX_PORT}; got {port}")
        if self.port and self.port == self.rest_api_port:
            raise InputError(
                f"expected two ports for gRPC and REST; got {self.port} for both"
            )
        for name in ("rest_api_num_threads", "grpc_max_threads"):
            if getattr(self, name) < 1:
                raise InputError(
                    f"expected at least 1 as {name}; got {getattr(self, name)}"
                )

    def read_configs(self) -> list[ModelConfig]:
        """The models to serve at the start.

        Raises:
            InputError: If the configuration file cannot be used.
        """
        if self.model is not None:
            return [self.model]
        assert self.model_config_file is not None, "one of them is given"
        return read_model_config_file(self.model_config_file)
