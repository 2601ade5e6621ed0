"""The gRPC side of the server."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import grpc
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

from wish_tf.errors import InputError
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.limits import Limits
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.model_service import ModelService
from wish_tf.server.prediction_service import PredictionService
from wish_tf.server.predictor import Predictor
from wish_tf.server.tls_files import TlsFiles
from wish_tf.server.token_interceptor import TokenInterceptor


class GrpcServer:
    """Listens from the start; answers once it has the models.

    Attributes:
        port: Port it listens on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        limits: Limits,
        *,
        threads: int,
        token: BearerToken | None,
        tls: TlsFiles | None,
    ) -> None:
        """Takes the port.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one.
            limits: What a request may cost.
            threads: How many calls are answered at the same time.
            token: What clients have to show, if anything.
            tls: Certificate and key, if the connection is to be secure.

        Raises:
            InputError: If the port cannot be had.
        """
        self._server = grpc.server(
            ThreadPoolExecutor(threads, "grpc"),
            interceptors=[TokenInterceptor(token)] if token else [],
            options=[
                # Or a second server could take the same port unnoticed.
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", limits.max_body_bytes),
                ("grpc.max_send_message_length", -1),
            ],
        )
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if tls is None:
                self.port = self._server.add_insecure_port(address)
            else:
                pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
                credentials = grpc.ssl_server_credentials([pair])
                self.port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise InputError(
                f"expected to listen on {host} port {port} (gRPC); got: "
                f"{_reason(host, port)}"
            ) from error

    def start(self, manager: ModelManager, predictor: Predictor) -> None:
        """Answers calls from now on.

        Args:
            manager: The models.
            predictor: What runs and counts the requests.
        """
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(manager, predictor), self._server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            ModelService(manager), self._server
        )
        self._server.start()

    def stop(self, grace_seconds: float) -> None:
        """Takes no more calls and waits for those under way.

        Args:
            grace_seconds: Longest time to wait, seconds; then calls are ended.
        """
        self._server.stop(grace_seconds).wait()


def _reason(host: str, port: int) -> str:
    """Returns why a port cannot be had, which gRPC itself only logs."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as one:
            one.bind(address)
    except OSError as error:
        return error.strerror or str(error)
    return "a failure of gRPC"
