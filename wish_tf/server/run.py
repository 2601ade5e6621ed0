"""Runs the server in the foreground."""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from wish_tf.errors import InputError
from wish_tf.server.grpc_server import GrpcServer
from wish_tf.server.http_server import HttpServer
from wish_tf.server.metrics import ServerMetrics
from wish_tf.server.model_manager import ModelManager, ModelWatcher
from wish_tf.server.page import Page
from wish_tf.server.predictor import Predictor
from wish_tf.server.rest_app import RestApp
from wish_tf.server.rest_handler import RestHandler
from wish_tf.server.servable import load_servable
from wish_tf.server.server_options import ServerOptions, url_host

_logger = logging.getLogger("wish_tf.server")
_SHUTDOWN_SECONDS = 30  # as long as a run of the model may take


def run_server(options: ServerOptions) -> None:
    """Serves models by REST and gRPC until SIGINT or SIGTERM.

    Logs one line per model and protocol, to the logger `wish_tf.server`, when it
    is ready.

    Args:
        options: What to serve, and how.

    Raises:
        InputError: If a port cannot be had or a model cannot be loaded.
    """
    with contextlib.ExitStack() as stack:
        # The ports are taken before the models are loaded, which may take long.
        listener = stack.enter_context(_bind(options.host, options.rest_api_port))
        grpc_server = GrpcServer(options) if options.port else None
        _show_info(_logger)
        # What has been imported stays: the collector need not go through it, now
        # after each unloading and again and again under load.
        gc.collect()
        gc.freeze()
        configs = options.read_configs()
        predictor = Predictor(options.limits, ServerMetrics())
        manager = ModelManager(
            configs,
            functools.partial(load_servable, options, predictor.metrics),
            options.allow_version_labels_for_unavailable_models,
        )
        stack.callback(manager.close)
        batching, page = options.batching, None
        if options.enable_page:
            page = Page(
                manager,
                predictor,
                indexes=options.indexes,
                needs_token=options.token is not None,
                hosts=(options.host, *options.allowed_hosts),
                max_batch_size=batching.max_batch_size if batching else None,
            )
        stack.enter_context(ModelWatcher(manager, options))
        scheme = "https" if options.tls else "http"
        url = f"{scheme}://{url_host(options.host)}:{listener.getsockname()[1]}"
        ready = [f"{url}/v1/models/{config.name}" for config in configs]
        if grpc_server is not None:
            grpc_server.start(manager, predictor)
            stack.callback(grpc_server.stop, _SHUTDOWN_SECONDS)
            ready.insert(0, f"gRPC on {options.host} port {grpc_server.port}")
        if page is not None:
            ready.append(f"the page at {url}/")

        def tell() -> None:
            for what in ready:
                _logger.info("Serving %s", what)

        executor = ThreadPoolExecutor(options.rest_api_num_threads, "rest")
        app = RestApp(RestHandler(manager, predictor, executor), options, page)
        server = HttpServer(app, options)
        with _stopped_by_signals(server):
            server.run(listener, tell, _SHUTDOWN_SECONDS)


def _bind(host: str, port: int) -> socket.socket:
    with contextlib.ExitStack() as stack:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError as error:
            raise InputError(
                f"expected to listen on {host} port {port}; got {error.strerror}"
            ) from error
        stack.pop_all()
        return listener


def _show_info(logger: logging.Logger) -> None:
    """Lets the ready line through when the program has not set up logging."""
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())


@contextlib.contextmanager
def _stopped_by_signals(server: HttpServer) -> Iterator[None]:
    """Makes a stop by signal a normal return; a second signal ends the program."""

    def stop(*_: object) -> None:
        restore()
        server.stop()

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    numbers = (signal.SIGINT, signal.SIGTERM)
    previous = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        restore()
