"""The gRPC side of the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health import aio as health
from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

from wish_tf.errors import InputError
from wish_tf.server.bearer_token import BearerToken
from wish_tf.server.grpc_services import ModelService, PredictionService
from wish_tf.server.model_manager import ModelManager
from wish_tf.server.predictor import Predictor
from wish_tf.server.server_options import ServerOptions, url_host


class GrpcServer:
    """Listens from the start; answers once it has the models.

    It has an event loop in a thread of its own. There, calls are answered that need no
    thread: status and health never wait behind runs of a model.

    Attributes:
        port: Port it listens on.
    """

    def __init__(self, options: ServerOptions) -> None:
        """Takes the port, a free one for 0.

        Raises:
            InputError: If the port cannot be had.
        """
        self._executor = ThreadPoolExecutor(options.grpc_max_threads, "grpc")
        self._health = health.HealthServicer()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="grpc-loop", daemon=True
        )
        self._thread.start()
        try:
            self.port = self._do(self._listen(options))
        except RuntimeError as error:
            self._end()
            raise InputError(
                f"expected to listen on {options.host} port {options.port} (gRPC); got "
                "a port that is in use or is not this user's"
            ) from error

    def start(self, manager: ModelManager, predictor: Predictor) -> None:
        """Answers calls from now on."""
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            PredictionService(manager, predictor, self._executor), self._server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            ModelService(manager), self._server
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        self._do(self._server.start())

    def stop(self, grace_seconds: float) -> None:
        """Takes no more calls and waits so long for those under way, then ends them."""
        self._do(self._health.enter_graceful_shutdown())
        self._do(self._server.stop(grace_seconds))
        self._end()

    async def _listen(self, options: ServerOptions) -> int:
        token, tls, limits = options.token, options.tls, options.limits
        self._server = grpc.aio.server(
            interceptors=[_TokenInterceptor(token)] if token else [],
            options=[
                # Or a second server could take the same port unnoticed.
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", limits.max_body_bytes),
                ("grpc.max_send_message_length", -1),
                # Or a connection whose other end is gone without a word stays.
                ("grpc.keepalive_time_ms", limits.receive_timeout_in_ms),
                ("grpc.keepalive_timeout_ms", limits.receive_timeout_in_ms),
                ("grpc.server_handshake_timeout_ms", limits.receive_timeout_in_ms),
            ],
        )
        address = f"{url_host(options.host)}:{options.port}"
        if tls is None:
            return self._server.add_insecure_port(address)
        pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
        credentials = grpc.ssl_server_credentials([pair])
        return self._server.add_secure_port(address, credentials)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine in the loop's thread and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._executor.shutdown(wait=False, cancel_futures=True)


class _TokenInterceptor(grpc.aio.ServerInterceptor):
    """Ends calls without the token with UNAUTHENTICATED."""

    def __init__(self, token: BearerToken) -> None:
        self._token = token
        self._refusal = grpc.unary_unary_rpc_method_handler(_refuse)

    async def intercept_service(
        self,
        continuation: Callable[[Any], Awaitable[grpc.RpcMethodHandler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Lets the call through or refuses it."""
        metadata = dict(handler_call_details.invocation_metadata)
        if self._token.accepts(metadata.get("authorization")):
            return await continuation(handler_call_details)
        return self._refusal


async def _refuse(request: bytes, context: grpc.aio.ServicerContext) -> None:
    await context.abort(
        grpc.StatusCode.UNAUTHENTICATED,
        "Expected a valid bearer token in the authorization metadata",
    )
